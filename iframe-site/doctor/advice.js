// @ts-check

/**
 * What to do about an error, by its code. docs/errors.md has all codes; here are those that the doctor can meet.
 * @type {Readonly<Partial<Record<CookieBridgeErrorCode, string>>>}
 */
const ADVICE = {
  "wasm-blocked": "Add 'wasm-unsafe-eval' to script-src in the Content-Security-Policy of this page.",
  "script-altered": "Keep proxies and plugins from changing cookie-provider.js.",
  "bridge-not-running": "See “The bridge's page” and “The bridge's headers” below.",
  "list-unreadable": "See “The bridge's page” and “The bridge's headers” below.",
  "iframe-redirected": "Open this page at the address to which the bridge redirects, and give that one to your pages as IFRAME_URL.",
  "iframe-isolated":
    "Send Cross-Origin-Embedder-Policy: require-corp and Cross-Origin-Resource-Policy: cross-origin with the bridge's pages; bridge-server check-site " +
    "writes them.",
  "bridge-outdated": "Update iframe.html: it is older than cookie-provider.js next to this page.",
  "iframe-unreachable":
    "Open iframe.html in a tab of its own. If it works there, look at the bridge's headers below (frame-ancestors " +
    "must have 'self' for this page) and at the console of the developer tools.",
  "iframe-forbidden": "Add 'self' to frame-src in the Content-Security-Policy of this page.",
  "iframe-url-invalid": "Host the bridge over https.",
  "origin-not-trusted":
    "Remove the attribute sandbox from the frame that contains this page. If it has none, look for errors of " +
    "iframe.html in the console of the developer tools.",
  timeout: "Reload this page. On a slow device or network, give your pages a longer timeout.",
  "version-mismatch": "Install doctor.html, iframe.html and cookie-provider.js from the same release.",
  "popup-blocked":
    "Allow popups in this browser and try again; a sandboxed frame needs allow-popups. If a window did open, the " +
    "domain's Cross-Origin-Opener-Policy has cut it off: use same-origin-allow-popups or none.",
  "popup-closed":
    "Try again and leave the window open; it closes by itself. If you did not close it, look at " +
    "Cross-Origin-Opener-Policy in the bridge's headers below.",
  "popup-cut-off":
    "Try again and leave the window open. If it stays open, remove the header Cross-Origin-Opener-Policy from the " + "bridge's pages.",
};

/**
 * The code of one of our errors. The browser's own errors have none, or a number; their message stands in for it.
 * @param {unknown} error
 * @returns {string}
 */
export function codeOf(error) {
  const { code, message } = /** @type {{ code?: unknown, message?: unknown }} */ (Object(error));
  return typeof code === "string" ? code : String(message ?? error);
}

/** @param {string | null} code */
export function adviceFor(code) {
  const known = code !== null && Object.hasOwn(ADVICE, code);
  const advice = known ? ADVICE[/** @type {CookieBridgeErrorCode} */ (code)] : undefined;
  return advice ?? "Look it up in docs/errors.md of Cookie Bridge.";
}
