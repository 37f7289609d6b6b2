// The promises of the page's calls, by the numbers under which the core knows them.
import { failure } from "./failure.js";

/** @param {(event: string, call: number) => void} stopTimer */
export const createCalls = (stopTimer) => {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void, begin: (call: number) => void }>} */
  const promises = new Map();
  let last = 0;

  /**
   * The promise of a call that ends.
   * @param {number} id
   */
  const end = (id) => {
    const promise = promises.get(id);
    promises.delete(id);
    stopTimer("expired", id);
    return promise;
  };

  return {
    /**
     * @param {(call: number) => void} begin takes the call's number to the core
     * @returns {Promise<any>}
     */
    make: (begin) =>
      new Promise((resolve, reject) => {
        promises.set(++last, { resolve, reject, begin });
        begin(last);
      }),

    /** @param {{ id: number }} call */
    repeat({ id }) {
      promises.get(id)?.begin(id);
    },

    /** @param {{ id: number, result: unknown }} call */
    settle({ id, result }) {
      end(id)?.resolve(result);
    },

    /** @param {{ id?: number, code: string, message: string }} call */
    fail({ id, code, message }) {
      end(/** @type {number} */ (id))?.reject(failure(code, message));
    },
  };
};
