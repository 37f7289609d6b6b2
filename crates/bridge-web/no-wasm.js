// Stands for the glue, the module and `run.js` in the build without WebAssembly (xtask/src/bundle/no_wasm.rs): wasm2js turns the module into
// JavaScript, so there is nothing to compile and nothing that a policy could forbid.
import { __wbg_set_wasm } from "bound";
import * as compiled from "compiled";

export * from "bound";
/** @param {() => void} done */
export const run = (done) => {
  __wbg_set_wasm(compiled);
  done();
};
export default undefined;
