// @ts-check

import { adviceFor, codeOf } from "../advice.js";
import { bad, good, notKnown } from "../finding.js";
import { isAnswering } from "../state.js";
import { UNANSWERED } from "./bridge.js";

/** @typedef {import("../state.js").State} State */

/** While the popup is open. */
export const POPUP_OPEN = notKnown("The window is open…");

/**
 * Before the popup is tried.
 * @param {State} state
 */
export function popup(state) {
  if (!isAnswering(state)) return UNANSWERED;
  return notKnown(
    "A small window of the bridge opens, looks into its jar and closes. Not tried yet.",
    "Press the button. On your pages, continueSession() does the same when the visitor clicks.",
  );
}

/**
 * Opens the popup. Call it inside a click: otherwise browsers block it.
 * @param {CookieProvider} provider
 * @param {State} state
 */
export function tryPopup(provider, { place }) {
  return provider.continueSession().then(({ via }) => popupEnded(via === "popup", place.isEmbedded), popupFailed);
}

/**
 * @param {boolean} works
 * @param {boolean} isEmbedded
 */
export function popupEnded(works, isEmbedded) {
  if (!works) {
    return {
      popup: /** @type {const} */ ("refused"),
      finding: bad("The window opened, but the browser refuses the bridge's cookies even there.", "Allow cookies in this browser."),
    };
  }
  const todo = isEmbedded
    ? "On your pages, call continueSession() when the visitor clicks."
    : "A page of the domain may forbid popups, so try it there as well.";
  return {
    popup: /** @type {const} */ ("works"),
    finding: good("It works: the window opened and could look into the bridge's jar.", todo),
  };
}

/** @param {unknown} error */
export function popupFailed(error) {
  const code = codeOf(error);
  return { popup: /** @type {const} */ ("failed"), finding: bad(`It did not work (${code}).`, adviceFor(code)) };
}
