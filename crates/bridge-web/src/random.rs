//! Random bytes.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// web-sys' `Crypto` has to be looked up and returns a `Result`, which costs 246 bytes in `cookie-provider.js` and 125 in `iframe.html` after
    /// brotli (2026-11-25).
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn random_values(bytes: &mut [u8]);
}

/// Random bytes that nobody can guess.
#[must_use]
pub fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    random_values(&mut bytes);
    bytes
}
