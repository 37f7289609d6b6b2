// Around the generated glue: instantiates the module synchronously, so that the classes are there on the line after the script.
// `cargo xtask build` fills in the two marks.
(() => {
  "use strict";
  // A second copy of the script changes nothing for the providers of the first.
  const mark = Symbol.for("cookie-bridge");
  if (window[mark]) return;
  window[mark] = true;
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
  try {
    wasm_bindgen.initSync({ module: unpack(/* WASM */) });
    window.CookieProvider = wasm_bindgen.CookieProvider;
    window.initCookieProviderExtension = wasm_bindgen.initCookieProviderExtension;
    return;
  } catch (cause) {
    console.warn("Cookie Bridge:", cause);
  }

  // WebAssembly is forbidden or missing. The chat must start all the same, and every call must say why nothing is shared.
  const fail = () => {
    const error = new Error(
      "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src.",
    );
    error.name = "CookieBridgeError";
    error.code = "wasm-blocked";
    const failed = Promise.reject(error);
    failed.catch(() => {});
    return failed;
  };
  window.CookieProvider = class CookieProvider {
    #callback;
    constructor(name, url, callback) {
      this.#callback = callback;
    }
    loadCookie() {
      return fail();
    }
    saveCookie() {
      return fail();
    }
    clearCookie() {
      return fail();
    }
    async cookieTest(callback = this.#callback) {
      if (typeof callback === "function") callback(false);
      return { jar: "unreachable", readable: false, code: "wasm-blocked" };
    }
    destroy() {}
  };
  window.initCookieProviderExtension = (name, url, callback) => ($, bus) => {
    const plugin = bus.registerPlugin("CookieProvider");
    plugin.republish("ready");
    plugin.ready();
    if (typeof callback === "function") callback(false);
  };
})();
