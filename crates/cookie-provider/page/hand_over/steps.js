// The steps of a hand-over that a page takes: docs/hand-over.md has them in a table.
import { originOf } from "../origin.js";
import { arrived, withStep } from "./address.js";
import { takeNote, writeNote } from "./notes.js";
import { makeKey, seal, unseal } from "./seal.js";

/** Where the step before left its note, if there was one on this page. @type {Record<string, "localStorage" | "sessionStorage">} */
const NOTED_IN = { ask: "localStorage", give: "sessionStorage", code: "sessionStorage" };

export class HandOver {
  #name;
  #tell;
  #store;
  #referrer = "";
  /** @type {import("./notes.js").Note | null} */
  #noted = null;

  /**
   * @param {unknown} name the session's
   * @param {import("../tell.js").Tell} tell
   * @param {import("../store.js").Store} store
   */
  constructor(name, tell, store) {
    this.#name = name;
    this.#tell = tell;
    this.#store = store;
  }

  /** Reports the step that the page's address brought, if it is for this session. */
  arrive() {
    if (arrived?.[2] !== this.#name) return;
    const [step, nonce] = /** @type {string[]} */ (arrived);
    this.#referrer = originOf(document.referrer);
    const storage = NOTED_IN[step];
    this.#noted = storage ? takeNote(storage, nonce) : null;
    const { origin, at } = this.#noted ?? {};
    // Once the page's own script has had the time to listen.
    const referrer = this.#referrer;
    queueMicrotask(() => this.#tell("arrived", { step, referrer, origin, at }));
  }

  /** @param {string} [session] what the link brought, if it could be opened */
  #bring(session) {
    this.#tell("handed-over", { session });
  }

  async ask() {
    const [step, nonce, , path] = arrived ?? [];
    try {
      if (step === "code") {
        const { value, from } = await (await this.#store.post("redeem", { code: nonce })).json();
        const isFromThere = from === this.#referrer && typeof value === "string";
        return this.#bring(isFromThere ? value : undefined);
      }
      const back = new URL(path, this.#referrer);
      const { kept, shown } = await makeKey();
      writeNote(sessionStorage, nonce, { origin: this.#referrer, at: Date.now(), key: kept });
      // The way back is a path of the page that the visitor came from, and nothing else.
      if (back.origin !== this.#referrer) throw back;
      location.replace(withStep(back, ["ask", nonce, String(this.#name), shown, location.href]));
    } catch {
      this.#bring();
    }
  }

  /** @param {string | undefined} session */
  async give(session) {
    const [, nonce, , peer, address] = arrived ?? [];
    try {
      const to = new URL(address);
      // To the page that asked, and nowhere else.
      if (to.origin !== this.#referrer) return;
      if (session === undefined) return location.replace(to.href);
      location.replace(withStep(to, ["give", nonce, String(this.#name), ...(await seal(session, peer))]));
    } catch (cause) {
      console.warn("Cookie Bridge:", cause);
    }
  }

  async open() {
    const [, , , peer, sealed] = arrived ?? [];
    let session;
    try {
      session = await unseal(/** @type {JsonWebKey} */ (this.#noted?.key), peer, sealed);
    } catch {
      // It was not sealed for this page.
    }
    this.#bring(session);
  }
}
