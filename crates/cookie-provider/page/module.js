// The module, which may start later than the script does. What needs it waits.
import module from "module";
import { run } from "run";
import { missing } from "./platform.js";

/** False in the build without WebAssembly, which has no module. */
export const needsWasm = module !== undefined;

export const START_FAILED =
  "The script cannot work on this page: the browser lacks something, or the page has changed it; see the console.";

const MESSAGES = {
  "wasm-blocked": "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src.",
  "wasm-missing": "The browser has no WebAssembly, or one that is too old; use the build without WebAssembly.",
  "script-altered": "Something has changed cookie-provider.js on its way to this page; exclude it from what rewrites scripts.",
  "start-failed": START_FAILED,
};

/**
 * Why the module does not run. The chat must start all the same, and every call must report it.
 * @type {{ code: string, message: string } | undefined}
 */
export let trouble;

/**
 * What waits; undefined once the module runs or cannot.
 * @type {(() => void)[] | undefined}
 */
let waiting = [];

/**
 * Acts once it is known whether the module runs: at once, if it is.
 * @param {() => void} act
 */
export const whenStarted = (act) => {
  if (waiting) waiting.push(act);
  else act();
};

/**
 * @param {keyof typeof MESSAGES} [code]
 * @param {unknown} [cause]
 */
const done = (code, cause) => {
  if (code) {
    trouble = { code, message: MESSAGES[code] };
    console.warn("Cookie Bridge:", trouble.message, cause);
  }
  const acts = waiting;
  waiting = undefined;
  for (const act of acts ?? []) act();
};

let isStarted = false;

/** Starts it, for the first provider: a page that makes none spends no time on it. */
export const start = () => {
  if (isStarted) return;
  isStarted = true;
  try {
    if (missing[0]) done("start-failed", missing);
    else run(done);
  } catch (cause) {
    done("start-failed", cause);
  }
};
