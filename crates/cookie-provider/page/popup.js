// The popup with the bridge page.
import { createPort } from "./port.js";

/** Milliseconds between two looks whether it is still open: a popup that is closed fires no event. */
const LOOK = 200;

/**
 * @param {URL | undefined} url the bridge's
 * @param {import("./tell.js").Tell} tell
 */
export const createPopup = (url, tell) => {
  const port = createPort(url, (data) => tell("popup-message", { data }));
  /** @type {Window | null | undefined} */
  let popup;
  let unwatch = () => {};
  // A second one takes the place of the first. A frame of the page that had this name would be opened in its place, so nobody can know it.
  const name = "cookie-bridge-" + Math.random();

  /** @param {Window} opened */
  const watch = (opened) => {
    /** @param {MessageEvent} event */
    const hear = ({ source, origin, data }) => {
      if (source === opened) tell("popup-sent", { origin, data });
    };
    addEventListener("message", hear);
    // A popup that looks closed may still be open behind a Cross-Origin-Opener-Policy. To read that header would take a request that a
    // strict policy forbids.
    const timer = setInterval(() => {
      if (!opened.closed) return;
      unwatch();
      tell("popup-closed");
    }, LOOK);
    unwatch = () => {
      clearInterval(timer);
      removeEventListener("message", hear);
    };
  };

  return {
    post: port.post,

    open() {
      unwatch();
      try {
        popup = null;
        popup = window.open(url?.href, name, "popup,width=420,height=260");
      } catch {
        // A sandboxed page may open none.
      }
      if (popup) watch(popup);
      else tell("popup-blocked");
    },

    close() {
      unwatch();
      port.close();
      popup?.close();
      popup = undefined;
    },

    /** @param {unknown} hello */
    greet(hello) {
      port.greet(popup, hello);
    },
  };
};
