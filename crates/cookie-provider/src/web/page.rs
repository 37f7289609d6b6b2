//! What the page does for one provider, in the rooms of `page/`.

use bridge_protocol::{CookieJar, Nonce};
use bridge_web::random_bytes;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{FrameView, HostPage};

#[wasm_bindgen]
extern "C" {
    /// `page/calls.js`.
    pub(super) type Calls;
    #[wasm_bindgen(method)]
    pub(super) fn settle(this: &Calls, call: u32, result: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn fail(this: &Calls, call: u32, code: &str, message: &str);

    /// `page/cookies.js`.
    pub(super) type Cookies;
    #[wasm_bindgen(method)]
    fn read(this: &Cookies) -> String;
    #[wasm_bindgen(method)]
    fn write(this: &Cookies, cookie: &str);
    #[wasm_bindgen(method, js_name = removeEverywhere)]
    fn remove_everywhere(this: &Cookies, name: &str);

    /// `page/events.js`.
    pub(super) type Events;
    #[wasm_bindgen(method)]
    pub(super) fn emit(this: &Events, event: &str, detail: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn warn(this: &Events, code: &str, message: &str);

    /// `page/frame.js`.
    pub(super) type Frame;
    #[wasm_bindgen(method)]
    pub(super) fn insert(this: &Frame);
    #[wasm_bindgen(method)]
    pub(super) fn mount(this: &Frame);
    #[wasm_bindgen(method)]
    pub(super) fn remove(this: &Frame);
    #[wasm_bindgen(method, js_name = isConnected)]
    fn is_connected(this: &Frame) -> bool;
    #[wasm_bindgen(method, js_name = innerFrames)]
    fn inner_frames(this: &Frame) -> u32;
    #[wasm_bindgen(method)]
    pub(super) fn greet(this: &Frame, hello: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn post(this: &Frame, message: &JsValue);

    /// `page/popup.js`.
    pub(super) type Popup;
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &Popup);
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Popup);
    #[wasm_bindgen(method)]
    pub(super) fn greet(this: &Popup, hello: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn post(this: &Popup, message: &JsValue);

    /// `page/store.js`.
    pub(super) type Store;
    #[wasm_bindgen(method)]
    pub(super) fn ask(this: &Store, request: &JsValue);
    #[wasm_bindgen(method, js_name = warnOfConnectSrc)]
    pub(super) fn warn_of_connect_src(this: &Store);

    /// `page/timers.js`.
    pub(super) type Timers;
    /// Reports the event `expired` of this call.
    #[wasm_bindgen(method)]
    pub(super) fn call(this: &Timers, call: u32, milliseconds: f64);
    /// Reports the event of this name.
    #[wasm_bindgen(method)]
    pub(super) fn start(this: &Timers, event: &str, milliseconds: f64);

    /// `page/hand_over/steps.js`.
    pub(super) type HandOver;
    #[wasm_bindgen(method)]
    pub(super) fn ask(this: &HandOver);
    #[wasm_bindgen(method)]
    pub(super) fn give(this: &HandOver, session: Option<&str>);
    #[wasm_bindgen(method)]
    pub(super) fn open(this: &HandOver);
}

/// The page of one provider.
pub(super) struct Page {
    pub(super) calls: Calls,
    pub(super) cookies: Cookies,
    pub(super) events: Events,
    pub(super) frame: Frame,
    pub(super) popup: Popup,
    pub(super) store: Store,
    pub(super) timers: Timers,
    pub(super) hand_over: HandOver,
}

/// What the core reads and writes of it.
impl CookieJar for &Page {
    fn read(&self) -> String {
        self.cookies.read()
    }

    fn write(&mut self, cookie: &str) {
        self.cookies.write(cookie);
    }
}

impl HostPage for &Page {
    fn remove_everywhere(&mut self, name: &str) {
        self.cookies.remove_everywhere(name);
    }

    fn frame(&self) -> FrameView {
        FrameView { is_connected: self.frame.is_connected(), inner_frames: self.frame.inner_frames() }
    }

    fn nonce(&self) -> Nonce {
        Nonce::from_random(random_bytes())
    }
}
