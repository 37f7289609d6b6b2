// Modules that only the bundler knows (`bundle` of xtask). Where there is a file behind a name, `paths` in tsconfig.json names it:
// `glue` is what wasm-bindgen generates for the crate, `run` is a file of bridge-web.

/** The WebAssembly module as text, which `run` unpacks. The build without WebAssembly has none. */
declare module "module" {
  const text: string;
  export default text;
}

/** The glue of the build without WebAssembly, before it gets its module. It exports what `glue` exports. */
declare module "bound" {
  export function __wbg_set_wasm(exports: typeof import("compiled")): void;
}

/** The module as wasm2js wrote it. Its exports are the glue's affair. */
declare module "compiled";
