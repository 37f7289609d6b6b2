// @ts-check

import { isList, isProgram, isScript } from "../bridge-page.js";
import { allowsAncestor, allowsInline, allowsWasm, limitsAncestors, readPolicies } from "../csp.js";
import { attention, bad, good, notKnown } from "../finding.js";

/** @typedef {import("../finding.js").Finding} Finding */
/** @typedef {import("../state.js").State} State */

/**
 * @typedef {object} HeadersVerdict
 * @property {Finding} finding
 * @property {boolean} isKeptOut Whether the headers let the domain embed the bridge, but not this page.
 */

/** @param {string} code */
export const unreadable = (code) =>
  notKnown(
    `iframe.html could not be read (${code}).`,
    "Check that iframe.html is next to this page, and that connect-src, if there is one, has 'self'.",
  );

/**
 * @param {import("../bridge-page.js").BridgePage} page
 * @param {Pick<State, "domain" | "needsWasm"> & { place: { origin: string } }} state
 * @returns {HeadersVerdict}
 */
export function judgeHeaders({ headers, scripts }, { domain, needsWasm, place: { origin } }) {
  const policies = readPolicies(headers.get("content-security-policy"));
  const isLimited = limitsAncestors(policies);
  const letsDomain = !domain || allowsAncestor(policies, domain, origin);
  const letsDoctor = allowsAncestor(policies, origin, origin);
  const stopped = scripts.filter((script) => isInlineScript(script) && !allowsInline(policies, script.hashes));
  const problems = [
    stopped.some(isProgram) && scriptStopped("the bridge's script"),
    stopped.some(isList) && scriptStopped("the script with TRUSTED_DOMAINS"),
    needsWasm && !allowsWasm(policies) && WASM_FORBIDDEN,
    !isLimited && unlimited(domain),
    !letsDomain && bad(`Content-Security-Policy does not let ${domain} embed the bridge.`, `Add ${domain} to frame-ancestors.`),
    !letsDoctor && DOCTOR_KEPT_OUT,
    headers.has("x-frame-options") && frameOptions(isLimited),
    cutsPopups(headers.get("cross-origin-opener-policy")) && POPUPS_CUT_OFF,
    forbidsStorageAccess(headers.get("permissions-policy"), origin) && STORAGE_ACCESS_FORBIDDEN,
    !isHtml(headers.get("content-type")) && NOT_HTML,
  ];
  const finding = together(
    problems.filter((problem) => problem !== false),
    letsIsolatedPages(headers) ? "" : ISOLATED,
  );
  return { finding, isKeptOut: letsDomain && !letsDoctor };
}

/** @param {import("../bridge-page.js").Script} script */
const isInlineScript = (script) => script.isInline && isScript(script) && script.hashes.length > 0;

/** @param {string} which */
const scriptStopped = (which) =>
  bad(
    `Content-Security-Policy has not the hash of ${which}, so browsers do not run it.`,
    "Write the headers again with bridge-server check-site: they are older or newer than iframe.html, or something changes the page on its way.",
  );

const ISOLATED =
  "Only if a domain of yours sends Cross-Origin-Embedder-Policy: send Cross-Origin-Embedder-Policy: require-corp and " +
  "Cross-Origin-Resource-Policy: cross-origin with iframe.html.";

/**
 * Whether pages with a Cross-Origin-Embedder-Policy may embed the bridge.
 * @param {Pick<Headers, "get">} headers
 */
const letsIsolatedPages = (headers) =>
  /^(require-corp|credentialless)\s*(;|$)/.test(headers.get("cross-origin-embedder-policy") ?? "") &&
  headers.get("cross-origin-resource-policy") === "cross-origin";

const WASM_FORBIDDEN = bad("Content-Security-Policy keeps the bridge's program from running.", "Add 'wasm-unsafe-eval' to script-src.");
const DOCTOR_KEPT_OUT = attention("Content-Security-Policy does not let this page embed the bridge.", "Add 'self' to frame-ancestors.");
const POPUPS_CUT_OFF = bad(
  "Cross-Origin-Opener-Policy cuts the popup off from the page that opened it.",
  "Remove Cross-Origin-Opener-Policy.",
);
const STORAGE_ACCESS_FORBIDDEN = bad(
  "Permissions-Policy forbids storage access.",
  "Write storage-access=* in it, or nothing about storage-access.",
);
const NOT_HTML = bad("Content-Type is not text/html, so browsers may not show the page.", "Send Content-Type: text/html.");

/** @param {string | undefined} domain */
function unlimited(domain = "https://shop.example") {
  return attention(
    "No Content-Security-Policy limits who may embed the bridge.",
    `Send Content-Security-Policy: frame-ancestors 'self' ${domain} and so on for all trusted domains.`,
  );
}

/**
 * X-Frame-Options, which browsers ignore if there is a frame-ancestors.
 * @param {boolean} isLimited
 */
function frameOptions(isLimited) {
  const found = "X-Frame-Options keeps your domains from embedding the bridge";
  const todo = "Remove X-Frame-Options.";
  return isLimited ? attention(`${found} in old browsers.`, todo) : bad(`${found}.`, todo);
}

/**
 * Whether Cross-Origin-Opener-Policy has a value that means something; any other means the same as none.
 * @param {string | null} value
 */
const cutsPopups = (value) => /^(same-origin|same-origin-allow-popups|noopener-allow-popups)\s*(;|$)/.test(value ?? "");

/**
 * @param {string | null} value Of Permissions-Policy.
 * @param {string} origin
 */
function forbidsStorageAccess(value, origin) {
  const rules = (value ?? "").split(",").map((rule) => rule.trim());
  // If a feature is repeated, the last rule applies.
  const rule = rules.filter((text) => /^storage-access\s*=/.test(text)).pop();
  return rule !== undefined && !["*", "self", `"${origin}"`].some((word) => rule.includes(word));
}

/** @param {string | null} contentType */
const isHtml = (contentType) => /^text\/html\s*(;|$)/i.test(contentType ?? "");

/**
 * One finding of several: as bad as the worst of them.
 * @param {Finding[]} problems
 * @param {string} note
 */
function together(problems, note) {
  const found = problems.map((problem) => problem.found).join(" ");
  const todo = [...problems.map((problem) => problem.todo), note].join(" ").trim();
  if (problems.some(({ status }) => status === "bad")) return bad(found, todo);
  return problems.length > 0 ? attention(found, todo) : good("The headers of iframe.html let the bridge work.", todo);
}
