// Questions to the bridge server.
import { originOf } from "./origin.js";

export class Store {
  #tell;
  #name;
  #server;
  #reference;
  #maxAge;
  /** @type {Promise<void>} */
  #before = Promise.resolve();

  /**
   * @param {unknown} name
   * @param {CookieBridgeOptions} options
   * @param {import("./tell.js").Tell} tell
   */
  constructor(name, { server, reference, maxAge }, tell) {
    this.#tell = tell;
    this.#name = name;
    this.#server = server;
    this.#reference = reference;
    this.#maxAge = maxAge;
  }

  /**
   * Sends nothing that the page did not pass. The body is sent as text, which needs no preflight, so that it also gets through while the page is
   * being left.
   * @param {string} path
   * @param {object} body
   * @param {boolean} [keepalive]
   */
  post(path, body, keepalive) {
    const text = JSON.stringify({ name: this.#name, ...body });
    return fetch(new URL(path, this.#server), { method: "POST", body: text, keepalive, credentials: "omit" });
  }

  /**
   * One question after another, so that a load finds what was saved before it.
   * @param {{ kind: string, id: number, value?: string, since?: number }} request
   */
  ask({ kind, id, value, since }) {
    this.#before = this.#before.then(async () => {
      let isOk = false;
      let data;
      try {
        const age = since === undefined ? 0 : Date.now() - since;
        const signed = typeof this.#reference === "function" ? await this.#reference() : this.#reference;
        const response = await this.post("session/" + kind, { reference: signed, value, age, maxAge: this.#maxAge });
        data = await response.json();
        // JSON that is no object is no answer.
        isOk = response.ok && data !== null && typeof data === "object";
      } catch {
        // There is no answer.
      }
      this.#tell("store-answered", { id, isOk, data });
    });
  }

  warnOfConnectSrc() {
    const origin = originOf(this.#server);
    console.warn("Cookie Bridge: add " + origin + " to connect-src of this page's Content-Security-Policy.");
  }
}
