// Starts the module with the page's list.
import { wasmStart } from "glue";
import { run } from "run";
import { createPermission, watch } from "./access.js";
import { show } from "./button.js";
import { keepMessages } from "./early.js";
import { greet } from "./greeting.js";
import { findList, plainList } from "./list.js";
import { leaveMarker } from "./marker.js";

/** @param {string} text @param {unknown} [cause] */
const report = (text, cause) => console.error("Cookie Bridge: " + text, cause);

const TEXTS = {
  "wasm-blocked": "this page's Content-Security-Policy forbids WebAssembly; it needs 'wasm-unsafe-eval' in script-src.",
  "wasm-missing": "this browser has no WebAssembly, or one that is too old; host the build without WebAssembly.",
};

export const start = () => {
  let list;
  try {
    list = plainList(findList());
  } catch (cause) {
    report("the JSON of #trusted-domains cannot be read; nobody is trusted.", cause);
    return;
  }
  const permission = createPermission();
  const deliver = keepMessages();
  let isOver = false;
  // At once, if the browser compiles at once.
  run((code, cause) => {
    if (code) {
      isOver = true;
      report(TEXTS[code], cause);
    } else {
      wasmStart(window, list, { show, permission, watch });
      deliver();
    }
  });
  if (isOver) return;
  greet();
  leaveMarker();
};
