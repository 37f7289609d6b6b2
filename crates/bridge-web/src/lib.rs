#![doc = include_str!("../README.md")]

use bridge_protocol::{CookieJar, Field, Fields};
use js_sys::{JsString, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlDocument, Window};

/// The longest string that is read out of a message, in UTF-16 units: twice the largest cookie. A longer one counts as absent, so
/// that a huge message is never copied into the module's memory.
const MAX_TEXT: u32 = 8192;

/// An object that came in a message.
pub struct Received(pub JsValue);

impl Received {
    fn get(&self, key: &str) -> Option<JsValue> {
        Reflect::get(&self.0, &JsValue::from_str(key)).ok()
    }
}

impl Fields for Received {
    fn text(&self, key: &str) -> Option<String> {
        read_text(&self.get(key)?)
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_f64()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }
}

/// A string of bounded length.
#[must_use]
pub fn read_text(value: &JsValue) -> Option<String> {
    let text = value.dyn_ref::<JsString>()?;
    (text.length() <= MAX_TEXT).then(|| text.into())
}

/// A plain object with these fields.
#[must_use]
pub fn object(fields: &[(&str, Field)]) -> JsValue {
    let object = Object::new();
    for (key, field) in fields {
        let value = match field {
            Field::Text(text) => JsValue::from_str(text),
            Field::Number(number) => JsValue::from_f64(*number),
            Field::Flag(flag) => JsValue::from_bool(*flag),
        };
        set(&object, key, &value);
    }
    object.into()
}

/// Sets a property of an object that this module made, which cannot fail.
pub fn set(object: &JsValue, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(key), value);
}

/// The page's window. Both modules run only in pages.
#[must_use]
pub fn window() -> Option<Window> {
    js_sys::global().dyn_into().ok()
}

/// The cookies of the page's document. A document that may have none (sandboxed, or of a `data:` address) throws: it is an empty
/// jar that keeps nothing.
pub struct DocumentCookies(HtmlDocument);

impl DocumentCookies {
    /// The cookies of this window's document.
    #[must_use]
    pub fn of(window: &Window) -> Option<Self> {
        window.document()?.dyn_into().ok().map(Self)
    }
}

impl CookieJar for DocumentCookies {
    fn read(&self) -> String {
        self.0.cookie().unwrap_or_default()
    }

    fn write(&mut self, cookie: &str) {
        let _ = self.0.set_cookie(cookie);
    }
}

/// Random bytes that nobody can guess, or `None` where the browser has no source of them.
#[must_use]
pub fn random_bytes(window: &Window) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    window.crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// 2 KB smaller than the standard library's.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
