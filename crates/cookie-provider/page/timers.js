// The times that the core waits for.

/** @param {import("./tell.js").Tell} tell */
export const createTimers = (tell) => ({
  /**
   * Reports an event later.
   * @param {{ event: string, id: number, after: number }} timer `after` in milliseconds
   */
  start({ event, id, after }) {
    setTimeout(() => tell(event, { id }), after);
  },
});
