// Starts the module with the page's list.
import { wasmStart } from "glue";
import { run } from "run";
import { createPermission, watch } from "./access.js";
import { show } from "./button.js";
import { announce, decline } from "./decline.js";
import { keepMessages } from "./early.js";
import { greet } from "./greeting.js";
import { readList } from "./list.js";
import { leaveMarker } from "./marker.js";

/** @param {string} text @param {unknown} [cause] */
const report = (text, cause = "") => console.error("Cookie Bridge: " + text, cause);

const TEXTS = {
  "wasm-blocked": "this page's Content-Security-Policy forbids WebAssembly; it needs 'wasm-unsafe-eval' in script-src.",
  "wasm-missing": "this browser has no WebAssembly, or one that is too old; host the build without WebAssembly.",
  "script-altered": "something has changed this page on its way; exclude it from what rewrites pages.",
  "start-failed": "the program did not start.",
};

export const start = () => {
  greet();
  leaveMarker();
  const deliver = keepMessages();
  // Before anything that takes time, so that the page's hello is here once the module runs.
  if (parent !== window) announce(parent);
  const list = readList(report);
  if (!list) {
    decline("list-unreadable");
    deliver();
    return;
  }
  const permission = createPermission();
  /** @param {keyof typeof TEXTS} [code] @param {unknown} [cause] */
  const done = (code, cause) => {
    if (code) {
      report(TEXTS[code], cause);
      decline("bridge-not-running");
    } else wasmStart(window, list, { show, permission, watch });
    deliver();
  };
  try {
    // At once, if the browser compiles at once.
    run(done);
  } catch (cause) {
    done("start-failed", cause);
  }
};
