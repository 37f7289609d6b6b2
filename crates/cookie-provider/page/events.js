// The page's listeners, and what the console shows.
import { failure } from "./failure.js";

/**
 * Calls a function of the page's, which may be none, or throw.
 * @param {unknown} listener
 * @param {unknown[]} details
 */
export const notify = (listener, ...details) => {
  try {
    if (typeof listener === "function") listener(...details);
  } catch (error) {
    console.error(error);
  }
};

export const createEvents = () => {
  /** @type {Map<string, Set<unknown>>} */
  const listeners = new Map();

  return {
    /**
     * @param {string} type
     * @param {unknown} listener
     */
    add(type, listener) {
      listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
    },

    /**
     * @param {string} type
     * @param {unknown} listener
     */
    delete(type, listener) {
      listeners.get(type)?.delete(listener);
    },

    /** @param {{ type: string, detail: unknown }} event */
    emit({ type, detail }) {
      for (const listener of listeners.get(type) ?? []) notify(listener, detail);
    },

    /** @param {{ code: string, message: string }} error */
    warn({ code, message }) {
      console.warn(failure(code, message));
    },
  };
};
