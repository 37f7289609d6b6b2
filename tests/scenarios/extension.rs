//! The Genesys Widgets extension, on a bus that keeps the documented contract.

use end_to_end::{NAME, Page, World, everywhere};
use serde_json::json;

/// Enough of the bus for an extension: plugins, subscriptions before their publisher exists, and a log of what was called.
const BUS: &str = "
  window.log = [];
  const handlers = {};
  window.publish = (event, data) => (handlers[event] ?? []).forEach((handle) => handle({ data }));
  window.CXBus = {
    registerPlugin(name) {
      log.push('registered ' + name);
      return {
        subscribe: (event, handle) => (handlers[event] ??= []).push(handle),
        republish: (event) => log.push('republished ' + event),
        ready: () => log.push('ready with ' + document.cookie),
      };
    },
  };";

fn page(world: &World) -> Page {
    let url = json!(world.iframe_url());
    Page::html(format!(
        "<!DOCTYPE html><title>widgets</title><body><script>{BUS}</script><script src=\"/cookie-provider.js\"></script><script>
           function showThirdPartyCookieNotification(isEnabled) {{ window.isEnabled = isEnabled; }}
           window._genesys = {{ widgets: {{ extensions: {{
             CookieProviderExtension: initCookieProviderExtension({NAME:?}, {url}, showThirdPartyCookieNotification),
           }} }} }};
           for (const extension of Object.values(_genesys.widgets.extensions)) extension({{}}, CXBus, {{}});
         </script>"
    ))
}

#[test]
fn the_extension_loads_before_it_is_ready_and_saves_when_a_chat_has_started() {
    everywhere(async |world| {
        world.visit("help").await;
        world.eval("return provider.saveCookie('from-help');").await;
        world.server.put("shop", "/", page(world));
        world.browser.open(&world.url("shop", "/")).await;
        world.until("the extension is ready", "return log.length === 3;").await;
        let ready = format!("ready with {NAME}=from-help");
        assert_eq!(world.eval("return log;").await, json!(["registered CookieProvider", "republished ready", ready]));
        world.until("the notification came", "return window.isEnabled === true;").await;

        world.set_own_cookie("from-shop").await;
        world.eval("publish('WebChat.started', {});").await;
        world.visit("help").await;
        world.until("the save has arrived", "return provider.loadCookie().then((r) => r.value === 'from-shop');").await;
    });
}

#[test]
fn the_extension_is_ready_even_if_there_is_no_bridge_or_no_webassembly() {
    everywhere(async |world| {
        world.server.put("bridge", "/iframe.html", Page::html("not a bridge").status(404));
        let with_timeout = page(world)
            .replaced("showThirdPartyCookieNotification)", "showThirdPartyCookieNotification, { timeout: 1000 })");
        let without_wasm = page(world).header("content-security-policy", "script-src 'self' 'unsafe-inline'");
        for page in [with_timeout, without_wasm] {
            world.server.put("shop", "/", page);
            world.browser.open(&world.url("shop", "/")).await;
            world.until("the extension is ready", "return log.length === 3;").await;
            world.until("the notification came", "return window.isEnabled === false;").await;
            assert_eq!(world.eval("return log[2];").await, "ready with ");
        }
    });
}
