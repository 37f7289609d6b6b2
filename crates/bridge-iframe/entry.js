// Around the generated glue: instantiates the module and hands it the page's list. `cargo xtask build` fills in the two marks.
(() => {
  "use strict";
  /* GLUE */

  // See `as_text` in xtask.
  const unpack = (text) => {
    const bytes = [];
    let beyond = 0;
    for (const c of text) {
      const code = c.charCodeAt();
      if (code > 124) beyond = code > 125 ? 90 : 180;
      else {
        bytes.push(beyond + code - 32 - (code > 34) - (code > 60) - (code > 92) - 15);
        beyond = 0;
      }
    }
    return new Uint8Array(bytes);
  };
  const report = (text, cause) => console.error("Cookie Bridge: " + text, cause);

  // The owner's list: `const TRUSTED_DOMAINS = […]` in a script, or a block of JSON where a policy forbids inline scripts.
  const readList = () => {
    if (typeof TRUSTED_DOMAINS !== "undefined") return TRUSTED_DOMAINS;
    const block = document.getElementById("trusted-domains");
    return block ? JSON.parse(block.textContent) : undefined;
  };

  let list;
  try {
    list = readList();
    if (!Array.isArray(list)) list = undefined;
  } catch (cause) {
    report("the JSON of #trusted-domains cannot be read; nobody is trusted.", cause);
    return;
  }
  try {
    // Synchronously, so that no message can come before the module listens.
    wasm_bindgen.initSync({ module: unpack(/* WASM */) });
    wasm_bindgen.wasmStart(window, list);
  } catch (cause) {
    report("WebAssembly did not start; this page's Content-Security-Policy needs 'wasm-unsafe-eval' in script-src.", cause);
    return;
  }
  // One inner frame is how a provider of whatever origin tells a bridge that does not trust it from an address where there is
  // none. It says no more than the page's own source, and it is the same for everybody.
  const sign = document.createElement("iframe");
  sign.hidden = true;
  document.documentElement.append(sign);
})();
