// The module: the generated glue starts it. `runs` says whether it could.
import * as wasm from "glue";
import module from "module";
import { unpack } from "unpack";
import { failure } from "./failure.js";

/** False where the page forbids WebAssembly. The chat must start all the same, and every call must report why nothing is shared. */
export let runs = false;

const MESSAGES = {
  "wasm-blocked": "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src.",
  "script-altered": "Something has changed cookie-provider.js on its way to this page; exclude it from what rewrites scripts.",
};

/**
 * Why it does not run.
 * @type {keyof typeof MESSAGES}
 */
let obstacle = "wasm-blocked";

/** What every call ends with if it does not run. */
export const obstruction = () => failure(obstacle, MESSAGES[obstacle]);

/** False in the build without WebAssembly, which has no module to unpack. */
export const needsWasm = module !== undefined;

/** Starts it synchronously, so that the class is usable on the line after the script. */
export const start = () => {
  try {
    wasm.initSync({ module: unpack(module) });
    runs = true;
  } catch (cause) {
    if (/** @type {{ code?: string }} */ (cause).code === "script-altered") obstacle = "script-altered";
    console.warn("Cookie Bridge:", cause);
  }
};
