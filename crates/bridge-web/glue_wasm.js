// Stands for `WebAssembly` in the glue (`inject` in xtask/src/bundle). The glue takes it for granted that the browser compiles at once; this gives it
// an instance at once, whose exports come when `run.js` has them.

/**
 * What the module and the glue get of each other.
 * @type {{ imports: any, exports: any }}
 */
export const linked = { imports: undefined, exports: { __wbindgen_start() {} } };

export const WebAssembly = {
  Module: function Module() {},
  /**
   * @param {unknown} module
   * @param {unknown} imports
   */
  Instance: function Instance(module, imports) {
    linked.imports = imports;
    return linked;
  },
};
