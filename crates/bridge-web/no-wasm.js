// Takes the place of the generated glue's loader, of the module and of its unpacking in the build without WebAssembly (xtask/src/bundle/no_wasm.rs):
// wasm2js has made JavaScript of the module, so there is nothing to unpack and nothing that a policy could forbid.
import { __wbg_set_wasm } from "bound";
import * as compiled from "compiled";

export * from "bound";
export const initSync = () => __wbg_set_wasm(compiled);
export const unpack = () => {};
export default undefined;
