// The page's listeners, and what the console shows.
import { failure } from "./failure.js";

/**
 * Calls a function of the page's, which may be none, or throw.
 * @param {unknown} listener
 * @param {unknown} detail
 */
export const notify = (listener, detail) => {
  try {
    if (typeof listener === "function") listener(detail);
  } catch (error) {
    console.error(error);
  }
};

export class Events {
  /** @type {Map<string, Set<unknown>>} */
  #listeners = new Map();

  /**
   * @param {string} type
   * @param {unknown} listener
   */
  add(type, listener) {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  /**
   * @param {string} type
   * @param {unknown} listener
   */
  delete(type, listener) {
    this.#listeners.get(type)?.delete(listener);
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  emit(type, detail) {
    for (const listener of this.#listeners.get(type) ?? []) notify(listener, detail);
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  warn(code, message) {
    console.warn(failure(code, message));
  }
}
