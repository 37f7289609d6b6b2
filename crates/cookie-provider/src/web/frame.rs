//! The iframe and the port to it.

use std::rc::Rc;

use bridge_protocol::{BridgeError, Wire};
use bridge_web::object;
use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{HtmlIFrameElement, MessageChannel, MessageEvent, MessagePort, Url, Window};

use super::{NO_PLACE, Page};

pub(super) struct Frame {
    element: HtmlIFrameElement,
    /// The only origin that messages to the iframe are meant for.
    origin: String,
    port: Option<MessagePort>,
    listeners: Option<Listeners>,
}

/// The functions that the browser calls; they live as long as the page.
struct Listeners {
    on_load: Closure<dyn FnMut()>,
    on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Frame {
    /// Puts the iframe into the page, which starts its loading. The script may run before there is a body.
    pub(super) fn insert(window: &Window, url: &Url) -> Result<Self, BridgeError> {
        let document = window.document().ok_or(NO_PLACE)?;
        let element = document.create_element("iframe").map_err(|_| NO_PLACE)?;
        let element: HtmlIFrameElement = element.dyn_into().map_err(|_| NO_PLACE)?;
        element.set_src(&url.href());
        element.set_hidden(true);
        let _ = element.set_attribute("aria-hidden", "true");
        let body = document.body().map(Into::into);
        let place = body.or_else(|| document.document_element()).ok_or(NO_PLACE)?;
        place.append_child(&element).map_err(|_| NO_PLACE)?;
        Ok(Self { element, origin: url.origin(), port: None, listeners: None })
    }

    pub(super) fn listen(&mut self, page: &Rc<Page>) {
        let on = Rc::clone(page);
        let on_load = Closure::new(move || on.frame_loaded());
        let on = Rc::clone(page);
        let on_message = Closure::new(move |event: MessageEvent| on.message(event.data()));
        let _ = self.element.add_event_listener_with_callback("load", on_load.as_ref().unchecked_ref());
        self.listeners = Some(Listeners { on_load, on_message });
    }

    pub(super) fn greet(&mut self, hello: &Wire) {
        let (Ok(channel), Some(listeners)) = (MessageChannel::new(), &self.listeners) else { return };
        let port = channel.port1();
        port.set_onmessage(Some(listeners.on_message.as_ref().unchecked_ref()));
        if let Some(before) = self.port.replace(port) {
            before.close();
        }
        if let Some(window) = self.element.content_window() {
            let ports = Array::of1(&channel.port2());
            let _ = window.post_message_with_transfer(&object(hello.fields()), &self.origin, &ports);
        }
    }

    pub(super) fn post(&mut self, wire: &Wire) {
        if let Some(port) = &self.port {
            let _ = port.post_message(&object(wire.fields()));
        }
    }

    /// A bridge page has exactly one inner frame. It is all that a page of another site can see of it.
    pub(super) fn holds_bridge(&self) -> bool {
        self.element.content_window().is_some_and(|window| window.length() == 1)
    }

    pub(super) fn remove(&mut self) {
        if let Some(listeners) = &self.listeners {
            let on_load = listeners.on_load.as_ref().unchecked_ref();
            let _ = self.element.remove_event_listener_with_callback("load", on_load);
        }
        if let Some(port) = self.port.take() {
            port.set_onmessage(None);
            port.close();
        }
        self.element.remove();
    }
}
