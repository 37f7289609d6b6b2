//! The browser's side: hands events to the core and its actions to the page. What they do there is in `entry.js`, because each
//! function of the browser that is called from here costs a visitor more bytes than a line there.

#![expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]

use std::cell::RefCell;

use bridge_protocol::{
    BridgeError, CookieJar, CookieValue, IframeAddress, JarVerdict, Misuse, Nonce, Ready, Request, Rungs, Stamp, Via,
};
use bridge_web::{Received, milliseconds_since_1970, object, random_bytes, set_flag, set_null, set_text};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{Action, Arrival, Call, Event, Given, Outcome, Provider, Settings, Step};

#[wasm_bindgen]
extern "C" {
    /// What `entry.js` does in the page for one provider.
    #[derive(Clone)]
    pub type Page;
    /// Puts a new iframe into the page, which starts its loading.
    #[wasm_bindgen(method)]
    fn insert(this: &Page);
    #[wasm_bindgen(method)]
    fn cookies(this: &Page) -> String;
    #[wasm_bindgen(method, js_name = setCookie)]
    fn set_cookie(this: &Page, cookie: &str);
    #[wasm_bindgen(method)]
    fn greet(this: &Page, is_popup: bool, hello: &JsValue);
    #[wasm_bindgen(method)]
    fn post(this: &Page, is_popup: bool, message: &JsValue);
    #[wasm_bindgen(method)]
    fn time(this: &Page, call: u32, milliseconds: f64);
    #[wasm_bindgen(method)]
    fn settle(this: &Page, call: u32, result: &JsValue);
    #[wasm_bindgen(method)]
    fn fail(this: &Page, call: u32, code: &str, message: &str);
    #[wasm_bindgen(method)]
    fn emit(this: &Page, event: &str, detail: &JsValue);
    #[wasm_bindgen(method, js_name = removeFrame)]
    fn remove_frame(this: &Page);
    /// Whether the browser opened it.
    #[wasm_bindgen(method, js_name = openPopup)]
    fn open_popup(this: &Page) -> bool;
    #[wasm_bindgen(method, js_name = closePopup)]
    fn close_popup(this: &Page);
    #[wasm_bindgen(method)]
    fn ask(this: &Page);
    #[wasm_bindgen(method)]
    fn give(this: &Page, session: Option<&str>);
    #[wasm_bindgen(method, js_name = openGift)]
    fn open_gift(this: &Page);
    /// `since` is in milliseconds since 1970, or 0.
    #[wasm_bindgen(method, js_name = askStore)]
    fn ask_store(this: &Page, call: u32, what: &str, value: Option<&str>, since: f64);
}

impl CookieJar for Page {
    fn read(&self) -> String {
        self.cookies()
    }

    fn write(&mut self, cookie: &str) {
        self.set_cookie(cookie);
    }
}

thread_local! {
    /// Every provider of the page. The class holds only a number, so that nothing here depends on when the browser collects garbage.
    static PROVIDERS: RefCell<Vec<(Provider, Page)>> = const { RefCell::new(Vec::new()) };
}

/// The bit of the rung `store`, which is set only if there is a reference.
const STORE: f64 = 16.0;

/// `new CookieProvider(…)`; `rungs` is `options.access` in bits, or NaN. Never throws: a chat must start even where the bridge cannot.
/// What is wrong ends every call.
#[wasm_bindgen(js_name = wasmOpen)]
pub fn open(
    page: Page,
    protocol: &str,
    hostname: &str,
    is_secure: bool,
    name: JsValue,
    options: JsValue,
    rungs: f64,
) -> usize {
    let is_acceptable = IframeAddress { protocol, hostname }.is_acceptable();
    if is_acceptable {
        // Before anything else: the iframe's loading is what a visitor waits for.
        page.insert();
    }
    let options = Received(options);
    let has_store = (STORE..2.0 * STORE).contains(&rungs);
    let settings = Settings {
        name: name.as_string(),
        timeout: number(&options, "timeout"),
        max_age: number(&options, "maxAge"),
        rungs: Rungs::from_bits(if has_store { rungs - STORE } else { rungs }),
        is_secure,
        has_store,
    };
    let provider = Provider::new(&settings, if is_acceptable { Ok(()) } else { Err(Misuse::IframeUrl.into()) });
    PROVIDERS.with_borrow_mut(|providers| {
        providers.push((provider, page));
        providers.len() - 1
    })
}

/// `loadCookie()`.
#[wasm_bindgen(js_name = wasmLoad)]
pub fn load(provider: usize, id: u32) {
    handle(provider, Event::Call { id, call: Call::Load });
}

/// `saveCookie(value, options)`.
#[wasm_bindgen(js_name = wasmSave)]
pub fn save(provider: usize, id: u32, value: JsValue, options: JsValue) {
    let value = match value.as_string() {
        Some(text) => Given::Text(text),
        None if value.is_undefined() || value.is_null() => Given::Nothing,
        None => Given::NotText,
    };
    let max_age = number(&Received(options), "maxAge");
    handle(provider, Event::Call { id, call: Call::Save { value, max_age } });
}

/// `clearCookie()`.
#[wasm_bindgen(js_name = wasmClear)]
pub fn clear(provider: usize, id: u32) {
    handle(provider, Event::Call { id, call: Call::Clear });
}

/// `cookieTest()`.
#[wasm_bindgen(js_name = wasmTest)]
pub fn test(provider: usize, id: u32) {
    handle(provider, Event::Call { id, call: Call::Test });
}

/// `isTrusted(origin)`.
#[wasm_bindgen(js_name = wasmTrusts)]
pub fn trusts(provider: usize, id: u32, origin: String) {
    handle(provider, Event::Call { id, call: Call::Trusts(origin) });
}

/// `mountAccessButton(element, options)`; `text` is the options as JSON.
#[wasm_bindgen(js_name = wasmMount)]
pub fn mount(provider: usize, id: u32, has_element: bool, text: String) {
    handle(provider, Event::Call { id, call: Call::Mount { has_element, text } });
}

/// `continueSession(options)`; `text` is what stands on the popup's button, as JSON, if there is to be one.
#[wasm_bindgen(js_name = wasmContinue)]
pub fn continue_session(provider: usize, id: u32, text: Option<String>) {
    handle(provider, Event::Call { id, call: Call::Continue { confirm: text } });
}

/// A document was loaded into the iframe.
#[wasm_bindgen(js_name = wasmFrameLoaded)]
pub fn frame_loaded(provider: usize) {
    handle(provider, Event::FrameLoaded(nonce()));
}

/// This page's Content-Security-Policy forbids a frame of the bridge's origin.
#[wasm_bindgen(js_name = wasmFrameForbidden)]
pub fn frame_forbidden(provider: usize) {
    handle(provider, Event::FrameForbidden);
}

/// The port to the iframe or to the popup received this.
#[wasm_bindgen(js_name = wasmMessage)]
pub fn message(provider: usize, is_popup: bool, data: JsValue) {
    let data = &Received(data);
    handle(provider, if is_popup { Event::PopupMessage(data) } else { Event::Message(data) });
}

/// The time of a call is up.
#[wasm_bindgen(js_name = wasmExpired)]
pub fn expired(provider: usize, id: u32, bridge_present: bool) {
    handle(provider, Event::Expired { id, bridge_present });
}

/// The page came into view, or listens for changes.
#[wasm_bindgen(js_name = wasmLook)]
pub fn look(provider: usize) {
    handle(provider, Event::Visible);
}

/// The popup's window sent this to the page's.
#[wasm_bindgen(js_name = wasmPopupSent)]
pub fn popup_sent(provider: usize, data: JsValue) -> bool {
    let is_ready = Ready::read(&Received(data)).is_some();
    if is_ready {
        handle(provider, Event::PopupReady(nonce()));
    }
    is_ready
}

/// The popup is gone, or out of reach.
#[wasm_bindgen(js_name = wasmPopupClosed)]
pub fn popup_closed(provider: usize, is_unheard: bool) {
    handle(provider, Event::PopupClosed { is_unheard });
}

/// The page was reached by a link of this step of a hand-over, 0 to 3; `noted_origin` is empty and `noted_at` 0 if nothing was
/// noted before.
#[wasm_bindgen(js_name = wasmArrived)]
pub fn arrived(provider: usize, step: u32, referrer: &str, noted_origin: &str, noted_at: f64) {
    let step = match step {
        0 => Step::Offer,
        1 => Step::Ask,
        2 => Step::Give,
        _ => Step::Code,
    };
    let note = (!noted_origin.is_empty()).then(|| (noted_origin, Stamp::from_milliseconds(noted_at)));
    handle(provider, Event::Arrived(Arrival { step, referrer, note }));
}

/// What the link brought, opened.
#[wasm_bindgen(js_name = wasmHandedOver)]
pub fn handed_over(provider: usize, text: Option<String>) {
    handle(provider, Event::HandedOver(text.as_deref()));
}

/// The visitor may be about to follow a link to this origin.
#[wasm_bindgen(js_name = wasmLinkNear)]
pub fn link_near(provider: usize, origin: &str) {
    handle(provider, Event::LinkNear(origin));
}

/// Whether a link to this origin should carry an offer.
#[wasm_bindgen(js_name = wasmOffers)]
pub fn offers(provider: usize, origin: &str) -> bool {
    PROVIDERS
        .with_borrow(|providers| providers.get(provider).is_some_and(|(provider, page)| provider.offers(origin, page)))
}

/// The bridge server answered a call: with a session, or without one, or with the code of an error.
#[wasm_bindgen(js_name = wasmStoreAnswered)]
pub fn store_answered(provider: usize, id: u32, value: Option<String>, code: Option<String>) {
    let answer = match &code {
        Some(code) => Err(code.as_str()),
        None => Ok(value.as_deref()),
    };
    handle(provider, Event::StoreAnswered { id, answer });
}

/// `destroy()`.
#[wasm_bindgen(js_name = wasmDestroy)]
pub fn destroy(provider: usize) {
    handle(provider, Event::Destroy);
}

#[inline(never)]
fn handle(id: usize, event: Event<'_>) {
    let handled = PROVIDERS.with_borrow_mut(|providers| {
        let (provider, page) = providers.get_mut(id)?;
        let now = Stamp::from_milliseconds(milliseconds_since_1970());
        Some((provider.handle(event, now, page), page.clone()))
    });
    // Not borrowed any more: the page's listeners may call the provider at once.
    let Some((actions, page)) = handled else { return };
    for action in actions {
        match action {
            Action::StartTimer { id, timeout } => page.time(id, timeout),
            Action::Settle { id, result: Ok(outcome) } => page.settle(id, &js_outcome(&page, &outcome)),
            Action::Settle { id, result: Err(error) } => page.fail(id, error.code(), error.message()),
            Action::Greet(wire) => page.greet(false, &object(wire.fields())),
            Action::Post(wire) => page.post(false, &object(wire.fields())),
            Action::GreetPopup(wire) => page.greet(true, &object(wire.fields())),
            Action::PostPopup(wire) => page.post(true, &object(wire.fields())),
            Action::Emit(outcome) => page.emit(event_name(&outcome), &js_outcome(&page, &outcome)),
            Action::InsertFrame => page.insert(),
            Action::RemoveFrame => page.remove_frame(),
            Action::ClosePopup => page.close_popup(),
            Action::AskForSession => page.ask(),
            Action::GiveSession(value) => page.give(value.as_ref().map(CookieValue::reveal)),
            Action::OpenSession => page.open_gift(),
            Action::AskStore { id, request } => ask_store(&page, id, &request),
            Action::OpenPopup => {
                if !page.open_popup() {
                    handle(id, Event::PopupBlocked);
                }
            }
        }
    }
}

fn ask_store(page: &Page, id: u32, request: &Request) {
    let (what, value, since) = match request {
        Request::Save { session, since } => ("save", Some(session.value.reveal()), *since),
        Request::Clear { since, .. } => ("clear", None, *since),
        _ => ("load", None, None),
    };
    page.ask_store(id, what, value, since.map_or(0.0, Stamp::in_milliseconds));
}

/// An option that is a number; one that is set but is none is NaN, which no bound lets pass.
fn number(options: &Received, key: &str) -> Option<f64> {
    let value = options.get(key);
    if value.is_undefined() || value.is_null() { None } else { Some(value.as_f64().unwrap_or(f64::NAN)) }
}

fn nonce() -> Nonce {
    Nonce::from_random(random_bytes())
}

fn event_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Saved { .. } => "saved",
        Outcome::Loaded { .. } => "loaded",
        Outcome::Access { .. } => "access",
        Outcome::Refused(_) => "refused",
        _ => "change",
    }
}

fn js_outcome(page: &Page, outcome: &Outcome) -> JsValue {
    let result = object(&[]);
    let set_jar = |jar: &JarVerdict| set_text(&result, "jar", jar.state.as_str());
    let set_via = |jar: &JarVerdict, via: Via| {
        set_jar(jar);
        set_text(&result, "via", via.as_str());
    };
    let explain = |error: Option<BridgeError>| {
        if let Some(error) = error {
            // No call has this number: it is only written to the console.
            page.fail(0, error.code(), error.message());
        }
        set_code(&result, error);
    };
    match outcome {
        Outcome::Tested { jar, error, can_continue } => {
            set_jar(jar);
            set_flag(&result, "readable", jar.readable);
            set_flag(&result, "canRequestAccess", jar.can_request);
            set_flag(&result, "canContinue", *can_continue);
            explain(*error);
        }
        Outcome::Loaded { value, jar, via, error } => {
            set_flag(&result, "loaded", value.is_some());
            set_value(&result, value.as_ref());
            set_via(jar, *via);
            explain(*error);
        }
        Outcome::Saved { saved, jar, via } => {
            set_flag(&result, "saved", *saved);
            set_via(jar, *via);
        }
        Outcome::Cleared { cleared, jar, via } => {
            set_flag(&result, "cleared", *cleared);
            set_via(jar, *via);
        }
        Outcome::Access { decided, error } => {
            set_flag(&result, "granted", error.is_none());
            if let Some(jar) = decided {
                set_jar(jar);
            }
            set_code(&result, *error);
        }
        Outcome::Continued { saved, value, jar, error } => {
            set_flag(&result, "saved", *saved);
            set_flag(&result, "loaded", value.is_some());
            set_value(&result, value.as_ref());
            set_via(jar, if jar.readable { Via::Popup } else { Via::Local });
            explain(*error);
        }
        Outcome::Changed { value } => set_value(&result, value.as_ref()),
        Outcome::Refused(error) => explain(Some(*error)),
        Outcome::Trusted(is_trusted) => return JsValue::from_bool(*is_trusted),
    }
    result
}

fn set_value(result: &JsValue, value: Option<&CookieValue>) {
    match value {
        Some(value) => set_text(result, "value", value.reveal()),
        None => set_null(result, "value"),
    }
}

fn set_code(result: &JsValue, error: Option<BridgeError>) {
    match error {
        Some(error) => set_text(result, "code", error.code()),
        None => set_null(result, "code"),
    }
}
