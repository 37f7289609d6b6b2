// Links and forms that may lead to another domain.
import { firstCookie } from "../cookies.js";
import { cutStep, withStep } from "./address.js";
import { writeNote } from "./notes.js";
import { toText } from "./seal.js";

/**
 * The link or form that an event is about, if it leads to another origin.
 *
 * An injected link must not smuggle in a hand-over. So a step is cut out of every link, also on pages that offer none and from links within
 * the origin (they may redirect), and before the click: the browser's menu opens a link without one.
 * @param {{ target: EventTarget | null, submitter?: HTMLElement | null, composedPath?: () => EventTarget[] }} event
 */
const linkOf = (event) => {
  const { submitter } = event;
  const target = /** @type {Element} */ (event.composedPath?.()[0] ?? event.target);
  try {
    const link = submitter?.hasAttribute("formaction") ? submitter : target.closest("a[href],area[href],form");
    if (!link) return;
    const key = submitter === link ? "formaction" : link.tagName === "FORM" ? "action" : "href";
    const to = new URL(/** @type {string} */ (link.getAttribute(key)), document.baseURI);
    if (cutStep(to)) link.setAttribute(key, to.href);
    if (to.origin !== location.origin) return { link, key, to };
  } catch {
    // A target without elements above it, or a link without an address.
  }
  return undefined;
};

/**
 * @param {object} session
 * @param {string} session.name
 * @param {boolean} session.mayOffer
 * @param {(origin: string) => boolean} session.offers
 * @param {boolean} session.hasServer
 * @param {import("../store.js").Store} session.store
 * @param {import("../tell.js").Tell} tell
 * @param {AbortSignal} signal
 */
export const watchLinks = ({ name, mayOffer, offers, hasServer, store }, tell, signal) => {
  // Whether the bridge trusts a link's origin must be known before the click.
  /** @param {Parameters<typeof linkOf>[0]} event */
  const near = (event) => {
    const found = linkOf(event);
    if (found && mayOffer) tell("link-near", { origin: found.to.origin });
  };
  const nearAll = () => [...document.links, ...document.forms].forEach((target) => near({ target }));
  addEventListener("load", nearAll, { signal });
  nearAll();

  /** @param {any} event a click or a submit */
  const follow = (event) => {
    const found = linkOf(event);
    if (!found || !mayOffer) return;
    const { link, key, to } = found;
    const isSubmit = event.type === "submit";
    // What a form posts could not be repeated.
    if (isSubmit && (event.submitter?.formMethod || event.target.method) !== "get") return;
    // A click in a form is none on a link.
    if (isSubmit === (key === "href") || !offers(to.origin)) return;
    const nonce = toText(crypto.getRandomValues(new Uint8Array(16)));
    try {
      if (hasServer) store.post("code", { code: nonce, to: to.origin, value: firstCookie(name) }, true).catch(console.warn);
      else writeNote(localStorage, nonce, [to.origin, Date.now()]);
    } catch {
      // Without storage there is nobody to ask; the link works as it is.
      return;
    }
    const before = /** @type {string} */ (link.getAttribute(key));
    const step = hasServer ? ["code", nonce, name] : ["offer", nonce, name, location.pathname + location.search];
    link.setAttribute(key, withStep(to, step));
    // The browser has read it by then, and the page's own scripts find what they wrote.
    setTimeout(() => link.setAttribute(key, before));
  };

  for (const type of ["pointerover", "focusin", "touchstart"]) addEventListener(type, near, { capture: true, passive: true, signal });
  for (const type of ["click", "auxclick", "submit"]) addEventListener(type, follow, { capture: true, signal });
};
