#![doc = include_str!("../README.md")]

mod browser;

pub use browser::{
    Document, Event, Port, Promise, Url, Window, console_error, is_array, is_same, keys, milliseconds_since_1970,
    values,
};

use bridge_protocol::{CookieJar, Field, Fields};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

#[cfg(not(fixed_memory))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// For the build without WebAssembly. There, memory that grows is a new buffer beside the old one, of which the glue would hear nothing: it looks
/// only for a buffer that was taken away, as WebAssembly does it. So all memory is there from the start (4 MiB: these, a stack of 1 MiB, and
/// the constants), and no instruction grows it, which the build checks. It is enough for all that a page can have waiting at once.
#[cfg(fixed_memory)]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmArenaTalc = {
    use std::mem::MaybeUninit;
    const BYTES: usize = 2560 * 1024;
    static mut MEMORY: [MaybeUninit<u8>; BYTES] = [MaybeUninit::uninit(); BYTES];
    // SAFETY: nothing but the allocator has a name for it.
    unsafe { talc::wasm::new_wasm_arena_allocator(&raw mut MEMORY) }
};

/// A function for the browser to call. All have one parameter, so that the module needs the glue for one type only.
pub type Listener = Closure<dyn Fn(JsValue)>;

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
        if self.0.is_object() { browser::get(&self.0, key) } else { JsValue::UNDEFINED }
    }
}

impl Fields for Received {
    fn is_absent(&self, key: &str) -> bool {
        let value = self.get(key);
        value.is_undefined() || value.is_null()
    }

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
    (value.is_string() && browser::text_length(value) <= MAX_TEXT).then(|| value.as_string()).flatten()
}

/// A plain object with these fields.
#[must_use]
pub fn object(fields: &[(&str, Field)]) -> JsValue {
    let object = browser::new_object();
    for (key, field) in fields {
        match field {
            Field::Text(text) => set_text(&object, key, text),
            Field::Number(number) => {
                browser::set_number(&object, key, *number);
            }
            Field::Flag(flag) => set_flag(&object, key, *flag),
        }
    }
    object
}

/// Sets a property of an object that this module made.
pub fn set_text(object: &JsValue, key: &str, value: &str) {
    browser::set_text(object, key, value);
}

/// Sets a property of an object that this module made.
pub fn set_flag(object: &JsValue, key: &str, value: bool) {
    browser::set_flag(object, key, value);
}

/// Sets a property of an object that this module made to `null`.
pub fn set_null(object: &JsValue, key: &str) {
    browser::set_value(object, key, &JsValue::NULL);
}

/// The cookies of the page's document. A document that may have none (sandboxed, or of a `data:` address) throws: it is an empty
/// jar that keeps nothing.
pub struct DocumentCookies(pub Document);

impl CookieJar for DocumentCookies {
    fn read(&self) -> String {
        self.0.cookie().unwrap_or_default()
    }

    fn write(&mut self, cookie: &str) {
        let _ = self.0.set_cookie(cookie);
    }
}

/// Random bytes that nobody can guess.
#[must_use]
pub fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    browser::random_values(&mut bytes);
    bytes
}
