//! The browser's side: listens, posts, translates.

use std::cell::RefCell;
use std::rc::Rc;

use bridge_protocol::{Nonce, PolicyError, TrustedDomains, Wire};
use bridge_web::{
    DocumentCookies, Event as MessageEvent, Listener, Port, Received, Url, Window, console_error, is_same, object,
    random_bytes, read_text,
};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::{Action, Bridge, Event};

/// Answers the page that embeds this one. `entries` is the page's `TRUSTED_DOMAINS`, or `undefined`.
///
/// Opened as a page of its own, the bridge has nobody to answer and does nothing.
#[wasm_bindgen(js_name = wasmStart)]
#[expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]
pub fn start(window: Window, entries: Option<Vec<JsValue>>) {
    let trusted = read_policy(entries);
    if is_same(&window.parent(), &window) {
        return;
    }
    let is_ephemeral = window.credentialless().is_truthy();
    let bridge = Bridge::new(trusted, is_ephemeral, Nonce::from_random(random_bytes()).as_str());
    Page::listen(window, bridge);
}

fn read_policy(entries: Option<Vec<JsValue>>) -> TrustedDomains {
    let Some(entries) = entries else {
        console_error(&PolicyError::Missing.message());
        return TrustedDomains::default();
    };
    let to_ascii = |host: &str| {
        let address = ["https://", host].concat();
        Url::new(&address, &address).ok().map(|url| url.hostname())
    };
    let entries: Vec<Option<String>> = entries.iter().map(read_text).collect();
    let (trusted, errors) = TrustedDomains::parse(&mut entries.iter().map(Option::as_deref), &to_ascii);
    for error in errors {
        console_error(&error.message());
    }
    trusted
}

struct Page {
    window: Window,
    state: RefCell<(Bridge, DocumentCookies)>,
    port: RefCell<Option<Port>>,
    on_request: JsValue,
    on_storage_access: JsValue,
    on_no_storage_access: JsValue,
}

impl Page {
    fn listen(window: Window, bridge: Bridge) {
        let cookies = DocumentCookies(window.document());
        let page = Rc::new_cyclic(|page: &std::rc::Weak<Self>| {
            let listener = |handle: fn(&Self, JsValue)| {
                let page = page.clone();
                let call = move |argument| {
                    if let Some(page) = page.upgrade() {
                        handle(&page, argument);
                    }
                };
                Listener::new(call).into_js_value()
            };
            window.add_event_listener("message", &listener(Self::message));
            Self {
                state: RefCell::new((bridge, cookies)),
                port: RefCell::new(None),
                on_request: listener(|page, event| {
                    let data = event.unchecked_into::<MessageEvent>().data();
                    page.handle(&Event::Request(&Received(data)), None);
                }),
                on_storage_access: listener(|page, answer| {
                    page.handle(&Event::StorageAccess(Some(answer.is_truthy())), None);
                }),
                on_no_storage_access: listener(|page, _| page.handle(&Event::StorageAccess(Some(false)), None)),
                window,
            }
        });
        // It lives as long as the document.
        std::mem::forget(page);
    }

    fn message(&self, event: JsValue) {
        let event: MessageEvent = event.unchecked_into();
        let mut ports = event.ports();
        let port = if ports.len() == 1 { ports.pop().map(JsCast::unchecked_into) } else { None };
        let from_parent = is_same(&event.source(), &self.window.parent());
        let (origin, data) = (event.origin(), Received(event.data()));
        let event = Event::Message { from_parent, origin: &origin, data: &data, has_port: port.is_some() };
        self.handle(&event, port);
    }

    fn handle(&self, event: &Event<'_>, offered: Option<Port>) {
        let actions = {
            let (bridge, cookies) = &mut *self.state.borrow_mut();
            bridge.handle(event, cookies)
        };
        for action in actions {
            match action {
                Action::Connect => self.connect(offered.clone()),
                Action::Decline(wire) => post(offered.as_ref(), &wire),
                Action::Post(wire) => post(self.port.borrow().as_ref(), &wire),
                Action::AskStorageAccess => self.ask_storage_access(),
            }
        }
    }

    fn connect(&self, port: Option<Port>) {
        if let Some(port) = &port {
            port.set_onmessage(&self.on_request);
        }
        if let Some(before) = self.port.replace(port) {
            before.close();
        }
    }

    fn ask_storage_access(&self) {
        let document = self.window.document();
        if document.storage_access_function().is_undefined() {
            self.handle(&Event::StorageAccess(None), None);
        } else {
            document.has_storage_access().then(&self.on_storage_access, &self.on_no_storage_access);
        }
    }
}

fn post(port: Option<&Port>, wire: &Wire) {
    if let Some(port) = port {
        port.post_message(&object(wire.fields()));
    }
}
