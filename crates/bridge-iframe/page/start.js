// Starts the module with the page's list.
import { initSync, wasmStart } from "glue";
import module from "module";
import { unpack } from "unpack";
import { createPermission, watch } from "./access.js";
import { show } from "./button.js";
import { greet } from "./greeting.js";
import { findList, plainList } from "./list.js";
import { leaveMarker } from "./marker.js";

/** @param {string} text @param {unknown} cause */
const report = (text, cause) => console.error("Cookie Bridge: " + text, cause);

export const start = () => {
  let list;
  try {
    list = plainList(findList());
  } catch (cause) {
    report("the JSON of #trusted-domains cannot be read; nobody is trusted.", cause);
    return;
  }
  const permission = createPermission();
  try {
    // Synchronously, so that the module listens before any message can arrive.
    initSync({ module: unpack(module) });
    wasmStart(window, list, { show, permission, watch });
  } catch (cause) {
    report("WebAssembly did not start; this page's Content-Security-Policy needs 'wasm-unsafe-eval' in script-src.", cause);
    return;
  }
  greet();
  leaveMarker();
};
