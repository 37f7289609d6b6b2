// @ts-check

import { adviceFor, codeOf } from "../advice.js";
import { bad, good, notKnown } from "../finding.js";
import { isAnswering } from "../state.js";

/** @typedef {import("../state.js").State} State */

/** What is said of all that only the bridge itself can answer, while it does not. */
export const UNANSWERED = notKnown("The bridge has to answer first.", "See “The bridge answers”.");

/**
 * Asks the bridge about its jar.
 * @param {CookieProvider} provider
 * @returns {Promise<Pick<State, "test" | "via">>}
 */
export async function askBridge(provider) {
  try {
    const test = await provider.cookieTest();
    if (test.jar !== "shared") return { test, via: undefined };
    // Only a load reports whether the jar is shared by itself or through an earlier permission.
    const via = await provider.loadCookie().then(
      (loaded) => loaded.via,
      () => undefined,
    );
    return { test, via };
  } catch (error) {
    const code = /** @type {CookieBridgeErrorCode} */ (codeOf(error));
    return { test: { jar: "unreachable", readable: false, canRequestAccess: false, canContinue: false, code }, via: undefined };
  }
}

/** @param {State} state */
export function bridge(state) {
  if (!state.hasScript) {
    return bad(
      "The script cookie-provider.js did not load.",
      "Put it into the same folder as this page, and check that neither an ad blocker nor a header stops it.",
    );
  }
  if (isAnswering(state)) return good("The bridge's page is there and answers.");
  const code = state.test?.code ?? null;
  return bad(`The bridge does not answer (${code}).`, adviceFor(code));
}
