// Starts the module with the page's list.
import { initSync, wasmStart } from "glue";
import module from "module";
import { unpack } from "unpack";
import { createPermission, watch } from "./access.js";
import { show } from "./button.js";
import { decline } from "./decline.js";
import { greet } from "./greeting.js";
import { readList } from "./list.js";
import { leaveMarker } from "./marker.js";
import { watchForGreeting } from "./ungreeted.js";

/** @param {string} text @param {unknown} [cause] */
const report = (text, cause = "") => console.error("Cookie Bridge: " + text, cause);

export const start = () => {
  greet();
  leaveMarker();
  watchForGreeting();
  const list = readList(report);
  if (!list) {
    decline("list-unreadable");
    return;
  }
  const permission = createPermission();
  try {
    // Synchronously, so that the module listens before any message can arrive.
    initSync({ module: unpack(module) });
    wasmStart(window, list, { show, permission, watch });
  } catch (cause) {
    report(
      "the program did not start. Either this page's Content-Security-Policy needs 'wasm-unsafe-eval' in script-src, or the cause is:",
      cause,
    );
    decline("bridge-not-running");
  }
};
