// The Genesys Widgets extension.
import { attachChat } from "./attach.js";

export const genesysExtension = (provider, callback, options) => ($, bus) => {
  if (callback) provider.cookieTest();
  const plugin = bus.registerPlugin("CookieProvider");
  const bridge = attachChat(provider, {
    start() {
      plugin.republish("ready");
      plugin.ready();
    },
  });
  plugin.subscribe("WebChat.started", () => bridge.save());
};
