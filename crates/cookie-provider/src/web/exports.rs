//! The doors of the module.

#![expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]

use bridge_web::Received;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::page::Page;
use super::{add, handle};
use crate::core::{Call, Event, Given, Provider, Settings, number};

/// `new CookieProvider(…)`. `page` has a property for each room of the page, `settings` what the core wants to know. Never throws: a chat
/// must start even where the bridge cannot. A mistake in the settings ends every call.
#[wasm_bindgen(js_name = wasmOpen)]
pub fn open(page: JsValue, settings: JsValue) -> usize {
    let page = Received(page);
    let room = |key: &str| page.get(key);
    add(
        Provider::new(Settings::read(&Received(settings))),
        Page {
            calls: room("calls").unchecked_into(),
            cookies: room("cookies").unchecked_into(),
            events: room("events").unchecked_into(),
            frame: room("frame").unchecked_into(),
            popup: room("popup").unchecked_into(),
            store: room("store").unchecked_into(),
            timers: room("timers").unchecked_into(),
            hand_over: room("handOver").unchecked_into(),
        },
    )
}

/// Something happened, in the words of [`Event::read`]. What came with it from outside the page is in its field `data`.
#[wasm_bindgen(js_name = wasmHappened)]
pub fn happened(provider: usize, name: &str, fields: JsValue) {
    let fields = Received(fields);
    let data = Received(fields.get("data"));
    if let Some(event) = Event::read(name, &fields, &data) {
        handle(provider, event);
    }
}

/// `saveCookie(value, options)`. Not as an event, because the value may have any size and type.
#[wasm_bindgen(js_name = wasmSave)]
pub fn save(provider: usize, id: u32, value: JsValue, options: JsValue) {
    let value = match value.as_string() {
        Some(text) => Given::Text(text),
        None if value.is_undefined() || value.is_null() => Given::Nothing,
        None => Given::NotText,
    };
    let max_age = number(&Received(options), "maxAge");
    handle(provider, Event::Call { id, call: Call::Save { value, max_age } });
}

/// Whether a link to this origin should carry an offer.
#[wasm_bindgen(js_name = wasmOffers)]
pub fn offers(provider: usize, origin: &str) -> bool {
    super::offers(provider, origin)
}
