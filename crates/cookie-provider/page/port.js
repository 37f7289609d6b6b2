// One end of a channel to a bridge page, in the iframe or in the popup.

export class Port {
  /** @type {MessagePort | undefined} */
  #port;
  #origin;
  #hear;

  /**
   * @param {string} origin the bridge's
   * @param {(message: unknown) => void} hear
   */
  constructor(origin, hear) {
    this.#origin = origin;
    this.#hear = hear;
  }

  /**
   * Gives the other end of a new channel to a window. Messages of the channel before are heard no more.
   * @param {Window} target
   * @param {unknown} hello
   */
  greet(target, hello) {
    const { port1, port2 } = new MessageChannel();
    this.close();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#hear(data);
    target.postMessage(hello, this.#origin, [port2]);
  }

  /** @param {unknown} message */
  post(message) {
    this.#port?.postMessage(message);
  }

  close() {
    this.#port?.close();
  }
}
