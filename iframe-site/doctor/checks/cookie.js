// @ts-check

import { attention, bad, good, notKnown } from "../finding.js";
import { isAnswering } from "../state.js";
import { UNANSWERED } from "./bridge.js";

/** For the ways that depend on the page around the bridge. */
export const ONLY_EMBEDDED = notKnown(
  "This can only be seen from inside a page of the domain.",
  "Open this page there, as described above.",
);

/** @param {import("../state.js").State} state */
export function cookie(state) {
  if (!isAnswering(state)) return UNANSWERED;
  if (!state.place.isEmbedded) return ONLY_EMBEDDED;
  if (state.via === "storage-access") {
    return bad("It does not work here by itself: the jar is shared because of a permission.", "See way 2.");
  }
  if (state.test.jar === "shared") {
    return good(
      "Sessions are saved and loaded without the visitor noticing.",
      "Nothing. Other visitors' browsers may differ, so keep the other ways as well.",
    );
  }
  if (state.test.readable) return attention("Sessions are loaded without a click, but not saved.", "Offer way 2 or 3.");
  return bad(`It does not work here, because the jar is ${state.test.jar}.`, "Offer way 2 or 3.");
}
