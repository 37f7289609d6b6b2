// What calls reject with.

/**
 * @param {string} code
 * @param {string} message
 */
export const failure = (code, message) => Object.assign(new Error(message), { name: "CookieBridgeError", code });
