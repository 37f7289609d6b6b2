// Questions to the bridge server.
import { originOf } from "./origin.js";

/** @typedef {ReturnType<typeof createStore>} Store */

/**
 * @param {unknown} name
 * @param {CookieBridgeOptions} options
 * @param {import("./tell.js").Tell} tell
 */
export const createStore = (name, { server, reference, maxAge }, tell) => {
  /** @type {Promise<void>} */
  let before = Promise.resolve();

  /**
   * Sends nothing that the page did not pass. The body is sent as text, which needs no preflight, so that it also gets through while the page is
   * being left.
   * @param {string} path
   * @param {object} body
   * @param {boolean} [keepalive]
   */
  const post = (path, body, keepalive) =>
    fetch(new URL(path, server), {
      method: "POST",
      body: JSON.stringify({ name, ...body }),
      keepalive,
      credentials: "omit",
    });

  return {
    post,

    /**
     * One question after another, so that a load finds what was saved before it.
     * @param {{ kind: string, id: number, value?: string, since?: number }} request
     */
    ask({ kind, id, value, since }) {
      before = before.then(async () => {
        let isOk = false;
        let data;
        try {
          const age = since === undefined ? 0 : Date.now() - since;
          const signed = typeof reference === "function" ? await reference() : reference;
          const response = await post("session/" + kind, { reference: signed, value, age, maxAge });
          data = await response.json();
          // JSON that is no object is no answer.
          isOk = response.ok && data !== null && typeof data === "object";
        } catch {
          // There is no answer.
        }
        tell("server-answered", { id, isOk, data });
      });
    },

    warnOfConnectSrc() {
      console.warn("Cookie Bridge: add " + originOf(server) + " to connect-src of this page's Content-Security-Policy.");
    },
  };
};
