// Origins, as the browser serializes them.

/**
 * The origin of an address; empty if it is none.
 * @param {unknown} address
 */
export const originOf = (address) => {
  try {
    return new URL(/** @type {string} */ (address)).origin;
  } catch {
    return "";
  }
};
