//! The iframe and the port to it.

use bridge_protocol::Wire;
use bridge_web::{Document, Frame as Element, MessageChannel, Port, Url, object};
use wasm_bindgen::JsValue;

pub(super) struct Frame {
    element: Element,
    /// The only origin that messages to the iframe are meant for.
    origin: String,
    port: Option<Port>,
    on_message: JsValue,
}

impl Frame {
    /// Puts the iframe into the page, which starts its loading. The script may run before there is a body.
    pub(super) fn insert(document: &Document, url: &Url) -> Self {
        let element = document.create_frame("iframe");
        element.set_src(&url.href());
        element.set_hidden(true);
        document.body().unwrap_or_else(|| document.document_element()).append(&element);
        Self { element, origin: url.origin(), port: None, on_message: JsValue::UNDEFINED }
    }

    pub(super) fn listen(&mut self, on_load: JsValue, on_message: JsValue) {
        self.element.add_event_listener("load", &on_load);
        self.on_message = on_message;
    }

    pub(super) fn greet(&mut self, hello: &Wire) {
        // None if the page has removed the iframe meanwhile.
        let Some(window) = self.element.content_window() else { return };
        let channel = MessageChannel::new();
        let port = channel.port1();
        port.set_onmessage(&self.on_message);
        if let Some(before) = self.port.replace(port) {
            before.close();
        }
        window.post_message(&object(hello.fields()), &self.origin, vec![channel.port2()]);
    }

    pub(super) fn post(&mut self, wire: &Wire) {
        if let Some(port) = &self.port {
            port.post_message(&object(wire.fields()));
        }
    }

    /// A bridge page has exactly one inner frame. It is all that a page of another site can see of it.
    pub(super) fn holds_bridge(&self) -> bool {
        self.element.content_window().is_some_and(|window| window.length() == 1)
    }

    pub(super) fn remove(&mut self) {
        if let Some(port) = self.port.take() {
            port.close();
        }
        self.element.remove();
    }
}
