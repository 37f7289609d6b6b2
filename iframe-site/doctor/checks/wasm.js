// @ts-check

import { bad, good } from "../finding.js";

/** The smallest module: a magic number and a version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/**
 * Tries WebAssembly, but only if the bridge needs it: a policy that forbids it would report the attempt.
 * @param {Pick<import("../state.js").State, "needsWasm">} state
 */
export function wasm({ needsWasm }) {
  if (!needsWasm) return good("JavaScript works, and this bridge was built to need no WebAssembly.");
  if (typeof WebAssembly === "undefined") {
    return bad(
      "JavaScript works, but WebAssembly (a kind of program) is switched off.",
      "Switch off the browser's lockdown mode for this site, or host the build without WebAssembly (no-wasm).",
    );
  }
  try {
    new WebAssembly.Module(Uint8Array.from(EMPTY_MODULE));
    return good("Both work on the bridge's pages.");
  } catch {
    return bad(
      "This page's Content-Security-Policy forbids WebAssembly (a kind of program).",
      "Add 'wasm-unsafe-eval' to script-src in the headers of the bridge's pages.",
    );
  }
}
