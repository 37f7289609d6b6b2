// The iframe with the bridge page.
import { Port } from "./port.js";

export class Frame {
  #href;
  #tell;
  #port;
  /** @type {HTMLIFrameElement | undefined} */
  #iframe;
  /**
   * Where the page wants it to be seen.
   * @type {Element | undefined}
   */
  #place;

  /**
   * @param {URL | undefined} url the bridge's; without one, the core inserts nothing
   * @param {import("./tell.js").Tell} tell
   */
  constructor(url, tell) {
    this.#href = url?.href ?? "";
    this.#tell = tell;
    this.#port = new Port(url?.origin ?? "", (data) => tell("message", { data }));
  }

  /** @param {Element} element */
  placeIn(element) {
    this.#place = element;
  }

  insert() {
    if (!this.#place?.isConnected) this.#place = undefined;
    this.mount();
  }

  /** A new one, because an iframe that is moved is loaded again in any case. */
  mount() {
    this.remove();
    const iframe = (this.#iframe = document.createElement("iframe"));
    iframe.src = this.#href;
    iframe.hidden = !this.#place;
    if (this.#place) iframe.style.cssText = "border:0;width:100%;height:44px;color-scheme:normal";
    iframe.addEventListener("load", () => this.#tell("frame-loaded"));
    // The script may run before there is a body.
    (this.#place ?? document.body ?? document.documentElement).append(iframe);
  }

  remove() {
    this.#port.close();
    this.#iframe?.remove();
    this.#iframe = undefined;
  }

  isConnected() {
    return this.#iframe?.isConnected ?? false;
  }

  innerFrames() {
    return this.#iframe?.contentWindow?.length ?? 0;
  }

  /** @param {unknown} hello */
  greet(hello) {
    // The page may have removed the iframe meanwhile.
    const target = this.#iframe?.contentWindow;
    if (target) this.#port.greet(target, hello);
  }

  /** @param {unknown} message */
  post(message) {
    this.#port.post(message);
  }
}
