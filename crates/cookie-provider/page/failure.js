// What calls reject with.

/**
 * @param {string} code
 * @param {string} message
 */
export const failure = (code, message) => {
  const error = new Error(message);
  // Not assigned: pages may have frozen the prototype, which has a name.
  for (const [key, value] of [
    ["name", "CookieBridgeError"],
    ["code", code],
  ])
    Object.defineProperty(
      error,
      key,
      /** @type {object} */ ({ __proto__: null, value, enumerable: true, writable: true, configurable: true }),
    );
  return /** @type {Error & { code: string }} */ (error);
};
