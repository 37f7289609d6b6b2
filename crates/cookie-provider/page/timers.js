// The times that the core waits for. Frameworks count the timers of a page (Zone.js), so none is left of what has ended.

/** @param {import("./tell.js").Tell} tell */
export const createTimers = (tell) => {
  /**
   * By the event and what waits for it.
   * @type {Map<string, ReturnType<typeof setTimeout>>}
   */
  const timers = new Map();
  /**
   * By the event, so that they stay.
   * @type {Map<string, AbortSignal>}
   */
  const clocks = new Map();

  /** @param {string} event @param {number} id */
  const stop = (event, id) => {
    clearTimeout(timers.get(event + id));
    timers.delete(event + id);
  };

  return {
    stop,

    /**
     * Reports an event later, in place of one that was to come before.
     * @param {{ event: string, id: number, after: number }} timer `after` in milliseconds
     */
    start({ event, id, after }) {
      stop(event, id);
      const report = () => {
        timers.delete(event + id);
        tell(event, { id });
      };
      timers.set(event + id, setTimeout(report, after));
    },

    /**
     * The same for what no call waits for: by a clock of the browser's that no framework counts, where there is one.
     * @param {{ event: string, after: number }} timer
     */
    look({ event, after }) {
      const clock = AbortSignal?.timeout?.(after);
      if (clock) {
        clock.addEventListener("abort", () => tell(event));
        clocks.set(event, clock);
      } else setTimeout(() => tell(event), after);
    },
  };
};
