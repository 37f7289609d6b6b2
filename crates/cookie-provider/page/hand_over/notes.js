// What a step notes for a later one of this page's own, until that has come or can come no more. Storage may throw: where the browser blocks
// it, there is nothing to hand over either.

const PREFIX = "cookie-bridge.";
/** Milliseconds. */
const MAX_AGE = 60000;

/**
 * The other page's origin, milliseconds since 1970, and this page's private key, if it has made one.
 * @typedef {[origin: string, at: number, key?: JsonWebKey]} Note
 */

/**
 * @param {Storage} storage
 * @param {string} nonce
 * @param {Note} note
 */
export const writeNote = (storage, nonce, note) => {
  for (const key of Object.keys(storage))
    if (key.startsWith(PREFIX) && !(JSON.parse(storage[key])?.[1] > Date.now() - MAX_AGE)) storage.removeItem(key);
  storage.setItem(PREFIX + nonce, JSON.stringify(note));
};

/**
 * Reads a note, once.
 * @param {"localStorage" | "sessionStorage"} storage
 * @param {string} nonce
 * @returns {Note | null}
 */
export const takeNote = (storage, nonce) => {
  try {
    const note = JSON.parse(window[storage].getItem(PREFIX + nonce) ?? "null");
    window[storage].removeItem(PREFIX + nonce);
    return note;
  } catch {
    return null;
  }
};
