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
   * Where the page wants it to be seen.
   * @type {Element | undefined}
   */
  let place;

  const remove = () => {
    port.close();
    iframe?.remove();
    iframe = undefined;
  };

  /** A new one, because an iframe that is moved is loaded again in any case. */
  const mount = () => {
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
    mount,
    remove,
    post: port.post,

    /** @param {Element} element */
    placeIn(element) {
      place = element;
    },

    insert() {
      if (!place?.isConnected) place = undefined;
      mount();
    },

    /** @param {unknown} hello */
    greet(hello) {
      port.greet(iframe?.contentWindow, hello);
    },

    isConnected: () => iframe?.isConnected ?? false,
    innerFrames: () => iframe?.contentWindow?.length ?? 0,
  };
};
