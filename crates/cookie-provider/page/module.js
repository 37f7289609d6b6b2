// The module: the generated glue starts it. `runs` says whether it could.
import * as wasm from "glue";
import module from "module";
import { unpack } from "unpack";

/** False where the page forbids WebAssembly. The chat must start all the same, and every call must report why nothing is shared. */
export let runs = false;

/** False in the build without WebAssembly, which has no module to unpack. */
export const needsWasm = module !== undefined;

/** Starts it synchronously, so that the class is usable on the line after the script. */
export const start = () => {
  try {
    wasm.initSync({ module: unpack(module) });
    runs = true;
  } catch (cause) {
    console.warn("Cookie Bridge:", cause);
  }
};
