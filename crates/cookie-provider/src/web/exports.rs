//! The doors of the module.

#![expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]

use bridge_web::Received;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::page::Page;
use super::{add, handle};
use crate::core::{Event, Name, Provider, Settings};

/// `new CookieProvider(…)`, with what the core wants to know. Never throws: a chat must start even where the bridge cannot. A mistake in the
/// settings ends every call.
#[wasm_bindgen(js_name = wasmOpen)]
pub fn open(page: Page, settings: JsValue) -> usize {
    add(Provider::new(Settings::read(&Received(settings))), page)
}

/// Something happened, in the words of [`Name`]. What came with it from outside the page is in its field `data`.
#[wasm_bindgen(js_name = wasmHappened)]
pub fn happened(provider: usize, name: &str, fields: JsValue) {
    let fields = Received(fields);
    let data = Received(fields.get("data"));
    if let Some(name) = Name::parse(name) {
        handle(provider, &Event { name, fields: &fields, data: &data });
    }
}

/// Whether a link to this origin, with this path and query, should carry an offer.
#[wasm_bindgen(js_name = wasmOffers)]
pub fn offers(provider: usize, origin: &str, path_and_query: &str) -> bool {
    super::offers(provider, origin, path_and_query)
}
