// Questions to the bridge server.
import { toJson } from "./json.js";
import { originOf } from "./origin.js";

/** @typedef {ReturnType<typeof createStore>} Store */

/**
 * @param {unknown} name
 * @param {CookieBridgeOptions} options
 * @param {import("./tell.js").Tell} tell
 */
export const createStore = (name, { server, reference }, tell) => {
  /** @type {Promise<void>} */
  let before = Promise.resolve();
  /** The last question that told the server to forget: those before it are not asked any more. */
  let forgotten = 0;

  return {
    /**
     * One question after another, so that a load finds what was saved before it.
     * @param {{ kind: string, id: number, value?: string, since?: number, maxAge?: number, forget?: boolean }} request
     */
    ask({ kind, id, value, since, maxAge, forget }) {
      if (forget) forgotten = id;
      before = before.then(async () => {
        if (id < forgotten) return;
        let isOk = false;
        let data;
        try {
          const age = since === undefined ? 0 : Date.now() - since;
          const signed = typeof reference === "function" ? await reference() : reference;
          // Nothing is sent that the page did not pass. A body of text needs no preflight.
          const response = await fetch(new URL("session/" + kind, server), {
            method: "POST",
            body: toJson({ name, reference: signed, value, age, maxAge, forget }),
            credentials: "omit",
          });
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
