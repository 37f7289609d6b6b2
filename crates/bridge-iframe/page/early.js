// Messages that come before the module listens.

/**
 * Keeps them from now on. The function that it returns delivers them, and keeps no more.
 * @returns {() => void}
 */
export const keepMessages = () => {
  /** @type {MessageEvent[]} */
  const kept = [];
  /** @param {MessageEvent} event */
  const keep = (event) => kept.push(event);
  addEventListener("message", keep);
  return () => {
    removeEventListener("message", keep);
    // The event is what the constructor takes: data, origin, source and ports.
    for (const event of kept) dispatchEvent(new MessageEvent("message", /** @type {any} */ (event)));
  };
};
