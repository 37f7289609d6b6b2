//! The browser's side: the iframe, the port, the promises, and the JavaScript classes.

mod extension;
mod frame;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bridge_protocol::{BridgeError, Environment, Field, IframeAddress, Misuse, Nonce};
use bridge_web::{DocumentCookies, Received, object, random_bytes, set, window};
use js_sys::{Error, Function, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Url, Window, console};

use crate::core::{Action, Call, Event, Given, Outcome, Provider, Settings};
use frame::Frame;

/// See `cookie-provider.d.ts`.
#[wasm_bindgen]
pub struct CookieProvider(Rc<Page>);

#[wasm_bindgen]
impl CookieProvider {
    /// Never throws: a chat must start even where the bridge cannot. What is wrong ends every call.
    #[wasm_bindgen(constructor)]
    pub fn new(name: JsValue, iframe_url: JsValue, callback: JsValue, options: JsValue) -> Self {
        Self(Page::open(&name, &iframe_url, callback, &options))
    }

    /// Fetches the session from the bridge and sets it as the page's own cookie.
    #[wasm_bindgen(js_name = loadCookie)]
    pub fn load_cookie(&self) -> Promise {
        self.0.call(Call::Load, None)
    }

    /// Takes the page's own session cookie, or a value, to the bridge.
    #[wasm_bindgen(js_name = saveCookie)]
    pub fn save_cookie(&self, value: JsValue, options: JsValue) -> Promise {
        let value = match value.as_string() {
            Some(text) => Given::Text(text),
            None if value.is_undefined() || value.is_null() => Given::Nothing,
            None => Given::NotText,
        };
        self.0.call(Call::Save { value, max_age: number(&options, "maxAge") }, None)
    }

    /// Ends the session on this page and in the bridge.
    #[wasm_bindgen(js_name = clearCookie)]
    pub fn clear_cookie(&self) -> Promise {
        self.0.call(Call::Clear, None)
    }

    /// Tests for third-party cookies.
    #[wasm_bindgen(js_name = cookieTest)]
    pub fn cookie_test(&self, callback: JsValue) -> Promise {
        let callback = callback.dyn_into().ok().or_else(|| self.0.callback.clone());
        self.0.call(Call::Test, callback)
    }

    /// Removes the iframe and rejects what is pending.
    pub fn destroy(&self) {
        self.0.handle(Event::Destroy);
    }
}

/// An option that is a number; one that is set but is none is NaN, which no bound lets pass.
fn number(options: &JsValue, key: &str) -> Option<f64> {
    let value = Reflect::get(options, &key.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then(|| value.as_f64().unwrap_or(f64::NAN))
}

/// A promise that was handed out, and who else wants to know.
struct Promised {
    id: u32,
    resolve: Function,
    reject: Function,
    callback: Option<Function>,
}

struct Page {
    window: Window,
    provider: RefCell<(Provider, DocumentCookies)>,
    frame: RefCell<Option<Frame>>,
    callback: Option<Function>,
    promised: RefCell<Vec<Promised>>,
    last_id: Cell<u32>,
    /// Lives as long as the page: timers may come in after everything else has ended.
    on_timer: RefCell<Option<Closure<dyn FnMut(f64)>>>,
    ignore: Closure<dyn FnMut(JsValue)>,
}

impl Page {
    #[expect(clippy::expect_used, reason = "the script runs in a document, which has a window and cookies")]
    fn open(name: &JsValue, iframe_url: &JsValue, callback: JsValue, options: &JsValue) -> Rc<Self> {
        let window = window().expect("a window");
        // Before anything else: the iframe's loading is what a visitor waits for.
        let frame = iframe_address(&window, iframe_url).and_then(|url| Frame::insert(&window, &url));
        let settings = Settings {
            name: name.as_string(),
            timeout: number(options, "timeout"),
            max_age: number(options, "maxAge"),
            is_secure: window.location().protocol().is_ok_and(|protocol| protocol == "https:"),
        };
        let provider = Provider::new(&settings, frame.as_ref().map(|_| ()).map_err(|error| *error));
        let cookies = DocumentCookies::of(&window).expect("a document");
        let page = Rc::new(Self {
            window,
            provider: RefCell::new((provider, cookies)),
            frame: RefCell::new(None),
            callback: callback.dyn_into().ok(),
            promised: RefCell::new(Vec::new()),
            last_id: Cell::new(0),
            on_timer: RefCell::new(None),
            ignore: Closure::new(|_| ()),
        });
        let on = Rc::clone(&page);
        let on_timer = Closure::new(move |id: f64| on.expired(id));
        *page.on_timer.borrow_mut() = Some(on_timer);
        if let Ok(mut frame) = frame {
            frame.listen(&page);
            *page.frame.borrow_mut() = Some(frame);
        }
        page
    }

    fn call(&self, call: Call, callback: Option<Function>) -> Promise {
        let id = self.last_id.get().wrapping_add(1);
        self.last_id.set(id);
        let promise = Promise::new(&mut |resolve, reject| {
            self.promised.borrow_mut().push(Promised { id, resolve, reject, callback: callback.clone() });
        });
        // Nobody needs to await it: the failure is reported on the console, not as an unhandled rejection of the page's.
        let _ = promise.catch(&self.ignore);
        self.handle(Event::Call { id, call });
        promise
    }

    fn handle(&self, event: Event<'_>) {
        let actions = {
            let (provider, cookies) = &mut *self.provider.borrow_mut();
            provider.handle(event, cookies)
        };
        for action in actions {
            match action {
                Action::Greet(wire) => self.with_frame(|frame| frame.greet(&wire)),
                Action::Post(wire) => self.with_frame(|frame| frame.post(&wire)),
                Action::StartTimer { id, timeout } => self.start_timer(id, timeout),
                Action::Settle { id, result } => self.settle(id, result),
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
        if let Some(bytes) = random_bytes(&self.window) {
            self.handle(Event::FrameLoaded(Nonce::from_random(bytes)));
        }
    }

    fn message(&self, data: JsValue) {
        self.handle(Event::Message(&Received(data)));
    }

    fn start_timer(&self, id: u32, timeout: f64) {
        if let Some(on_timer) = &*self.on_timer.borrow() {
            #[expect(clippy::cast_possible_truncation, reason = "the core bounds it to 600000")]
            let timeout = timeout as i32;
            let _ = self.window.set_timeout_with_callback_and_timeout_and_arguments_1(
                on_timer.as_ref().unchecked_ref(),
                timeout,
                &JsValue::from_f64(f64::from(id)),
            );
        }
    }

    fn expired(&self, id: f64) {
        let bridge_present = self.frame.borrow().as_ref().is_some_and(Frame::holds_bridge);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was made from a u32")]
        self.handle(Event::Expired { id: id as u32, bridge_present });
    }

    fn settle(&self, id: u32, result: Result<Outcome, BridgeError>) {
        let promised = {
            let mut promised = self.promised.borrow_mut();
            let Some(position) = promised.iter().position(|promised| promised.id == id) else { return };
            promised.swap_remove(position)
        };
        match result {
            Ok(outcome) => {
                if let Outcome::Tested { error: Some(error), .. } = &outcome {
                    console::warn_1(&js_error(*error));
                }
                let _ = promised.resolve.call1(&JsValue::UNDEFINED, &js_outcome(&outcome));
                notify(promised.callback.as_ref(), outcome.jar_and_via().0.is_shared());
            }
            Err(error) => {
                let value = js_error(error);
                if error != Misuse::Destroyed.into() {
                    console::warn_1(&value);
                }
                let _ = promised.reject.call1(&JsValue::UNDEFINED, &value);
            }
        }
    }
}

/// Tells the page; what its function throws is its own error, to be seen on the console.
fn notify(callback: Option<&Function>, is_enabled: bool) {
    if let Some(Err(error)) = callback.map(|callback| callback.call1(&JsValue::UNDEFINED, &is_enabled.into())) {
        console::error_1(&error);
    }
}

fn iframe_address(window: &Window, iframe_url: &JsValue) -> Result<Url, BridgeError> {
    let misuse = || BridgeError::from(Misuse::IframeUrl);
    let text = iframe_url.as_string().ok_or_else(misuse)?;
    let base = window.location().href().map_err(|_| misuse())?;
    let url = Url::new_with_base(&text, &base).map_err(|_| misuse())?;
    let address = IframeAddress { protocol: &url.protocol(), hostname: &url.hostname() };
    if address.is_acceptable() { Ok(url) } else { Err(misuse()) }
}

fn js_error(error: BridgeError) -> JsValue {
    let value = Error::new(error.message());
    value.set_name("CookieBridgeError");
    set(&value, "code", &error.code().into());
    value.into()
}

fn js_outcome(outcome: &Outcome) -> JsValue {
    let (jar, via) = outcome.jar_and_via();
    let text = |text: &str| Field::Text(text.to_owned());
    let result = object(&[("jar", text(jar.state.as_str()))]);
    if !matches!(outcome, Outcome::Tested { .. }) {
        set(&result, "via", &via.as_str().into());
    }
    match outcome {
        Outcome::Loaded { value, .. } => {
            set(&result, "loaded", &value.is_some().into());
            let value = value.as_ref().map_or(JsValue::NULL, |value| value.reveal().into());
            set(&result, "value", &value);
        }
        Outcome::Saved { saved, .. } => set(&result, "saved", &(*saved).into()),
        Outcome::Cleared { cleared, .. } => set(&result, "cleared", &(*cleared).into()),
        Outcome::Tested { jar, error } => {
            set(&result, "readable", &jar.readable.into());
            set(&result, "code", &error.map_or(JsValue::NULL, |error| error.code().into()));
        }
    }
    result
}

/// No place for the iframe: the script runs in something that is not an HTML page.
const NO_PLACE: BridgeError = BridgeError::Environment(Environment::IframeUnreachable);
