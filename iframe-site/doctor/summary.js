// @ts-check

import { isAnswering } from "./state.js";

/** @typedef {import("./finding.js").Status} Status */
/** @typedef {import("./state.js").Answering} Answering */
/** @typedef {import("./state.js").State} State */

/** @typedef {readonly [Status, string]} Summary */

/**
 * One sentence of all that was found.
 * @param {State} state
 * @returns {Summary}
 */
export function summarise(state) {
  const nothing = state.place.isEmbedded ? "Nothing can be shared here" : "Nothing can be shared";
  if (!state.hasScript) return ["bad", `${nothing}: cookie-provider.js did not load.`];
  if (!state.test) return ["not known", "Checking…"];
  if (!isAnswering(state)) {
    return state.headers?.isKeptOut
      ? ["not known", "The bridge's own headers keep this page from asking it: see below."]
      : ["bad", `${nothing}: the bridge does not answer (${state.test.code}).`];
  }
  if (state.isTrusted === false) {
    return ["bad", `Nothing can be shared on ${state.domain}: the bridge does not trust it.`];
  }
  return state.place.isEmbedded ? summariseDomain(state) : summariseBridge(state);
}

/** @param {State} state */
const hasBadHeaders = ({ headers }) => headers?.finding.status === "bad";

/**
 * As a page of its own: the bridge on its own site.
 * @param {Answering} state
 * @returns {Summary}
 */
function summariseBridge(state) {
  if (state.test.jar !== "shared") {
    return ["bad", "Nothing can be shared in this browser: it refuses the bridge's own cookies."];
  }
  if (hasBadHeaders(state)) return ["bad", "The bridge answers, but its headers stand in the way: see below."];
  const trust = state.isTrusted ? ` and trusts ${state.domain}` : "";
  const how = "To see what visitors of a domain get, open this page inside one of its pages.";
  return ["not known", `The bridge works${trust}. ${how}`];
}

/**
 * In a page of a domain: what its visitors get.
 * @param {Answering} state
 * @returns {Summary}
 */
function summariseDomain(state) {
  const { test, via, popup } = state;
  const conditions = [];
  if (state.isTrusted === undefined) conditions.push(" if the bridge trusts this domain");
  if (hasBadHeaders(state)) conditions.push(" once the bridge's headers are corrected");
  const ending = conditions.length > 0 ? `,${conditions.join(" and")}.` : ".";
  const status = conditions.length > 0 ? "attention" : "good";
  if (via === "storage-access") {
    return [status, `Sessions are shared here without a click, because of an earlier permission${ending}`];
  }
  if (test.jar === "shared") return [status, `Sessions are shared here without a click${ending}`];
  if (popup === "refused") {
    return ["bad", "Nothing can be shared here: the browser refuses the bridge's cookies everywhere."];
  }
  if (popup === "works") return [status, `Sessions are shared here with one click${ending}`];
  if (test.canContinue && !popup) {
    return ["attention", `Sessions are shared here with one click${ending} Try way 3 to be sure.`];
  }
  if (test.canRequestAccess) {
    return ["attention", `Sessions are shared here after a click on the bridge's button, if the browser grants storage access${ending}`];
  }
  const why = `the cookie jar is ${test.jar}, and the popup did not work`;
  return ["bad", `Nothing can be shared here: ${why}. Only a link is left.`];
}
