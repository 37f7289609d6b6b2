//! The browser's side: the iframe, the port, the promises, and the functions behind the JavaScript class in `entry.js`.

#![expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]

mod extension;
mod frame;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use bridge_protocol::{BridgeError, Field, IframeAddress, Misuse, Nonce};
use bridge_web::{
    DocumentCookies, Event as MessageEvent, Listener, Received, Url, Window, console_warn, new_error, object,
    random_bytes, set_flag, set_null, set_text,
};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::{Action, Call, Event, Given, Outcome, Provider, Settings};
use frame::Frame;

#[wasm_bindgen]
extern "C" {
    /// `resolve` or `reject` of a promise.
    type Settle;
    #[wasm_bindgen(method, js_name = call)]
    fn with(this: &Settle, receiver: &JsValue, result: &JsValue);
}

thread_local! {
    /// Every provider of the page. The class holds only a number, so that nothing here depends on when the browser collects garbage.
    static PAGES: RefCell<Vec<Rc<Page>>> = const { RefCell::new(Vec::new()) };
}

/// `new CookieProvider(…)`. Never throws: a chat must start even where the bridge cannot. What is wrong ends every call.
#[wasm_bindgen(js_name = wasmOpen)]
pub fn open(window: Window, name: JsValue, iframe_url: JsValue, options: JsValue) -> usize {
    let page = Page::open(window, &name, &iframe_url, options);
    PAGES.with_borrow_mut(|pages| {
        pages.push(page);
        pages.len() - 1
    })
}

/// `loadCookie()`.
#[wasm_bindgen(js_name = wasmLoad)]
pub fn load(provider: usize, resolve: JsValue, reject: JsValue) {
    call(provider, Call::Load, resolve, reject);
}

/// `saveCookie(value, options)`.
#[wasm_bindgen(js_name = wasmSave)]
pub fn save(provider: usize, resolve: JsValue, reject: JsValue, value: JsValue, options: JsValue) {
    let value = match value.as_string() {
        Some(text) => Given::Text(text),
        None if value.is_undefined() || value.is_null() => Given::Nothing,
        None => Given::NotText,
    };
    call(provider, Call::Save { value, max_age: number(&Received(options), "maxAge") }, resolve, reject);
}

/// `clearCookie()`.
#[wasm_bindgen(js_name = wasmClear)]
pub fn clear(provider: usize, resolve: JsValue, reject: JsValue) {
    call(provider, Call::Clear, resolve, reject);
}

/// `cookieTest()`.
#[wasm_bindgen(js_name = wasmTest)]
pub fn test(provider: usize, resolve: JsValue, reject: JsValue) {
    call(provider, Call::Test, resolve, reject);
}

/// `destroy()`.
#[wasm_bindgen(js_name = wasmDestroy)]
pub fn destroy(provider: usize) {
    if let Some(page) = page(provider) {
        page.handle(Event::Destroy);
    }
}

fn page(provider: usize) -> Option<Rc<Page>> {
    PAGES.with_borrow(|pages| pages.get(provider).cloned())
}

fn call(provider: usize, call: Call, resolve: JsValue, reject: JsValue) {
    if let Some(page) = page(provider) {
        page.call(call, resolve, reject);
    }
}

/// An option that is a number; one that is set but is none is NaN, which no bound lets pass.
fn number(options: &Received, key: &str) -> Option<f64> {
    let value = options.get(key);
    if value.is_undefined() || value.is_null() { None } else { Some(value.as_f64().unwrap_or(f64::NAN)) }
}

/// A promise that was handed out.
struct Promised {
    id: u32,
    resolve: JsValue,
    reject: JsValue,
}

struct Page {
    window: Window,
    provider: RefCell<(Provider, DocumentCookies)>,
    frame: RefCell<Option<Frame>>,
    promised: RefCell<Vec<Promised>>,
    last_id: Cell<u32>,
    on_timer: JsValue,
}

impl Page {
    fn open(window: Window, name: &JsValue, iframe_url: &JsValue, options: JsValue) -> Rc<Self> {
        let document = window.document();
        // Before anything else: the iframe's loading is what a visitor waits for.
        let base = document.base_uri();
        let frame = iframe_address(iframe_url, &base).map(|url| Frame::insert(&document, &url));
        let options = Received(options);
        let settings = Settings {
            name: name.as_string(),
            timeout: number(&options, "timeout"),
            max_age: number(&options, "maxAge"),
            is_secure: window.location().protocol() == "https:",
        };
        let provider = Provider::new(&settings, frame.as_ref().map(|_| ()).map_err(|error| *error));
        Rc::new_cyclic(|page| {
            let on_timer = Self::listener(page, |page, id| page.expired(&id));
            let mut frame = frame.ok();
            if let Some(frame) = &mut frame {
                let on_load = Self::listener(page, |page, _| page.frame_loaded());
                let on_message = Self::listener(page, |page, event| page.message(event));
                frame.listen(on_load, on_message);
            }
            Self {
                window,
                provider: RefCell::new((provider, DocumentCookies(document))),
                frame: RefCell::new(frame),
                promised: RefCell::new(Vec::new()),
                last_id: Cell::new(0),
                on_timer,
            }
        })
    }

    /// A function for the browser that lives as long as somebody can call it.
    fn listener(page: &Weak<Self>, handle: fn(&Self, JsValue)) -> JsValue {
        let page = page.clone();
        let call = move |argument| {
            if let Some(page) = page.upgrade() {
                handle(&page, argument);
            }
        };
        Listener::new(call).into_js_value()
    }

    fn call(&self, call: Call, resolve: JsValue, reject: JsValue) {
        let id = self.last_id.get().wrapping_add(1);
        self.last_id.set(id);
        self.promised.borrow_mut().push(Promised { id, resolve, reject });
        self.handle(Event::Call { id, call });
    }

    fn handle(&self, event: Event<'_>) {
        let actions = {
            let (provider, cookies) = &mut *self.provider.borrow_mut();
            provider.handle(event, cookies)
        };
        for action in actions {
            match action {
                Action::StartTimer { id, timeout } => {
                    self.window.set_timeout(&self.on_timer, timeout, id);
                }
                Action::Settle { id, result } => self.settle(id, result),
                Action::Greet(wire) => self.with_frame(|frame| frame.greet(&wire)),
                Action::Post(wire) => self.with_frame(|frame| frame.post(&wire)),
                Action::RemoveFrame => self.with_frame(Frame::remove),
            }
        }
    }

    fn with_frame(&self, act: impl FnOnce(&mut Frame)) {
        if let Some(frame) = &mut *self.frame.borrow_mut() {
            act(frame);
        }
    }

    fn frame_loaded(&self) {
        self.handle(Event::FrameLoaded(Nonce::from_random(random_bytes())));
    }

    fn message(&self, event: JsValue) {
        let data = event.unchecked_into::<MessageEvent>().data();
        self.handle(Event::Message(&Received(data)));
    }

    fn expired(&self, id: &JsValue) {
        let bridge_present = self.frame.borrow().as_ref().is_some_and(Frame::holds_bridge);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was made from a u32")]
        let id = id.as_f64().unwrap_or_default() as u32;
        self.handle(Event::Expired { id, bridge_present });
    }

    fn settle(&self, id: u32, result: Result<Outcome, BridgeError>) {
        let promised = {
            let mut promised = self.promised.borrow_mut();
            let Some(position) = promised.iter().position(|promised| promised.id == id) else { return };
            promised.swap_remove(position)
        };
        let (settle, value) = match result {
            Ok(outcome) => (promised.resolve, js_outcome(&outcome)),
            Err(error) => (promised.reject, js_error(error)),
        };
        settle.unchecked_into::<Settle>().with(&JsValue::UNDEFINED, &value);
    }
}

fn iframe_address(iframe_url: &JsValue, base: &str) -> Result<Url, BridgeError> {
    let url = iframe_url.as_string().and_then(|text| Url::new(&text, base).ok());
    url.filter(|url| IframeAddress { protocol: &url.protocol(), hostname: &url.hostname() }.is_acceptable())
        .ok_or(Misuse::IframeUrl.into())
}

/// The error for the page, which is also written to the console, since nobody needs to await a call.
fn js_error(error: BridgeError) -> JsValue {
    let value = new_error(error.message());
    set_text(&value, "name", "CookieBridgeError");
    set_text(&value, "code", error.code());
    if error != Misuse::Destroyed.into() {
        console_warn(&value);
    }
    value
}

fn js_outcome(outcome: &Outcome) -> JsValue {
    let (jar, via) = outcome.jar_and_via();
    let result = object(&[("jar", Field::Text(jar.state.as_str().to_owned()))]);
    match outcome {
        Outcome::Tested { jar, error } => {
            set_flag(&result, "readable", jar.readable);
            match error {
                Some(error) => {
                    js_error(*error);
                    set_text(&result, "code", error.code());
                }
                None => set_null(&result, "code"),
            }
            return result;
        }
        Outcome::Loaded { value, .. } => {
            set_flag(&result, "loaded", value.is_some());
            match value {
                Some(value) => set_text(&result, "value", value.reveal()),
                None => set_null(&result, "value"),
            }
        }
        Outcome::Saved { saved, .. } => set_flag(&result, "saved", *saved),
        Outcome::Cleared { cleared, .. } => set_flag(&result, "cleared", *cleared),
    }
    set_text(&result, "via", via.as_str());
    result
}
