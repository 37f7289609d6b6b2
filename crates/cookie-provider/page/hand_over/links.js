// Links and forms that lead to another origin, and what a click on one takes along. One watcher serves all providers of the page.
import { withPart } from "./address.js";
import { makeNonce, writeNote } from "./notes.js";

/**
 * A provider that may offer its session.
 * @typedef {object} Offerer
 * @property {string} name the session's
 * @property {string} bridge the address of its iframe
 * @property {(origin: string) => void} near the visitor may be about to follow a link to this origin
 * @property {(origin: string, pathAndQuery: string) => boolean} offers whether such a link should carry an offer
 */

/** @type {Set<Offerer>} */
const offerers = new Set();

/** The namespace of an SVG link's address before SVG 2. */
const XLINK = "http://www.w3.org/1999/xlink";

const LINKS = "a,area";
const FORMS = "form,[formaction]";

/**
 * The first of these elements that leads to another origin, with the attribute that says where.
 * @param {Iterable<EventTarget | null | undefined>} path from the inside out
 * @param {string} selector
 */
const find = (path, selector) => {
  try {
    for (const element of path) {
      if (!(element instanceof Element) || !element.matches(selector)) continue;
      const key = element.matches("form") ? "action" : element.matches(LINKS) ? "href" : "formaction";
      const space = element.hasAttribute(key) ? null : XLINK;
      const name = space ? "xlink:" + key : key;
      const address = element.getAttributeNS(space, key);
      if (address === null) continue;
      const to = new URL(address, document.baseURI);
      const set = (/** @type {string} */ changed) => element.setAttributeNS(space, name, changed);
      return /^https?:/.test(to.protocol) && to.origin !== location.origin ? { to, address, set } : undefined;
    }
  } catch {
    // It is no address, or the form has a field with the name of a method.
  }
  return undefined;
};

/** @param {Iterable<EventTarget | null | undefined>} path */
const near = (path) => {
  const found = find(path, LINKS + "," + FORMS);
  if (found) for (const offerer of offerers) offerer.near(found.to.origin);
};

const nearAll = () => {
  for (const element of document.querySelectorAll(LINKS + "," + FORMS)) near([element]);
};

/**
 * Writes the offer into the link for as long as the browser needs to read it: the page's own scripts find what they wrote.
 * @param {NonNullable<ReturnType<typeof find>>} found
 * @param {URLSearchParams} [query] what a form appends
 */
const offer = ({ to, address, set }, query) => {
  const whole = new URL(to);
  if (query) whole.search = query.toString();
  const offering = [...offerers].filter((offerer) => offerer.offers(whole.origin, whole.pathname + whole.search));
  if (!offering[0]) return;
  const names = offering.map(({ name }) => name);
  try {
    const nonce = makeNonce();
    writeNote(window.localStorage, nonce, { to: whole.href, names, at: Date.now(), bridge: offering[0].bridge });
    set(withPart(to, ["offer", nonce, location.origin, ...names].join()));
    setTimeout(() => set(address));
  } catch {
    // Without storage nobody could be asked; the link works as it is.
  }
};

/** @param {Event} event */
const point = (event) => near(event.composedPath());

/** @param {MouseEvent} event */
const click = (event) => {
  // The right button follows no link.
  const found = event.button < 2 && find(event.composedPath(), LINKS);
  if (found) offer(found);
};

/** @param {SubmitEvent} event */
const submit = ({ submitter, target }) => {
  const form = /** @type {HTMLFormElement} */ (target);
  const button = /** @type {HTMLButtonElement | null} */ (submitter);
  // What a form posts could not be repeated.
  if ((button?.formMethod || form.method) !== "get") return;
  const found = find([button?.hasAttribute("formaction") ? button : form], FORMS);
  // The browser appends the fields in the same way.
  if (found) offer(found, new URLSearchParams(/** @type {any} */ (new FormData(form, button))));
};

/**
 * @param {Offerer} offerer
 * @param {AbortSignal} signal ends its part
 */
export const watchLinks = (offerer, signal) => {
  offerers.add(offerer);
  signal.addEventListener("abort", () => offerers.delete(offerer));
  // Whether the bridge trusts a link's origin must be known before the click.
  nearAll();
  if (offerers.size > 1) return;
  addEventListener("load", nearAll);
  for (const type of ["pointerover", "focusin", "touchstart"]) addEventListener(type, point, { capture: true, passive: true });
  addEventListener("click", click, { capture: true });
  addEventListener("auxclick", click, { capture: true });
  addEventListener("submit", submit, { capture: true });
};
