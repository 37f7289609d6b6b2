//! The Genesys Widgets extension.

use bridge_web::Listener;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// `CXBus`, the bus of the widgets.
    pub type Bus;
    #[wasm_bindgen(method, js_name = registerPlugin)]
    fn register_plugin(this: &Bus, name: &str) -> Plugin;

    type Plugin;
    #[wasm_bindgen(method)]
    fn subscribe(this: &Plugin, event: &str, listener: &JsValue);
    #[wasm_bindgen(method)]
    fn republish(this: &Plugin, event: &str);
    #[wasm_bindgen(method)]
    fn ready(this: &Plugin);

    /// The JavaScript class's own methods, which make the promises.
    pub type Provider;
    #[wasm_bindgen(method, js_name = loadCookie)]
    fn load_cookie(this: &Provider) -> bridge_web::Promise;
    #[wasm_bindgen(method, js_name = saveCookie)]
    fn save_cookie(this: &Provider) -> JsValue;
}

/// What Widgets calls at its start: loads before it reports ready, and saves once a chat has started.
#[wasm_bindgen(js_name = wasmExtend)]
pub fn extend(provider: Provider, bus: &Bus) {
    let plugin = bus.register_plugin("CookieProvider");
    let loading = provider.load_cookie();
    let save = Listener::new(move |_| {
        provider.save_cookie();
    });
    plugin.subscribe("WebChat.started", &save.into_js_value());
    // Ready even if nothing could be loaded: the chat must start. The load has its timeout.
    let ready = Listener::new(move |_| {
        plugin.republish("ready");
        plugin.ready();
    });
    let ready = ready.into_js_value();
    loading.then(&ready, &ready);
}
