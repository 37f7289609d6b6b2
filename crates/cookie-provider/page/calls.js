// The promises of the page's calls, by the numbers under which the core knows them.
import { failure } from "./failure.js";

export class Calls {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #promises = new Map();
  #last = 0;

  /**
   * @param {(call: number) => void} begin takes the call's number to the core
   * @returns {Promise<any>}
   */
  make(begin) {
    return new Promise((resolve, reject) => {
      this.#promises.set(++this.#last, { resolve, reject });
      begin(this.#last);
    });
  }

  /**
   * @param {number} call
   * @param {unknown} result
   */
  settle(call, result) {
    this.#promises.get(call)?.resolve(result);
    this.#promises.delete(call);
  }

  /**
   * @param {number} call
   * @param {string} code
   * @param {string} message
   */
  fail(call, code, message) {
    this.#promises.get(call)?.reject(failure(code, message));
    this.#promises.delete(call);
  }
}
