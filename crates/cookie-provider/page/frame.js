// The iframe with the bridge page.
import { atGoodMoment } from "./moment.js";
import { createPort } from "./port.js";

/** The page's style may say anything of its iframes. */
const HIDDEN = "display:none!important";
const SHOWN = "border:0;width:100%;height:44px;color-scheme:normal";

/** So long the iframe may hold up the page's `load`, in milliseconds; then twice as long. */
const HOLD = 1000;

/** The same once a bridge's page is in it, which then loads in a moment, unless something in it never ends. */
const HOLD_OF_PAGE = 10_000;

/**
 * Screen readers read an iframe's title.
 * @param {HTMLIFrameElement} iframe
 * @param {string} [button] as the bridge reads it
 */
const name = (iframe, button) => {
  const { label, lang } = JSON.parse(button || "{}") ?? {};
  iframe.title = typeof label === "string" ? label : "Continue your conversation";
  iframe.lang = typeof lang === "string" ? lang : "en";
};

/**
 * Libraries have a `remove` of their own, which throws if there is no parent.
 * @param {HTMLIFrameElement} iframe
 */
const detach = (iframe) => iframe.parentNode?.removeChild(iframe);

/**
 * @param {URL | undefined} url the bridge's; without one, the core inserts nothing
 * @param {import("./tell.js").Tell} tell
 * @param {AbortSignal} signal
 */
export const createFrame = (url, tell, signal) => {
  const port = createPort(url, (data) => tell("message", { data }));
  /** @type {HTMLIFrameElement | undefined} */
  let iframe;
  /** Whether it waits for the moment to be put into the page. */
  let isDue = false;
  let callOff = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /**
   * The elements that came with calls, by the call, each with the button that it is for, as JSON.
   * @type {Map<number, { element: Element, button?: string }>}
   */
  const elements = new Map();
  /**
   * Where it is seen.
   * @type {{ element: Element, button?: string } | undefined}
   */
  let place;

  // Removed with it is also what is removed around it. Only these lists are observed, which hardly ever change, and not all of the page.
  const observer = typeof MutationObserver === "function" ? new MutationObserver(() => look()) : undefined;
  const look = () => {
    observer?.disconnect();
    if (!iframe || isDue) return;
    /** @type {any} */
    let node = iframe;
    while ((node = node.parentNode ?? node.host)) observer?.observe(node, { childList: true });
    if (iframe.isConnected) return;
    clearTimeout(timer);
    tell("frame-gone");
  };

  const innerFrames = () => iframe?.contentWindow?.length ?? 0;

  const remove = () => {
    port.close();
    callOff();
    clearTimeout(timer);
    observer?.disconnect();
    isDue = false;
    const before = iframe;
    iframe = undefined;
    if (before) detach(before);
  };

  /** @param {number} hold */
  const put = (hold) => {
    const frame = /** @type {HTMLIFrameElement} */ (iframe);
    if (!place?.element.isConnected) place = undefined;
    frame.style.cssText = place ? SHOWN : HIDDEN;
    name(frame, place?.button);
    // WebKit then does not have the page's `load` wait for it, as the HTML Standard has it.
    frame.loading = "lazy";
    (place?.element ?? document.body ?? document.documentElement)?.appendChild(frame);
    frame.loading = "eager";
    isDue = false;
    free(hold);
    tell("frame-inserted", { isShown: !!place });
    look();
  };

  /**
   * Lets the page's `load` go that waits for the iframe: with nothing in the page, it comes in a moment.
   * @param {number} hold
   */
  const free = (hold) => {
    if (document.readyState === "complete") return;
    timer = setTimeout(() => {
      if (document.readyState === "loading") free(hold);
      // A bridge's page has a frame in it from its first line on.
      else if (innerFrames() && hold < HOLD_OF_PAGE) free(HOLD_OF_PAGE);
      else insert(2 * hold);
    }, hold);
  };

  /** @param {MessageEvent} event */
  const hear = ({ source, origin, data }) => {
    if (source && source === iframe?.contentWindow) tell("frame-sent", { origin, data });
  };

  /** A new one, because an iframe that is moved is loaded again in any case. */
  const insert = (hold = HOLD) => {
    remove();
    // Each time, because `document.open` removes a window's listeners. One that is there is not added again.
    addEventListener("message", hear, { signal });
    // The page's `load` may have come with that, at which its listeners may do anything.
    if (iframe) return;
    // An SVG document's `createElement` makes no element of HTML.
    iframe = /** @type {HTMLIFrameElement} */ (document.createElementNS("http://www.w3.org/1999/xhtml", "iframe"));
    iframe.src = url?.href ?? "";
    iframe.addEventListener("load", () => {
      clearTimeout(timer);
      tell("frame-loaded");
    });
    isDue = true;
    callOff = atGoodMoment(() => put(hold));
  };

  return {
    insert: () => insert(),
    post: port.post,

    remove() {
      place = undefined;
      remove();
    },

    /**
     * Takes what came with a call as an element; the core decides whether the iframe moves there. Returns whether it is one.
     * @param {number} call
     * @param {unknown} element
     * @param {string} [button]
     */
    offer(call, element, button) {
      try {
        if (!(element instanceof Element)) return false;
        elements.set(call, { element, button });
        return true;
      } catch {
        // A proxy that was revoked.
        return false;
      }
    },

    /** @param {{ id: number }} call */
    mount({ id }) {
      place = elements.get(id);
      insert();
    },

    /** @param {unknown} hello */
    greet(hello) {
      port.greet(iframe?.contentWindow, hello);
    },

    isConnected: () => isDue || (iframe?.isConnected ?? false),
    innerFrames,

    /**
     * Whether there is one of this name: a window has its frames as properties, and shows them to every origin (HTML Standard, 7.2.3.2).
     * @param {string} name
     */
    hasInnerFrame(name) {
      try {
        return !!(/** @type {any} */ (iframe?.contentWindow)?.[name]);
      } catch {
        return false;
      }
    },
  };
};
