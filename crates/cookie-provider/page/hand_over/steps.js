// The steps of a hand-over that a page takes: docs/hand-over.md has them in a table.
import { originOf } from "../origin.js";
import { arrived, withStep } from "./address.js";
import { takeNote, writeNote } from "./notes.js";
import { makeKey, seal, unseal } from "./seal.js";

/**
 * Where the step before left its note, if there was one on this page.
 * @type {Record<string, "localStorage" | "sessionStorage">}
 */
const NOTED_IN = { ask: "localStorage", give: "sessionStorage", code: "sessionStorage" };

/**
 * @param {unknown} name the session's
 * @param {import("../tell.js").Tell} tell
 * @param {import("../store.js").Store} store
 */
export const createHandOver = (name, tell, store) => {
  const [step, nonce, , peer, last] = arrived && arrived[2] === name ? arrived : [];
  const referrer = originOf(document.referrer);
  /** @type {import("./notes.js").Note | null | undefined} */
  let noted;

  /** @param {string} [session] what the link brought, if it could be opened */
  const bring = (session) => tell("handed-over", { session });

  return {
    /** Reports the step that the page's address brought, if it is for this session. */
    arrive() {
      if (!step) return;
      const storage = NOTED_IN[step];
      noted = storage && takeNote(storage, nonce);
      const [origin, at] = Array.isArray(noted) ? noted : [];
      // Once the page's own script has had the time to listen.
      queueMicrotask(() => tell("arrived", { step, referrer, origin, at }));
    },

    async ask() {
      try {
        if (step === "code") {
          const { value, from } = await (await store.post("redeem", { code: nonce })).json();
          return bring(from === referrer && typeof value === "string" ? value : undefined);
        }
        const back = new URL(peer, referrer);
        const { kept, shown } = await makeKey();
        writeNote(sessionStorage, nonce, [referrer, Date.now(), kept]);
        // The way back is a path of the page that the visitor came from, and nothing else.
        if (back.origin !== referrer) throw back;
        location.replace(withStep(back, ["ask", nonce, String(name), shown, location.href]));
      } catch {
        bring();
      }
    },

    /** @param {{ session?: string }} given */
    async give({ session }) {
      try {
        const to = new URL(last);
        // To the page that asked, and nowhere else.
        if (to.origin !== referrer) return;
        if (session === undefined) return location.replace(to.href);
        location.replace(withStep(to, ["give", nonce, String(name), ...(await seal(session, peer))]));
      } catch (cause) {
        console.warn("Cookie Bridge:", cause);
      }
    },

    async open() {
      let session;
      try {
        session = await unseal(/** @type {JsonWebKey} */ (noted?.[2]), peer, last);
      } catch {
        // It was not sealed for this page.
      }
      bring(session);
    },
  };
};
