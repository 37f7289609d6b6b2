// Violations of the page's own Content-Security-Policy.
import { originOf } from "./origin.js";

/**
 * @param {import("./tell.js").Tell} tell
 * @param {AbortSignal} signal
 */
export const watchPolicy = (tell, signal) =>
  document.addEventListener(
    "securitypolicyviolation",
    ({ blockedURI, disposition, effectiveDirective }) =>
      tell("policy-violated", { disposition, effectiveDirective, origin: originOf(blockedURI) }),
    { signal },
  );
