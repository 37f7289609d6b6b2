// The popup with the bridge page.
import { Port } from "./port.js";

/** Milliseconds between two looks whether it is still open: a popup that is closed fires no event. */
const LOOK = 200;

export class Popup {
  #href;
  #tell;
  #port;
  /** @type {Window | undefined} */
  #window;

  /**
   * @param {URL | undefined} url the bridge's
   * @param {import("./tell.js").Tell} tell
   */
  constructor(url, tell) {
    this.#href = url?.href ?? "";
    this.#tell = tell;
    this.#port = new Port(url?.origin ?? "", (data) => tell("popup-message", { data }));
  }

  open() {
    let opened = null;
    try {
      opened = window.open(this.#href, "cookie-bridge", "popup,width=420,height=260");
    } catch {
      // A sandboxed page may open none.
    }
    this.#window = opened ?? undefined;
    if (opened) this.#watch(opened);
    else this.#tell("popup-blocked");
  }

  /** @param {Window} opened */
  #watch(opened) {
    /** @param {MessageEvent} event */
    const hear = ({ source, origin, data }) => {
      if (source === opened) this.#tell("popup-sent", { origin, data });
    };
    addEventListener("message", hear);
    // A popup that looks closed may still be open behind a Cross-Origin-Opener-Policy. To read that header would take a request that a
    // strict policy forbids.
    const timer = setInterval(() => {
      if (this.#window === opened && !opened.closed) return;
      clearInterval(timer);
      removeEventListener("message", hear);
      if (this.#window === opened) this.#tell("popup-closed");
    }, LOOK);
  }

  close() {
    this.#port.close();
    this.#window?.close();
    this.#window = undefined;
  }

  /** @param {unknown} hello */
  greet(hello) {
    if (this.#window) this.#port.greet(this.#window, hello);
  }

  /** @param {unknown} message */
  post(message) {
    this.#port.post(message);
  }
}
