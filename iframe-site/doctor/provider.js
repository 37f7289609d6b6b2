// @ts-check

/** How long the bridge has to answer each question, in milliseconds. */
const TIMEOUT = 5000;

/** What cookie-provider.js has brought, if it has loaded. */
export function findProvider() {
  if (typeof CookieProvider === "undefined") return { provider: undefined, hasScript: false, needsWasm: true };
  // As it is now, not as the browser has kept it since before the owner edited it.
  const url = new URL(`iframe.html?${Date.now()}`, location.href).href;
  const provider = new CookieProvider("cookie-bridge-doctor", url, undefined, { timeout: TIMEOUT });
  // For this page only, so cookie-provider.d.ts does not have it.
  const { needsWasm = true } = /** @type {typeof CookieProvider & { needsWasm?: boolean }} */ (CookieProvider);
  return { provider, hasScript: true, needsWasm };
}
