// @ts-check

import { attention, bad, good, notKnown } from "../finding.js";
import { isAnswering } from "../state.js";

/** @param {import("../state.js").State} state */
export function jar(state) {
  if (!isAnswering(state)) {
    return bad("unreachable: nothing can be said about the cookie jar.", "See “The bridge answers”.");
  }
  return state.place.isEmbedded ? jarOfDomain(state.test) : jarOfBridge(state.test);
}

/** @param {CookieBridgeTestResult} test */
function jarOfDomain(test) {
  if (test.jar === "shared") return good("shared: what is saved here is seen on your other domains.");
  if (test.readable) {
    return attention(
      "blocked, but readable: sessions of other domains are seen on this domain, none is saved.",
      "Offer the visitor a click: see way 2 and way 3.",
    );
  }
  const meaning = test.jar === "partitioned" ? "is seen only here" : "is discarded by the browser";
  return attention(
    `${test.jar}: what the bridge saves on this domain ${meaning}.`,
    "This is the browser's setting and no mistake of yours. Offer the visitor a click: see way 2 and way 3.",
  );
}

/** @param {CookieBridgeTestResult} test */
function jarOfBridge(test) {
  if (test.jar === "shared") {
    return notKnown(
      "The bridge can keep cookies on its own site. That says nothing about your domains.",
      "Open this page inside a page of the domain, as described above.",
    );
  }
  return bad(
    `${test.jar}: the browser refuses the bridge's cookies even on its own site.`,
    "Allow cookies in this browser. Where all cookies are refused, nothing can be shared.",
  );
}
