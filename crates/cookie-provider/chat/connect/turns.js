// One thing after another: what comes from another domain may come while the visitor's first message starts a contact.

/** A function that runs tasks in the order of its calls. One that fails does not keep the next from running. */
export const takingTurns = () => {
  /** @type {Promise<unknown>} */
  let turn = Promise.resolve();
  /**
   * @template Result
   * @param {() => Promise<Result>} task
   */
  return (task) => {
    const done = turn.then(task);
    turn = done.catch(() => {});
    return done;
  };
};
