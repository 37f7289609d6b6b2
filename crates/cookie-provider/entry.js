// Around the generated glue: instantiates the module synchronously, so that the class is there on the line after the script, and
// turns its calls into promises. `cargo xtask build` fills in the two marks.
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

  // Undefined where the page forbids WebAssembly. The chat must start all the same, and every call must say why nothing is shared.
  let bridge;
  try {
    wasm_bindgen.initSync({ module: unpack(/* WASM */) });
    bridge = wasm_bindgen;
  } catch (cause) {
    console.warn("Cookie Bridge:", cause);
  }
  const wasmBlocked = () =>
    Object.assign(
      new Error("The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src."),
      { name: "CookieBridgeError", code: "wasm-blocked" },
    );

  const notify = (callback, isEnabled) => {
    try {
      if (typeof callback === "function") callback(isEnabled);
    } catch (error) {
      console.error(error);
    }
  };

  class CookieProvider {
    #id;
    #callback;
    constructor(name, iframeUrl, callback, options) {
      this.#id = bridge?.wasmOpen(window, name, iframeUrl, options);
      this.#callback = callback;
    }
    #call(method, ...values) {
      const promise = new Promise((resolve, reject) => {
        if (method) method(this.#id, resolve, reject, ...values);
        else reject(wasmBlocked());
      });
      // Nobody needs to await it: failures are on the console already, and are no unhandled rejections of the page's.
      promise.catch(() => {});
      return promise;
    }
    loadCookie() {
      return this.#call(bridge?.wasmLoad);
    }
    saveCookie(value, options) {
      return this.#call(bridge?.wasmSave, value, options);
    }
    clearCookie() {
      return this.#call(bridge?.wasmClear);
    }
    cookieTest(callback = this.#callback) {
      const test = bridge
        ? this.#call(bridge.wasmTest)
        : Promise.resolve({ jar: "unreachable", readable: false, code: "wasm-blocked" });
      test.then(
        (result) => notify(callback, result.jar === "shared"),
        () => {},
      );
      return test;
    }
    destroy() {
      bridge?.wasmDestroy(this.#id);
    }
  }
  window.CookieProvider = CookieProvider;

  window.initCookieProviderExtension = (name, iframeUrl, callback, options) => {
    // The iframe loads from now on.
    const provider = new CookieProvider(name, iframeUrl, callback, options);
    return ($, bus) => {
      if (callback) provider.cookieTest();
      if (bridge) return bridge.wasmExtend(provider, bus);
      const plugin = bus.registerPlugin("CookieProvider");
      plugin.republish("ready");
      plugin.ready();
    };
  };
})();
