// Stands for the glue, the module and `unpack` in the build without WebAssembly (xtask/src/bundle/no_wasm.rs): wasm2js turns the module into
// JavaScript, so there is nothing to unpack and nothing that a policy could forbid.
import { __wbg_set_wasm } from "bound";
import * as compiled from "compiled";

export * from "bound";
export const initSync = () => __wbg_set_wasm(compiled);
export const unpack = () => {};
export default undefined;
