// @ts-check

/**
 * One policy: the words of each directive, by its name, in lower case.
 * @typedef {ReadonlyMap<string, readonly string[]>} Policy
 */

/**
 * The policies of a Content-Security-Policy header; a browser joins several headers by commas, and enforces all of them.
 * @param {string | null} header
 * @returns {Policy[]}
 */
export function readPolicies(header) {
  const policies = (header ?? "").toLowerCase().split(",").map(readPolicy);
  return policies.filter((policy) => policy.size > 0);
}

/** @param {string} text @returns {Policy} */
function readPolicy(text) {
  /** @type {Map<string, string[]>} */
  const policy = new Map();
  for (const directive of text.split(";")) {
    const [name = "", ...words] = directive.trim().split(/\s+/);
    // If a directive is repeated, the first one applies.
    if (name && !policy.has(name)) policy.set(name, words);
  }
  return policy;
}

/**
 * Whether any of the policies limits who may embed the page.
 * @param {readonly Policy[]} policies
 */
export const limitsAncestors = (policies) => policies.some((policy) => policy.has("frame-ancestors"));

/**
 * Whether a page of this origin may embed a page that has these policies.
 * @param {readonly Policy[]} policies
 * @param {string} ancestor
 * @param {string} self The origin of the page that has the policies.
 */
export function allowsAncestor(policies, ancestor, self) {
  return policies.every((policy) => {
    const words = policy.get("frame-ancestors");
    return !words || words.some((word) => covers(word, ancestor, self));
  });
}

/**
 * Whether the policies let WebAssembly run.
 * @param {readonly Policy[]} policies
 */
export function allowsWasm(policies) {
  return policies.every((policy) => {
    const words = policy.get("script-src") ?? policy.get("default-src");
    return !words || words.includes("'wasm-unsafe-eval'") || words.includes("'unsafe-eval'");
  });
}

/**
 * Whether the policies let an inline script run that has these hashes.
 * @param {readonly Policy[]} policies
 * @param {readonly string[]} hashes In lower case.
 */
export function allowsInline(policies, hashes) {
  return policies.every((policy) => {
    const words = policy.get("script-src-elem") ?? policy.get("script-src") ?? policy.get("default-src");
    if (!words || words.some((word) => hashes.includes(word))) return true;
    const isStrict = words.some((word) => /^'(sha\d+-|nonce-|strict-dynamic')/.test(word));
    return words.includes("'unsafe-inline'") && !isStrict;
  });
}

const SCHEME = /^[a-z][a-z0-9+.-]*:$/;
// Scheme, host and port. A path is allowed, and of no meaning here: an origin has none.
const HOST = /^(?:([a-z][a-z0-9+.-]*:)\/\/)?(\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::(\d+|\*))?(?:\/.*)?$/;

/**
 * Whether a word of frame-ancestors covers an origin (Content Security Policy 3, section 6.7.2, "match a source expression").
 * @param {string} word In lower case.
 * @param {string} origin
 * @param {string} self The origin of the page that has the policy.
 */
export function covers(word, origin, self) {
  const url = new URL(origin);
  if (word === "*") return true;
  if (word === "'self'") return isSelf(url, new URL(self));
  if (SCHEME.test(word)) return fitsScheme(word, url);
  const [, scheme = new URL(self).protocol, host, port = ""] = HOST.exec(word) ?? [];
  return host !== undefined && fitsScheme(scheme, url) && fitsHost(host, url) && fitsPort(port, url);
}

/** @param {URL} url */
const usualPort = ({ protocol }) => (protocol === "https:" ? "443" : "80");

/** @param {URL} url */
const portOf = (url) => url.port || usualPort(url);

/**
 * The same origin, or the same host over https instead of http.
 * @param {URL} url
 * @param {URL} self
 */
function isSelf(url, self) {
  if (url.origin === self.origin) return true;
  const hasUsualPorts = !url.port && !self.port;
  return url.hostname === self.hostname && (hasUsualPorts || url.port === self.port) && url.protocol === "https:";
}

/** http covers https. @param {string} scheme @param {URL} url */
const fitsScheme = (scheme, { protocol }) => scheme === protocol || (scheme === "http:" && protocol === "https:");

/** `*.` covers every name below, but not the name itself. @param {string} host @param {URL} url */
const fitsHost = (host, { hostname }) => (host.startsWith("*") ? hostname.endsWith(host.slice(1)) : hostname === host);

/** Without a port, only the scheme's usual one. @param {string} port @param {URL} url */
const fitsPort = (port, url) => port === "*" || (port || usualPort(url)) === portOf(url);
