//! JavaScript's objects: reading what was received, and making what is sent.

use bridge_protocol::{Field, Fields};
use js_sys::{JsString, Object};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    /// An object whose properties are read and set by name. js-sys' `Reflect` takes each name as a JavaScript string and returns a `Result`,
    /// which costs 206 bytes in `cookie-provider.js` and 94 in `iframe.html` after brotli (2026-11-25).
    #[wasm_bindgen(extends = Object)]
    type Record;
    #[wasm_bindgen(method, indexing_getter)]
    fn get(this: &Record, key: &str) -> JsValue;
    #[wasm_bindgen(method, indexing_setter)]
    fn set(this: &Record, key: &str, value: &JsValue);
}

/// The longest string that is read from a message, in UTF-16 units: twice the largest cookie. A longer one counts as absent, so that a huge
/// message is never copied into the module's memory.
const MAX_TEXT: u32 = 8192;

/// A value received in a message or from the page. If it is not an object, it has no fields.
pub struct Received(pub JsValue);

impl Received {
    /// A field of any type; `undefined` if it is absent.
    #[inline(never)]
    #[must_use]
    pub fn get(&self, key: &str) -> JsValue {
        if !self.0.is_object() {
            return JsValue::UNDEFINED;
        }
        self.0.unchecked_ref::<Record>().get(key)
    }
}

impl Fields for Received {
    fn text(&self, key: &str) -> Option<String> {
        read_text(&self.get(key))
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.get(key).as_f64()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).as_bool()
    }

    fn is_absent(&self, key: &str) -> bool {
        let value = self.get(key);
        value.is_undefined() || value.is_null()
    }
}

/// The value as a string, if it is one of bounded length.
#[inline(never)]
#[must_use]
pub fn read_text(value: &JsValue) -> Option<String> {
    let is_short = || value.unchecked_ref::<JsString>().length() <= MAX_TEXT;
    (value.is_string() && is_short()).then(|| value.as_string()).flatten()
}

/// A plain object with these fields.
#[must_use]
pub fn object(fields: &[(&str, Field)]) -> JsValue {
    let object = Object::new().into();
    for (key, field) in fields {
        match field {
            Field::Text(text) => set_text(&object, key, text),
            Field::Number(number) => set(&object, key, &(*number).into()),
            Field::Flag(flag) => set_flag(&object, key, *flag),
        }
    }
    object
}

/// Sets a property of an object that this module made.
pub fn set_text(object: &JsValue, key: &str, value: &str) {
    set(object, key, &value.into());
}

/// Sets a property of an object that this module made.
pub fn set_flag(object: &JsValue, key: &str, value: bool) {
    set(object, key, &value.into());
}

/// Sets a property of an object that this module made to `null`.
pub fn set_null(object: &JsValue, key: &str) {
    set(object, key, &JsValue::NULL);
}

/// Sets a property of an object that this module made.
#[inline(never)]
pub fn set(object: &JsValue, key: &str, value: &JsValue) {
    object.unchecked_ref::<Record>().set(key, value);
}
