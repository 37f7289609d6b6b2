//! The functions of the browser that are called, as they are specified in the HTML, DOM, URL and Storage Access standards. Only what
//! can throw for what this project passes returns a `Result`.

#![expect(missing_docs, reason = "the browser's own functions under their own names")]

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub type Window;
    #[wasm_bindgen(method, getter)]
    pub fn document(this: &Window) -> Document;
    #[wasm_bindgen(method, getter)]
    pub fn parent(this: &Window) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn opener(this: &Window) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn location(this: &Window) -> Url;
    #[wasm_bindgen(method, getter)]
    pub fn credentialless(this: &Window) -> JsValue;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub fn add_event_listener(this: &Window, event: &str, listener: &JsValue);
    #[wasm_bindgen(method, js_name = setTimeout)]
    pub fn set_timeout(this: &Window, listener: &JsValue, milliseconds: f64, argument: u32) -> JsValue;
    #[wasm_bindgen(method, js_name = postMessage)]
    pub fn post_message(this: &Window, message: &JsValue, target_origin: &str, transfer: Vec<JsValue>);

    pub type Document;
    #[wasm_bindgen(method, getter, catch)]
    pub fn cookie(this: &Document) -> Result<String, JsValue>;
    #[wasm_bindgen(method, setter, catch)]
    pub fn set_cookie(this: &Document, cookie: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter, js_name = hasStorageAccess)]
    pub fn storage_access_function(this: &Document) -> JsValue;
    #[wasm_bindgen(method, js_name = requestStorageAccess)]
    pub fn request_storage_access(this: &Document) -> Promise;
    #[wasm_bindgen(method, js_name = hasStorageAccess)]
    pub fn has_storage_access(this: &Document) -> Promise;

    pub type Url;
    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    pub fn new(address: &str, base: &str) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub fn origin(this: &Url) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn hostname(this: &Url) -> String;

    #[derive(Clone)]
    pub type Port;
    #[wasm_bindgen(method, setter)]
    pub fn set_onmessage(this: &Port, listener: &JsValue);
    #[wasm_bindgen(method, js_name = postMessage)]
    pub fn post_message(this: &Port, message: &JsValue);
    #[wasm_bindgen(method)]
    pub fn close(this: &Port);

    /// A message event.
    pub type Event;
    #[wasm_bindgen(method, getter)]
    pub fn data(this: &Event) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn origin(this: &Event) -> String;
    #[wasm_bindgen(method, getter)]
    pub fn source(this: &Event) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn ports(this: &Event) -> Vec<JsValue>;

    pub type Promise;
    #[wasm_bindgen(method)]
    pub fn then(this: &Promise, fulfilled: &JsValue, rejected: &JsValue) -> JsValue;

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn milliseconds_since_1970() -> f64;
    #[wasm_bindgen(js_namespace = Object, js_name = is)]
    pub fn is_same(one: &JsValue, other: &JsValue) -> bool;
    /// Of a plain object; other things may throw.
    #[wasm_bindgen(js_namespace = Object, js_name = keys)]
    pub fn keys(object: &JsValue) -> Vec<JsValue>;
    /// As above.
    #[wasm_bindgen(js_namespace = Object, js_name = values)]
    pub fn values(object: &JsValue) -> Vec<JsValue>;
    #[wasm_bindgen(js_namespace = Array, js_name = isArray)]
    pub fn is_array(value: &JsValue) -> bool;
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub fn console_error(what: &str);

    #[wasm_bindgen(js_name = Object)]
    pub(crate) fn new_object() -> JsValue;
    #[wasm_bindgen(js_namespace = Reflect, js_name = get)]
    pub(crate) fn get(object: &JsValue, key: &str) -> JsValue;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    pub(crate) fn set_text(object: &JsValue, key: &str, value: &str) -> bool;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    pub(crate) fn set_number(object: &JsValue, key: &str, value: f64) -> bool;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    pub(crate) fn set_flag(object: &JsValue, key: &str, value: bool) -> bool;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    pub(crate) fn set_value(object: &JsValue, key: &str, value: &JsValue) -> bool;
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    pub(crate) fn random_values(bytes: &mut [u8]);

    type Text;
    #[wasm_bindgen(method, getter, js_name = length)]
    fn text_units(this: &Text) -> f64;
}

/// The length of a string in UTF-16 units.
pub(crate) fn text_length(text: &JsValue) -> f64 {
    use wasm_bindgen::JsCast;
    text.unchecked_ref::<Text>().text_units()
}
