// The times that the core waits for.

export class Timers {
  #tell;

  /** @param {import("./tell.js").Tell} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /**
   * @param {number} id the call's
   * @param {number} milliseconds
   */
  call(id, milliseconds) {
    setTimeout(() => this.#tell("expired", { id }), milliseconds);
  }

  /**
   * @param {string} event
   * @param {number} milliseconds
   */
  start(event, milliseconds) {
    setTimeout(() => this.#tell(event), milliseconds);
  }
}
