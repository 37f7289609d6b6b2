// JSON of plain data, as the standard has it.

/**
 * Whatever a library has made of it: Prototype.js gives arrays a `toJSON` of their own, which writes an array as a string. Empty for what cannot be
 * written.
 * @param {unknown} data
 */
export const toJson = (data) => {
  try {
    return (
      JSON.stringify(
        data,
        /** @this {Record<string, unknown>} @param {string} key */ function (key) {
          return this[key];
        },
      ) ?? ""
    );
  } catch {
    // A cycle, or a getter that throws.
    return "";
  }
};
