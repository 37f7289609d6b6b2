/**
 * What a promise brings, or a rejection if that takes too long.
 * @template T
 * @param {number} milliseconds
 * @param {Promise<T>} promise
 */
export const within = (milliseconds, promise) => {
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => setTimeout(reject, milliseconds, new Error("It took too long.")));
  return Promise.race([promise, late]);
};
