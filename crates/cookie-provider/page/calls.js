// The promises of the page's calls, by the numbers under which the core knows them.
import { failure } from "./failure.js";

export const createCalls = () => {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  const promises = new Map();
  let last = 0;

  return {
    /**
     * @param {(call: number) => void} begin takes the call's number to the core
     * @returns {Promise<any>}
     */
    make: (begin) =>
      new Promise((resolve, reject) => {
        promises.set(++last, { resolve, reject });
        begin(last);
      }),

    /** @param {{ id: number, result: unknown }} call */
    settle({ id, result }) {
      promises.get(id)?.resolve(result);
      promises.delete(id);
    },

    /** @param {{ id?: number, code: string, message: string }} call */
    fail({ id, code, message }) {
      promises.get(/** @type {number} */ (id))?.reject(failure(code, message));
      promises.delete(/** @type {number} */ (id));
    },
  };
};
