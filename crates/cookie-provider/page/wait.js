// How long a chat waits for its session.

/**
 * Milliseconds, unless the page says otherwise: a bridge that can be reached answers in a fraction of it, even over a slow network, and a visitor who
 * misses the chat for longer takes it for broken.
 */
const WAIT = 2000;
const MAX_WAIT = 600_000;

/**
 * What the promise resolves with, but no later than after so many milliseconds; nothing if it rejects or takes longer. The time begins when the page
 * is shown: a page that is prerendered cannot reach the bridge.
 * @template Result
 * @param {Promise<Result>} promise
 * @param {unknown} wait
 * @returns {Promise<Result | undefined>}
 */
export const within = (promise, wait) =>
  new Promise((resolve) => {
    const milliseconds = typeof wait === "number" && wait >= 0 && wait <= MAX_WAIT ? wait : WAIT;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const start = () => {
      timer = setTimeout(resolve, milliseconds);
    };
    /** @param {Result} [result] */
    const end = (result) => {
      clearTimeout(timer);
      document.removeEventListener("prerenderingchange", start);
      resolve(result);
    };
    if (/** @type {any} */ (document).prerendering) document.addEventListener("prerenderingchange", start, { once: true });
    else start();
    promise.then(end, () => end());
  });
