// What a page notes for a later one of its own origin, until that has come or can come no more. Storage may throw: where the browser blocks it,
// there is nothing to hand over either.

import { toJson } from "../json.js";

const PREFIX = "cookie-bridge.";

/** What follows a session's name where a hand-over carries the seconds that are left of its lifetime. No name contains it. */
export const REST = ";max-age";

/** How long a note counts, in milliseconds. */
const MAX_AGE = 60000;

/** A new key of a note: 32 hexadecimal digits. */
export const makeNonce = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Whether a note is neither old nor from the future.
 * @param {number} at
 */
export const isFresh = (at) => at <= Date.now() && at >= Date.now() - MAX_AGE;

/** @param {string} text */
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/**
 * Writes a note, and removes those that nobody has taken in time.
 * @param {Storage} storage
 * @param {string} nonce
 * @param {{ at: number } & Record<string, unknown>} note
 */
export const writeNote = (storage, nonce, note) => {
  for (const key of Object.keys(storage)) if (key.startsWith(PREFIX) && !isFresh(parse(storage[key])?.at)) storage.removeItem(key);
  storage.setItem(PREFIX + nonce, toJson(note));
};

/** Removes all that providers and chats have stored for pages of this origin. */
export const removeNotes = () => {
  for (const kind of /** @type {const} */ (["localStorage", "sessionStorage"]))
    try {
      for (const key of Object.keys(window[kind])) if (/^cookie-bridge[.-]/.test(key)) window[kind].removeItem(key);
    } catch {
      // Where there is no storage, nothing is stored.
    }
};

/**
 * Reads a note, once. Any script of this origin may have written it.
 * @param {"localStorage" | "sessionStorage"} storage
 * @param {string} nonce
 * @returns {unknown} null if there is none
 */
export const takeNote = (storage, nonce) => {
  try {
    const text = window[storage].getItem(PREFIX + nonce);
    window[storage].removeItem(PREFIX + nonce);
    return parse(text ?? "");
  } catch {
    return null;
  }
};
