//! What the page does for one provider, in the rooms of `page/`.

use bridge_protocol::{CookieJar, MARKER, Nonce, STOPPED};
use bridge_web::random_bytes;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{FrameView, HostPage};

#[wasm_bindgen]
extern "C" {
    /// What `page/open.js` passes.
    pub(super) type Page;
    /// Has a room of the page do something: `frame.post`, with what its method takes. Each method as an import of its own would be glue for each.
    #[wasm_bindgen(method)]
    pub(super) fn perform(this: &Page, verb: &str, fields: &JsValue);
    #[wasm_bindgen(method, js_name = readCookies)]
    fn read_cookies(this: &Page) -> String;
    #[wasm_bindgen(method, js_name = writeCookie)]
    fn write_cookie(this: &Page, cookie: &str);
    #[wasm_bindgen(method, js_name = removeEverywhere)]
    fn remove_cookies(this: &Page, name: &str);
    #[wasm_bindgen(method, js_name = isHidden)]
    fn is_hidden(this: &Page, name: &str) -> bool;
    #[wasm_bindgen(method, js_name = isInUse)]
    fn is_in_use(this: &Page) -> bool;
    #[wasm_bindgen(method, js_name = isFrameConnected)]
    fn is_frame_connected(this: &Page) -> bool;
    #[wasm_bindgen(method, js_name = innerFrames)]
    fn inner_frames(this: &Page) -> u32;
    /// Whether a frame of this name is in the iframe's document.
    #[wasm_bindgen(method, js_name = hasInnerFrame)]
    fn has_inner_frame(this: &Page, name: &str) -> bool;
}

/// What the core reads and writes of it.
impl CookieJar for &Page {
    fn read(&self) -> String {
        self.read_cookies()
    }

    fn write(&mut self, cookie: &str) {
        self.write_cookie(cookie);
    }
}

impl HostPage for &Page {
    fn remove_everywhere(&mut self, name: &str) {
        self.remove_cookies(name);
    }

    fn is_hidden(&mut self, name: &str) -> bool {
        Page::is_hidden(self, name)
    }

    fn is_in_use(&self) -> bool {
        Page::is_in_use(self)
    }

    fn frame(&self) -> FrameView {
        FrameView {
            is_connected: self.is_frame_connected(),
            inner_frames: self.inner_frames(),
            has_marker: self.has_inner_frame(MARKER),
            awaits_script: self.has_inner_frame(STOPPED),
        }
    }

    fn nonce(&self) -> Nonce {
        Nonce::from_random(random_bytes())
    }
}
