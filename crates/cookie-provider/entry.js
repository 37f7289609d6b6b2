// Around the generated glue: instantiates the module synchronously, so that the classes are there on the line after the script.
// `__GLUE__` and `__WASM__` are filled in by `cargo xtask build`.
(() => {
  "use strict";
  // A second copy of the script changes nothing for the providers of the first.
  const mark = Symbol.for("cookie-bridge");
  if (window[mark]) return;
  window[mark] = true;
  __GLUE__;
  try {
    wasm_bindgen.initSync({ module: __WASM__ });
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
