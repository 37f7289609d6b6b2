// What the script gives to pages.
import { genesysExtension } from "../chat/genesys.js";
import { takeArrived } from "./hand_over/address.js";
import { CookieProvider } from "./provider.js";

export const defineGlobals = () => {
  takeArrived();
  // Callable without `new`, which compilers for old browsers write for a class that extends this one.
  window.CookieProvider = new Proxy(CookieProvider, {
    apply: (Class, self, given) => Reflect.construct(Class, given, self instanceof Class ? self.constructor : Class),
  });

  // The complete sample of Genesys' documents lists it although it makes an instance of its own, which does the work.
  window.CookieProviderExtension = () => {};
  window.initCookieProviderExtension = (name, iframeUrl, callback, options) =>
    // The iframe loads from now on.
    genesysExtension(new CookieProvider(name, iframeUrl, callback, options), callback, options);
};
