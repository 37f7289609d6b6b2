// @ts-check

import { good } from "../finding.js";
import { isAnswering } from "../state.js";
import { UNANSWERED } from "./bridge.js";

/** @param {import("../state.js").State} state */
export function link(state) {
  if (!isAnswering(state)) return UNANSWERED;
  return good(
    "It needs links, which every browser has, and a return page on each of your domains. It is off until you switch it on.",
    "If you want it, list it in the option access of your pages' CookieProvider: " +
      'access: ["cookie", "storage-access", "popup", "link"].',
  );
}
