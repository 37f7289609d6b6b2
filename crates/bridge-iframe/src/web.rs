//! The browser's side: listens, posts, translates.

use std::cell::RefCell;
use std::rc::Rc;

use bridge_protocol::{Nonce, TrustedDomains, Wire};
use bridge_web::{DocumentCookies, Received, object, random_bytes, read_text, window};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, MessagePort, Url, Window, console};

use crate::core::{Action, Bridge, Event};

/// Answers the page that embeds this one. `list` is the page's `TRUSTED_DOMAINS`, or `undefined`.
///
/// Opened as a page of its own, the bridge has nobody to answer and does nothing.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm_bindgen exports only what is public")]
pub fn start(list: &JsValue) {
    let trusted = read_policy(list);
    let Some(window) = window() else { return };
    let (Ok(Some(parent)), Some(cookies), Some(bytes)) =
        (window.parent(), DocumentCookies::of(&window), random_bytes(&window))
    else {
        return;
    };
    if parent == window {
        return;
    }
    let is_ephemeral = Reflect::get(&window, &"credentialless".into()).is_ok_and(|value| value.is_truthy());
    let bridge = Bridge::new(trusted, is_ephemeral, Nonce::from_random(bytes).as_str());
    Page::listen(window, parent, cookies, bridge);
}

fn read_policy(list: &JsValue) -> TrustedDomains {
    let to_ascii = |host: &str| Url::new(&["https://", host].concat()).ok().map(|url| url.hostname());
    let report = |message: &str| console::error_1(&message.into());
    let Some(list) = list.dyn_ref::<Array>() else {
        report(&bridge_protocol::PolicyError::Missing.message());
        return TrustedDomains::default();
    };
    let entries: Vec<Option<String>> = list.iter().map(|entry| read_text(&entry)).collect();
    let (trusted, errors) = TrustedDomains::parse(entries.iter().map(Option::as_deref), &to_ascii);
    for error in errors {
        report(&error.message());
    }
    trusted
}

struct Page {
    window: Window,
    parent: Window,
    state: RefCell<(Bridge, DocumentCookies)>,
    port: RefCell<Option<MessagePort>>,
    listeners: RefCell<Option<Listeners>>,
}

/// The functions that the browser calls; they live as long as the page.
struct Listeners {
    on_request: Closure<dyn FnMut(MessageEvent)>,
    on_storage_access: Closure<dyn FnMut(JsValue)>,
    on_no_storage_access: Closure<dyn FnMut(JsValue)>,
}

impl Page {
    fn listen(window: Window, parent: Window, cookies: DocumentCookies, bridge: Bridge) {
        let page = Rc::new(Self {
            window,
            parent,
            state: RefCell::new((bridge, cookies)),
            port: RefCell::new(None),
            listeners: RefCell::new(None),
        });
        let on = Rc::clone(&page);
        let on_request = Closure::new(move |event: MessageEvent| {
            on.handle(&Event::Request(&Received(event.data())), None);
        });
        let on = Rc::clone(&page);
        let on_storage_access = Closure::new(move |answer: JsValue| {
            on.handle(&Event::StorageAccess(Some(answer.is_truthy())), None);
        });
        let on = Rc::clone(&page);
        let on_no_storage_access = Closure::new(move |_| on.handle(&Event::StorageAccess(Some(false)), None));
        *page.listeners.borrow_mut() = Some(Listeners { on_request, on_storage_access, on_no_storage_access });

        let on = Rc::clone(&page);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| on.message(&event));
        let _ = page.window.add_event_listener_with_callback("message", on_message.as_ref().unchecked_ref());
        on_message.forget();
    }

    fn message(&self, event: &MessageEvent) {
        let ports = event.ports();
        let port = ports.get(0).dyn_into::<MessagePort>().ok().filter(|_| ports.length() == 1);
        let from_parent = event.source().is_some_and(|source| js_sys::Object::is(&source, &self.parent));
        let (origin, data) = (event.origin(), Received(event.data()));
        let event = Event::Message { from_parent, origin: &origin, data: &data, has_port: port.is_some() };
        self.handle(&event, port);
    }

    fn handle(&self, event: &Event<'_>, offered: Option<MessagePort>) {
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

    fn connect(&self, port: Option<MessagePort>) {
        if let (Some(port), Some(listeners)) = (&port, &*self.listeners.borrow()) {
            port.set_onmessage(Some(listeners.on_request.as_ref().unchecked_ref()));
        }
        if let Some(before) = self.port.replace(port) {
            before.close();
        }
    }

    fn ask_storage_access(&self) {
        let Some(document) = self.window.document() else { return };
        let function = Reflect::get(&document, &"hasStorageAccess".into());
        let Some(function) = function.ok().and_then(|function| function.dyn_into::<Function>().ok()) else {
            return self.handle(&Event::StorageAccess(None), None);
        };
        let answer = function.call0(&document).ok().and_then(|answer| answer.dyn_into::<Promise>().ok());
        match (answer, &*self.listeners.borrow()) {
            (Some(answer), Some(on)) => {
                let _ = answer.then2(&on.on_storage_access, &on.on_no_storage_access);
            }
            _ => self.handle(&Event::StorageAccess(Some(false)), None),
        }
    }
}

fn post(port: Option<&MessagePort>, wire: &Wire) {
    if let Some(port) = port {
        let _ = port.post_message(&object(wire.fields()));
    }
}
