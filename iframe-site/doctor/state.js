// @ts-check

/** @typedef {import("./checks/headers.js").HeadersVerdict} HeadersVerdict */
/** @typedef {import("./bridge-page.js").BridgePage} BridgePage */
/** @typedef {import("./finding.js").Finding} Finding */
/** @typedef {import("./place.js").Place} Place */

/**
 * What is known so far, for the checks and for the summary. `undefined` stands for "not known".
 * @typedef {object} State
 * @property {Place} place
 * @property {boolean} hasScript Whether cookie-provider.js has loaded.
 * @property {boolean} needsWasm Whether the bridge was built with WebAssembly.
 * @property {string | undefined} domain The origin whose visitors are in question.
 * @property {string} typed What stands in the field, whether it is an origin or not.
 * @property {CookieBridgeTestResult | undefined} test
 * @property {CookieBridgeVia | undefined} via How a shared jar came to be shared.
 * @property {boolean | undefined} isTrusted Whether the bridge trusts the domain.
 * @property {"works" | "refused" | "failed" | undefined} popup
 * @property {BridgePage | Finding | undefined} arrived iframe.html, or why it could not be read.
 * @property {HeadersVerdict | undefined} headers
 */

/** @typedef {State & { test: CookieBridgeTestResult }} Answering */

/**
 * @param {Place} place
 * @param {{ hasScript: boolean, needsWasm: boolean }} script
 * @returns {State}
 */
export function newState(place, { hasScript, needsWasm }) {
  return {
    place,
    hasScript,
    needsWasm,
    domain: undefined,
    typed: "",
    test: undefined,
    via: undefined,
    isTrusted: undefined,
    popup: undefined,
    arrived: undefined,
    headers: undefined,
  };
}

/**
 * Whether the bridge has answered, so that its jar is known.
 * @param {State} state
 * @returns {state is Answering}
 */
export function isAnswering(state) {
  return state.test !== undefined && state.test.jar !== "unreachable";
}
