//! What web-sys lacks, as extensions of its types.

use bridge_protocol::CookieJar;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlDocument, Window};

#[wasm_bindgen]
extern "C" {
    /// A window that may report that its storage ends with the page.
    #[wasm_bindgen(extends = Window, typescript_type = "Window")]
    pub(crate) type BridgeWindow;
    #[wasm_bindgen(method, getter)]
    pub(super) fn credentialless(this: &BridgeWindow) -> JsValue;

    /// Throws where the visitor blocks all cookies.
    #[wasm_bindgen(method, getter, catch, js_name = localStorage)]
    pub(super) fn storage(this: &BridgeWindow) -> Result<JsValue, JsValue>;

    /// A document with the Storage Access API.
    #[wasm_bindgen(extends = HtmlDocument)]
    #[derive(Clone)]
    pub(super) type BridgeDocument;
    #[wasm_bindgen(method, getter, js_name = hasStorageAccess)]
    pub(super) fn storage_access_function(this: &BridgeDocument) -> JsValue;
    #[wasm_bindgen(method, js_name = hasStorageAccess)]
    pub(super) fn has_storage_access(this: &BridgeDocument) -> Promise;
    #[wasm_bindgen(method, js_name = requestStorageAccess)]
    pub(super) fn request_storage_access(this: &BridgeDocument) -> Promise;
}

/// A function for the browser to call. All have this type, which `Promise::then2` requires, so that the module needs glue for one type only.
pub(super) type Listener = Closure<dyn FnMut(JsValue)>;

/// The listener with the type that web-sys takes.
pub(super) fn function(listener: &Listener) -> &Function {
    listener.as_js_value().unchecked_ref()
}

/// The cookies of the page's document. Access throws in a document that may have none (sandboxed, or of a `data:` URL), which counts as an empty
/// jar that keeps nothing.
pub(super) struct DocumentCookies(pub(super) HtmlDocument);

impl CookieJar for DocumentCookies {
    fn read(&self) -> String {
        self.0.cookie().unwrap_or_default()
    }

    fn write(&mut self, cookie: &str) {
        let _ = self.0.set_cookie(cookie);
    }
}
