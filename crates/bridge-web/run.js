// Runs the module: at once where the browser compiles at once, otherwise as soon as it is compiled.
import { initSync } from "glue";
import module from "module";
import { linked } from "./glue_wasm.js";
import { unpack } from "./unpack.js";

// As it is when the script starts.
const { WebAssembly } = window;

/**
 * @param {(code?: "wasm-blocked" | "wasm-missing" | "script-altered", cause?: unknown) => void} done the code says why the module does not run. None of its functions
 *   may be called before.
 */
export const run = (done) => {
  if (typeof WebAssembly?.Module !== "function") {
    done("wasm-missing");
    return;
  }
  /** @type {Uint8Array<ArrayBuffer>} */
  let bytes;
  try {
    bytes = unpack(module);
  } catch (cause) {
    done("script-altered", cause);
    return;
  }
  // The glue takes the bytes for a module; see glue_wasm.js.
  initSync({ module: bytes });

  /** @param {WebAssembly.Instance} instance */
  const start = ({ exports }) => {
    Object.assign(linked.exports, exports).__wbindgen_start();
    done();
  };
  /** @param {unknown} cause */
  const fail = (cause) => {
    // A policy forbids compiling, and not validating.
    done(WebAssembly.validate(bytes) ? "wasm-blocked" : "wasm-missing", cause);
  };
  /** @type {WebAssembly.Instance} */
  let instance;
  try {
    instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), linked.imports);
  } catch (cause) {
    // What a policy forbids, or the engine cannot read, is compiled at no other time either.
    if (cause instanceof WebAssembly.CompileError) fail(cause);
    // Chromium before 115 compiles no more than 4 KB at once.
    else WebAssembly.instantiate(bytes, linked.imports).then((made) => start(made.instance), fail);
    return;
  }
  start(instance);
};
