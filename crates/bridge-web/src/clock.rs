//! The browser's clock.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// What time it is.
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn milliseconds_since_1970() -> f64;
}
