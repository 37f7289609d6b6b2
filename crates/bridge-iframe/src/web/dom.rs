//! The functions of the browser that are called, as they are specified in the HTML, DOM, URL and Storage Access standards. Only what
//! can throw for what this project passes returns a `Result`.

use bridge_protocol::CookieJar;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Window;
    #[wasm_bindgen(method, getter)]
    pub(super) fn document(this: &Window) -> Document;
    #[wasm_bindgen(method, getter)]
    pub(super) fn parent(this: &Window) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn opener(this: &Window) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn location(this: &Window) -> Url;
    #[wasm_bindgen(method, getter)]
    pub(super) fn credentialless(this: &Window) -> JsValue;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub(super) fn add_event_listener(this: &Window, event: &str, listener: &JsValue);
    #[wasm_bindgen(method, js_name = setTimeout)]
    pub(super) fn set_timeout(this: &Window, listener: &JsValue, milliseconds: f64, argument: u32) -> JsValue;
    #[wasm_bindgen(method, js_name = postMessage)]
    pub(super) fn post_message(this: &Window, message: &JsValue, target_origin: &str, transfer: Vec<JsValue>);

    pub(super) type Document;
    #[wasm_bindgen(method, getter, catch)]
    pub(super) fn cookie(this: &Document) -> Result<String, JsValue>;
    #[wasm_bindgen(method, setter, catch)]
    pub(super) fn set_cookie(this: &Document, cookie: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter, js_name = hasStorageAccess)]
    pub(super) fn storage_access_function(this: &Document) -> JsValue;
    #[wasm_bindgen(method, js_name = requestStorageAccess)]
    pub(super) fn request_storage_access(this: &Document) -> Promise;
    #[wasm_bindgen(method, js_name = hasStorageAccess)]
    pub(super) fn has_storage_access(this: &Document) -> Promise;

    pub(super) type Url;
    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    pub(super) fn new(address: &str, base: &str) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn origin(this: &Url) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn hostname(this: &Url) -> String;

    #[derive(Clone)]
    pub(super) type Port;
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_onmessage(this: &Port, listener: &JsValue);
    #[wasm_bindgen(method, js_name = postMessage)]
    pub(super) fn post_message(this: &Port, message: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Port);

    pub(super) type MessageEvent;
    #[wasm_bindgen(method, getter)]
    pub(super) fn data(this: &MessageEvent) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn origin(this: &MessageEvent) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn source(this: &MessageEvent) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn ports(this: &MessageEvent) -> Vec<JsValue>;

    pub(super) type Promise;
    #[wasm_bindgen(method)]
    pub(super) fn then(this: &Promise, fulfilled: &JsValue, rejected: &JsValue) -> JsValue;

    #[wasm_bindgen(js_namespace = Object, js_name = is)]
    pub(super) fn is_same(one: &JsValue, other: &JsValue) -> bool;
    /// Of a plain object; other things may throw.
    #[wasm_bindgen(js_namespace = Object, js_name = keys)]
    pub(super) fn keys(object: &JsValue) -> Vec<JsValue>;
    /// As above.
    #[wasm_bindgen(js_namespace = Object, js_name = values)]
    pub(super) fn values(object: &JsValue) -> Vec<JsValue>;
    #[wasm_bindgen(js_namespace = Array, js_name = isArray)]
    pub(super) fn is_array(value: &JsValue) -> bool;
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub(super) fn console_error(what: &str);
}

/// A function for the browser to call. All have one parameter, so that the module needs the glue for one type only.
pub(super) type Listener = Closure<dyn Fn(JsValue)>;

/// The cookies of the page's document. A document that may have none (sandboxed, or of a `data:` address) throws: it is an empty
/// jar that keeps nothing.
pub(super) struct DocumentCookies(pub(super) Document);

impl CookieJar for DocumentCookies {
    fn read(&self) -> String {
        self.0.cookie().unwrap_or_default()
    }

    fn write(&mut self, cookie: &str) {
        let _ = self.0.set_cookie(cookie);
    }
}
