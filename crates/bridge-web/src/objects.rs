//! Objects in and out.

use bridge_protocol::{Field, Fields};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Object)]
    fn new_object() -> JsValue;
    #[wasm_bindgen(js_namespace = Reflect, js_name = get)]
    fn get(object: &JsValue, key: &str) -> JsValue;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    fn reflect_set_text(object: &JsValue, key: &str, value: &str) -> bool;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    fn reflect_set_number(object: &JsValue, key: &str, value: f64) -> bool;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    fn reflect_set_flag(object: &JsValue, key: &str, value: bool) -> bool;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    fn reflect_set_value(object: &JsValue, key: &str, value: &JsValue) -> bool;

    type Text;
    #[wasm_bindgen(method, getter, js_name = length)]
    fn text_units(this: &Text) -> f64;
}

/// The longest string that is read out of a message, in UTF-16 units: twice the largest cookie. A longer one counts as absent, so
/// that a huge message is never copied into the module's memory.
const MAX_TEXT: f64 = 8192.0;

/// An object that came in a message, or from the page. Anything else has no fields.
pub struct Received(pub JsValue);

impl Received {
    /// A field of any type; `undefined` if there is none.
    #[inline(never)]
    #[must_use]
    pub fn get(&self, key: &str) -> JsValue {
        if self.0.is_object() { get(&self.0, key) } else { JsValue::UNDEFINED }
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
}

/// A string of bounded length.
#[inline(never)]
#[must_use]
pub fn read_text(value: &JsValue) -> Option<String> {
    let is_short = || value.unchecked_ref::<Text>().text_units() <= MAX_TEXT;
    (value.is_string() && is_short()).then(|| value.as_string()).flatten()
}

/// A plain object with these fields.
#[must_use]
pub fn object(fields: &[(&str, Field)]) -> JsValue {
    let object = new_object();
    for (key, field) in fields {
        match field {
            Field::Text(text) => set_text(&object, key, text),
            Field::Number(number) => {
                reflect_set_number(&object, key, *number);
            }
            Field::Flag(flag) => set_flag(&object, key, *flag),
        }
    }
    object
}

/// Sets a property of an object that this module made.
pub fn set_text(object: &JsValue, key: &str, value: &str) {
    reflect_set_text(object, key, value);
}

/// Sets a property of an object that this module made.
pub fn set_flag(object: &JsValue, key: &str, value: bool) {
    reflect_set_flag(object, key, value);
}

/// Sets a property of an object that this module made to `null`.
pub fn set_null(object: &JsValue, key: &str) {
    reflect_set_value(object, key, &JsValue::NULL);
}
