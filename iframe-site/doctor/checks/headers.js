// @ts-check

import { codeOf } from "../advice.js";
import { allowsAncestor, allowsWasm, limitsAncestors, readPolicies } from "../csp.js";
import { attention, bad, good, notKnown } from "../finding.js";

/** @typedef {import("../finding.js").Finding} Finding */
/** @typedef {import("../state.js").State} State */

/**
 * @typedef {object} HeadersVerdict
 * @property {Finding} finding
 * @property {boolean} isKeptOut Whether the headers let the domain embed the bridge, but not this page.
 */

/**
 * Fetches the headers of iframe.html and judges them.
 * @param {State} state
 * @returns {Promise<HeadersVerdict>}
 */
export async function readHeaders(state) {
  try {
    const response = await fetch("iframe.html", { method: "HEAD", cache: "no-store" });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return judgeHeaders(response.headers, state);
  } catch (error) {
    const finding = notKnown(
      `The headers of iframe.html could not be read (${codeOf(error)}).`,
      "Check that iframe.html is next to this page, and that connect-src, if there is one, has 'self'.",
    );
    return { finding, isKeptOut: false };
  }
}

/**
 * @param {Headers} headers
 * @param {Pick<State, "domain" | "needsWasm"> & { place: { origin: string } }} state
 * @returns {HeadersVerdict}
 */
export function judgeHeaders(headers, { domain, needsWasm, place: { origin } }) {
  const policies = readPolicies(headers.get("content-security-policy"));
  const isLimited = limitsAncestors(policies);
  const letsDomain = !domain || allowsAncestor(policies, domain, origin);
  const letsDoctor = allowsAncestor(policies, origin, origin);
  const problems = [
    needsWasm && !allowsWasm(policies) && WASM_FORBIDDEN,
    !isLimited && unlimited(domain),
    !letsDomain && bad(`Content-Security-Policy does not let ${domain} embed the bridge.`, `Add ${domain} to frame-ancestors.`),
    !letsDoctor && DOCTOR_KEPT_OUT,
    headers.has("x-frame-options") && frameOptions(isLimited),
    cutsPopups(headers.get("cross-origin-opener-policy")) && POPUPS_CUT_OFF,
    forbidsStorageAccess(headers.get("permissions-policy"), origin) && STORAGE_ACCESS_FORBIDDEN,
    !isHtml(headers.get("content-type")) && NOT_HTML,
  ];
  return { finding: together(problems.filter((problem) => problem !== false)), isKeptOut: letsDomain && !letsDoctor };
}

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
 */
function together(problems) {
  const found = problems.map((problem) => problem.found).join(" ");
  const todo = problems.map((problem) => problem.todo).join(" ");
  if (problems.some(({ status }) => status === "bad")) return bad(found, todo);
  return problems.length > 0 ? attention(found, todo) : good("The headers of iframe.html let the bridge work.");
}
