// @ts-check

import { notKnown } from "../finding.js";

/** @param {Pick<import("../state.js").State, "needsWasm"> & { place: { origin: string } }} state */
export function hostHeaders({ needsWasm, place: { origin } }) {
  const sources = needsWasm ? "'wasm-unsafe-eval' in script-src and " : "";
  return notKnown(
    "This page cannot read the headers of another domain.",
    `Where Content-Security-Policy is sent, it needs ${sources}${origin} in frame-src. ` +
      "Cross-Origin-Opener-Policy must be absent or same-origin-allow-popups, " +
      "Permissions-Policy must not forbid storage-access. With Cross-Origin-Embedder-Policy, the bridge needs the headers that " +
      "bridge-server check-site writes.",
  );
}
