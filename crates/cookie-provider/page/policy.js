// Violations of the page's own policies: Content-Security-Policy and Cross-Origin-Embedder-Policy.
import { originOf } from "./origin.js";

/**
 * @param {import("./tell.js").Tell} tell
 * @param {AbortSignal} signal
 */
export const watchPolicy = (tell, signal) => {
  document.addEventListener(
    "securitypolicyviolation",
    ({ blockedURI, disposition, effectiveDirective }) =>
      tell("policy-violated", { disposition, effectiveDirective, origin: originOf(blockedURI) }),
    { signal },
  );
  try {
    const observer = new ReportingObserver(
      (reports) => {
        for (const { type, body } of reports) {
          // Chromium's has no properties of its own.
          const { disposition, blockedURL, destination, type: cause } = /** @type {any} */ (body).toJSON();
          const isFrame = cause === "navigation" || destination === "iframe";
          if (isFrame) tell("policy-violated", { disposition, effectiveDirective: type, origin: originOf(blockedURL) });
        }
      },
      { types: ["coep"], buffered: true },
    );
    observer.observe();
    signal.addEventListener("abort", () => observer.disconnect());
  } catch {
    // Firefox does not have it, and reports no frame that the embedder policy keeps out.
  }
};
