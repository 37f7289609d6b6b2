//! The Genesys Widgets extension.

use std::rc::Rc;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::console;

use super::Page;
use crate::core::{Call, Given};

/// Returns the function that Widgets calls at its start with `($, CXBus, Common)`. The iframe loads from now on.
#[wasm_bindgen(js_name = initCookieProviderExtension)]
#[expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]
pub fn init_cookie_provider_extension(
    name: JsValue,
    iframe_url: JsValue,
    callback: JsValue,
    options: JsValue,
) -> JsValue {
    let page = Page::open(&name, &iframe_url, callback, &options);
    let extension = move |_jquery: JsValue, bus: JsValue, _common: JsValue| register(&page, &bus);
    Closure::<dyn FnMut(JsValue, JsValue, JsValue)>::new(extension).into_js_value()
}

fn register(page: &Rc<Page>, bus: &JsValue) {
    let plugin = call(bus, "registerPlugin", &["CookieProvider".into()]);

    let on = Rc::clone(page);
    let save = move |_event: JsValue| {
        let _ = on.call(Call::Save { value: Given::Nothing, max_age: None }, None);
    };
    let save = Closure::<dyn FnMut(JsValue)>::new(save).into_js_value();
    call(&plugin, "subscribe", &["WebChat.started".into(), save]);

    // Ready even if nothing could be loaded: the chat must start. The load has its timeout.
    let ready = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        call(&plugin, "republish", &["ready".into()]);
        call(&plugin, "ready", &[]);
    });
    let _ = page.call(Call::Load, None).then2(&ready, &ready);
    ready.forget();

    if page.callback.is_some() {
        let _ = page.call(Call::Test, page.callback.clone());
    }
}

/// Calls a method of the bus; one that fails is reported and does not keep the chat from starting.
fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> JsValue {
    let arguments: Array = arguments.iter().collect();
    Reflect::get(object, &method.into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|function| function.apply(object, &arguments))
        .unwrap_or_else(|error| {
            console::error_2(&method.into(), &error);
            JsValue::UNDEFINED
        })
}
