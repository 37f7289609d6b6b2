//! The browser's side: turns what happens in the page into the core's events, and carries out its actions.

mod dom;
mod list;

use std::cell::{OnceCell, RefCell};

use bridge_protocol::{Fields, Nonce, Ready, Timestamp, Wire};
use bridge_web::{Received, milliseconds_since_1970, object, random_bytes, read_text};
use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, MessagePort, Window};

use crate::core::{Action, Bridge, Event, Permission, Place};
use dom::{BridgeDocument, BridgeWindow, DocumentCookies, Listener, function};
use list::read_policy;

/// `Script` for the type checker of JavaScript.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
export interface Script {
    show(
        text: string,
        onClick: () => void,
        onSight: (sight: IntersectionObserverEntry) => void,
        onTimeUp: () => void,
        milliseconds: number,
    ): void;
    permission(): Promise<string>;
    watch(onChange: () => void): void;
}
";

#[wasm_bindgen]
extern "C" {
    /// What `page/` does in the document.
    #[wasm_bindgen(typescript_type = "Script")]
    pub type Script;
    /// Shows a button; calls back when it is clicked, with each `IntersectionObserverEntry` of it, and after this time.
    #[wasm_bindgen(method)]
    fn show(this: &Script, text: &str, on_click: &JsValue, on_sight: &JsValue, on_time_up: &JsValue, milliseconds: i32);
    /// The state of the permission `storage-access`; rejects where the browser does not know it.
    #[wasm_bindgen(method)]
    fn permission(this: &Script) -> Promise;
    /// Calls back when a cookie changes, where the browser reports that.
    #[wasm_bindgen(method)]
    fn watch(this: &Script, on_change: &JsValue);
}

/// Answers the page that embeds this one or opened it as a popup. `entries` is a copy of the page's `TRUSTED_DOMAINS` through JSON.
///
/// If the visitor opened the bridge's address, there is nobody to answer, and this does nothing.
#[wasm_bindgen(js_name = wasmStart)]
#[expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]
pub fn start(window: BridgeWindow, entries: Vec<JsValue>, script: Script) {
    let trusted = read_policy(&entries);
    let Ok(Some(parent)) = window.parent() else { return };
    let is_top_level = Object::is(&parent, &window);
    let peer = if is_top_level { window.opener().unwrap_or_default().unchecked_into() } else { parent };
    if !peer.is_object() {
        return;
    }
    let place = Place {
        origin: window.location().origin().unwrap_or_default(),
        is_top_level,
        is_ephemeral: window.credentialless().is_truthy(),
        has_storage: window.storage().is_ok(),
        probe_token: Nonce::from_random(random_bytes()).as_str().to_owned(),
    };
    let bridge = Bridge::new(trusted, place);
    Driver::listen(window, peer.clone(), script, bridge);
    if is_top_level {
        // To any origin, because it says only that the page is there.
        let _ = peer.post_message(&object(Ready.to_wire().fields()), "*");
    }
}

/// Feeds the core with events and carries out its actions.
struct Driver {
    window: BridgeWindow,
    document: BridgeDocument,
    /// The window that embeds this one, or that opened it.
    peer: Window,
    script: Script,
    state: RefCell<(Bridge, DocumentCookies)>,
    port: RefCell<Option<MessagePort>>,
    on_request: Listener,
    on_storage_access: Listener,
    on_no_storage_access: Listener,
    on_permission: Listener,
    on_granted: Listener,
    on_refused: Listener,
    on_time_up: Listener,
    on_click: Listener,
    on_sight: Listener,
    on_sight_time_up: Listener,
}

impl Driver {
    fn listen(window: BridgeWindow, peer: Window, script: Script, bridge: Bridge) {
        let Some(document) = window.document() else { return };
        let document: BridgeDocument = document.unchecked_into();
        let cookies = DocumentCookies(document.clone().into());
        // It lives as long as the document.
        let driver: &'static OnceCell<Self> = Box::leak(Box::new(OnceCell::new()));
        let listener = |handle: fn(&Self, JsValue)| {
            Listener::new(move |argument| {
                if let Some(driver) = driver.get() {
                    handle(driver, argument);
                }
            })
        };
        let on_message = listener(Self::message).into_js_value();
        let _ = window.add_event_listener_with_callback("message", on_message.unchecked_ref());
        script.watch(&listener(|driver, _| driver.report(&Event::CookieChanged)).into_js_value());
        let _ = driver.set(Self {
            state: RefCell::new((bridge, cookies)),
            port: RefCell::new(None),
            on_request: listener(|driver, event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                driver.report(&Event::Request(&Received(data)));
            }),
            on_storage_access: listener(|driver, answer| {
                driver.report(&Event::StorageAccess(Some(answer.is_truthy())))
            }),
            on_no_storage_access: listener(|driver, _| driver.report(&Event::StorageAccess(Some(false)))),
            on_permission: listener(|driver, state| {
                driver.report(&Event::Permission(match read_text(&state).as_deref() {
                    Some("granted") => Permission::Granted,
                    Some("denied") => Permission::Denied,
                    _ => Permission::Unknown,
                }));
            }),
            on_granted: listener(|driver, _| driver.report(&Event::AccessRequested(true))),
            on_refused: listener(|driver, _| driver.report(&Event::AccessRequested(false))),
            on_time_up: listener(|driver, _| driver.report(&Event::TimeUp)),
            on_click: listener(|driver, _| driver.report(&Event::Clicked)),
            on_sight: listener(|driver, sight| {
                let sight = Received(sight);
                driver.report(&Event::Sighted {
                    ratio: sight.number("intersectionRatio").unwrap_or_default(),
                    is_visible: sight.flag("isVisible"),
                });
            }),
            on_sight_time_up: listener(|driver, _| driver.report(&Event::SightTimeUp)),
            window,
            document,
            peer,
            script,
        });
    }

    fn message(&self, event: JsValue) {
        let event: MessageEvent = event.unchecked_into();
        let ports = event.ports().unchecked_into::<Array<MessagePort>>().to_vec();
        let port = if let [port] = ports.as_slice() { Some(port.clone()) } else { None };
        let from_peer = event.source().is_some_and(|source| Object::is(&source, &self.peer));
        let (origin, data) = (event.origin(), Received(event.data()));
        let event = Event::Message { from_peer, origin: &origin, data: &data, has_port: port.is_some() };
        if !self.handle(&event, port) {
            // The browser would keep what is posted to a port without a listener.
            ports.iter().for_each(MessagePort::close);
        }
    }

    fn report(&self, event: &Event<'_>) {
        self.handle(event, None);
    }

    /// Whether there was anything to do.
    fn handle(&self, event: &Event<'_>, offered: Option<MessagePort>) -> bool {
        let actions = {
            let (bridge, cookies) = &mut *self.state.borrow_mut();
            bridge.handle(event, Timestamp::from_milliseconds(milliseconds_since_1970()), cookies)
        };
        let is_anything = !actions.is_empty();
        for action in actions {
            match action {
                Action::Connect => self.connect(offered.clone()),
                Action::Decline(wire) => post(offered.as_ref(), &wire),
                Action::Post(wire) => post(self.port.borrow().as_ref(), &wire),
                Action::QueryStorageAccess => self.query_storage_access(),
                Action::QueryPermission => {
                    let _ = self.script.permission().then2(&self.on_permission, &self.on_permission);
                }
                Action::RequestAccess(timeout) => {
                    let _ = self.document.request_storage_access().then2(&self.on_granted, &self.on_refused);
                    let on_time_up = function(&self.on_time_up);
                    let _ = self.window.set_timeout_with_callback_and_timeout_and_arguments_0(on_time_up, timeout);
                }
                Action::Show { text, sight_timeout } => {
                    let [on_click, on_sight, on_time_up] =
                        [&self.on_click, &self.on_sight, &self.on_sight_time_up].map(Listener::as_js_value);
                    self.script.show(&text, on_click, on_sight, on_time_up, sight_timeout);
                }
            }
        }
        is_anything
    }

    fn connect(&self, port: Option<MessagePort>) {
        if let Some(port) = &port {
            port.set_onmessage(Some(function(&self.on_request)));
        }
        if let Some(before) = self.port.replace(port) {
            before.close();
        }
    }

    fn query_storage_access(&self) {
        if self.document.storage_access_function().is_undefined() {
            self.report(&Event::StorageAccess(None));
        } else {
            let answer = self.document.has_storage_access();
            let _ = answer.then2(&self.on_storage_access, &self.on_no_storage_access);
        }
    }
}

fn post(port: Option<&MessagePort>, wire: &Wire) {
    if let Some(port) = port {
        // Plain objects can always be cloned.
        let _ = port.post_message(&object(wire.fields()));
    }
}
