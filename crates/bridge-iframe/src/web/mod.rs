//! The browser's side: listens, posts, translates.

mod dom;
mod list;

use std::cell::{OnceCell, RefCell};

use bridge_protocol::{Nonce, Stamp, Wire, ready};
use bridge_web::{Received, milliseconds_since_1970, object, random_bytes, read_text};
use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, MessagePort, Window};

use crate::core::{Action, Bridge, Event, Permission, Place};
use dom::{BridgeDocument, BridgeWindow, DocumentCookies, Listener, function};
use list::read_policy;

#[wasm_bindgen]
extern "C" {
    /// What `entry.js` does on the page.
    pub type Entry;
    /// Shows a button; calls back when it is clicked, and with whether it can be seen.
    #[wasm_bindgen(method)]
    fn show(this: &Entry, text: &str, on_click: &JsValue, on_seen: &JsValue);
    /// The state of the permission `storage-access`, or something else where the browser does not tell.
    #[wasm_bindgen(method)]
    fn permission(this: &Entry) -> Promise;
    /// Calls back when a cookie was changed, where the browser tells.
    #[wasm_bindgen(method)]
    fn watch(this: &Entry, on_change: &JsValue);
}

/// Answers the page that embeds this one or has opened it as a popup. `entries` is a plain copy of the page's `TRUSTED_DOMAINS`, as it comes
/// out of JSON, or `undefined`.
///
/// Opened by a visitor, the bridge has nobody to answer and does nothing.
#[wasm_bindgen(js_name = wasmStart)]
#[expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]
pub fn start(window: BridgeWindow, entries: Option<Vec<JsValue>>, entry: Entry) {
    let trusted = read_policy(entries);
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
        probe_token: Nonce::from_random(random_bytes()).as_str().to_owned(),
    };
    let bridge = Bridge::new(trusted, place);
    Page::listen(window, peer.clone(), entry, bridge);
    if is_top_level {
        // To whoever it is: it says no more than the page's being there.
        let _ = peer.post_message(&object(ready().fields()), "*");
    }
}

struct Page {
    window: BridgeWindow,
    document: BridgeDocument,
    /// The window that embeds this one, or that opened it.
    peer: Window,
    entry: Entry,
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
    on_seen: Listener,
}

impl Page {
    fn listen(window: BridgeWindow, peer: Window, entry: Entry, bridge: Bridge) {
        let Some(document) = window.document() else { return };
        let document: BridgeDocument = document.unchecked_into();
        let cookies = DocumentCookies(document.clone().into());
        // It lives as long as the document.
        let page: &'static OnceCell<Self> = Box::leak(Box::new(OnceCell::new()));
        let listener = |handle: fn(&Self, JsValue)| {
            Listener::new(move |argument| {
                if let Some(page) = page.get() {
                    handle(page, argument);
                }
            })
        };
        let on_message = listener(Self::message).into_js_value();
        let _ = window.add_event_listener_with_callback("message", on_message.unchecked_ref());
        entry.watch(&listener(|page, _| page.tell(&Event::CookieChanged)).into_js_value());
        let _ = page.set(Self {
            state: RefCell::new((bridge, cookies)),
            port: RefCell::new(None),
            on_request: listener(|page, event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                page.tell(&Event::Request(&Received(data)));
            }),
            on_storage_access: listener(|page, answer| page.tell(&Event::StorageAccess(Some(answer.is_truthy())))),
            on_no_storage_access: listener(|page, _| page.tell(&Event::StorageAccess(Some(false)))),
            on_permission: listener(|page, state| {
                page.tell(&Event::Permission(match read_text(&state).as_deref() {
                    Some("granted") => Permission::Granted,
                    Some("denied") => Permission::Denied,
                    _ => Permission::Unknown,
                }));
            }),
            on_granted: listener(|page, _| page.tell(&Event::AccessRequested(true))),
            on_refused: listener(|page, _| page.tell(&Event::AccessRequested(false))),
            on_time_up: listener(|page, _| page.tell(&Event::TimeUp)),
            on_click: listener(|page, _| page.tell(&Event::Clicked)),
            on_seen: listener(|page, is_seen| page.tell(&Event::Seen(is_seen.is_truthy()))),
            window,
            document,
            peer,
            entry,
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
            // What was posted over a port that nobody listens to would be kept.
            ports.iter().for_each(MessagePort::close);
        }
    }

    fn tell(&self, event: &Event<'_>) {
        self.handle(event, None);
    }

    /// Whether there was anything to do.
    fn handle(&self, event: &Event<'_>, offered: Option<MessagePort>) -> bool {
        let actions = {
            let (bridge, cookies) = &mut *self.state.borrow_mut();
            bridge.handle(event, Stamp::from_milliseconds(milliseconds_since_1970()), cookies)
        };
        let is_anything = !actions.is_empty();
        for action in actions {
            match action {
                Action::Connect => self.connect(offered.clone()),
                Action::Decline(wire) => post(offered.as_ref(), &wire),
                Action::Post(wire) => post(self.port.borrow().as_ref(), &wire),
                Action::AskStorageAccess => self.ask_storage_access(),
                Action::AskPermission => {
                    let _ = self.entry.permission().then2(&self.on_permission, &self.on_permission);
                }
                Action::RequestAccess(timeout) => {
                    let _ = self.document.request_storage_access().then2(&self.on_granted, &self.on_refused);
                    let on_time_up = function(&self.on_time_up);
                    let _ = self.window.set_timeout_with_callback_and_timeout_and_arguments_0(on_time_up, timeout);
                }
                Action::Show(text) => self.entry.show(&text, self.on_click.as_js_value(), self.on_seen.as_js_value()),
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

    fn ask_storage_access(&self) {
        if self.document.storage_access_function().is_undefined() {
            self.tell(&Event::StorageAccess(None));
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
