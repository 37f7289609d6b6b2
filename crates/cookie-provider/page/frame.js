// The iframe with the bridge page.
import { createPort } from "./port.js";

/**
 * @param {URL | undefined} url the bridge's; without one, the core inserts nothing
 * @param {import("./tell.js").Tell} tell
 */
export const createFrame = (url, tell) => {
  const port = createPort(url, (data) => tell("message", { data }));
  /** @type {HTMLIFrameElement | undefined} */
  let iframe;
  /**
   * The elements that came with calls, by the call.
   * @type {Map<number, Element>}
   */
  const elements = new Map();
  /**
   * Where it is seen.
   * @type {Element | undefined}
   */
  let place;

  const remove = () => {
    port.close();
    iframe?.remove();
    iframe = undefined;
  };

  /** A new one, because an iframe that is moved is loaded again in any case. */
  const renew = () => {
    remove();
    iframe = document.createElement("iframe");
    iframe.src = url?.href ?? "";
    iframe.hidden = !place;
    if (place) iframe.style.cssText = "border:0;width:100%;height:44px;color-scheme:normal";
    iframe.addEventListener("load", () => tell("frame-loaded"));
    // The script may run before there is a body.
    (place ?? document.body ?? document.documentElement).append(iframe);
  };

  return {
    remove,
    post: port.post,

    /**
     * Takes what came with a call as an element; the core decides whether the iframe moves there. Returns whether it is one.
     * @param {number} call
     * @param {unknown} element
     */
    offer(call, element) {
      try {
        if (!(element instanceof Element)) return false;
        elements.set(call, element);
        return true;
      } catch {
        // A proxy that was revoked.
        return false;
      }
    },

    /** @param {{ id: number }} call */
    mount({ id }) {
      place = elements.get(id);
      renew();
    },

    insert() {
      if (!place?.isConnected) place = undefined;
      renew();
    },

    /** @param {unknown} hello */
    greet(hello) {
      port.greet(iframe?.contentWindow, hello);
    },

    isConnected: () => iframe?.isConnected ?? false,
    innerFrames: () => iframe?.contentWindow?.length ?? 0,
  };
};
