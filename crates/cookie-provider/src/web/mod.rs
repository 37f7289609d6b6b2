//! The browser's side: hands events to the core, and its actions to the page. What the page does is in `page/`, because each function of
//! the browser that is called from here costs a visitor more bytes than a line there.

mod exports;
mod outcome;
mod page;

use std::cell::RefCell;

use bridge_protocol::{BridgeError, Timestamp};
use bridge_web::{milliseconds_since_1970, object, set, set_text};
use wasm_bindgen::JsValue;

use crate::core::{Action, Event, Provider};
use page::Page;

thread_local! {
    /// Every provider of the page. The class holds only a number, so that nothing here depends on when the browser collects garbage.
    static PROVIDERS: RefCell<Vec<(Provider, &'static Page)>> = const { RefCell::new(Vec::new()) };
}

/// Adds a provider. Returns its number.
fn add(provider: Provider, page: Page) -> usize {
    PROVIDERS.with_borrow_mut(|providers| {
        // Providers stay as long as the page.
        providers.push((provider, Box::leak(Box::new(page))));
        providers.len() - 1
    })
}

/// Whether a link to this origin, with this path and query, should carry an offer.
fn offers(id: usize, origin: &str, path_and_query: &str) -> bool {
    PROVIDERS.with_borrow(|providers| {
        providers.get(id).is_some_and(|(provider, page)| provider.offers(origin, path_and_query, page))
    })
}

#[inline(never)]
fn handle(id: usize, event: &Event<'_>) {
    let handled = PROVIDERS.with_borrow_mut(|providers| {
        let (provider, page) = providers.get_mut(id)?;
        let now = Timestamp::from_milliseconds(milliseconds_since_1970());
        Some((provider.handle(event, now, &mut &**page), *page))
    });
    // Not borrowed any more: the page's listeners may call the provider at once.
    let Some((actions, page)) = handled else { return };
    for action in actions {
        let (verb, fields) = described(action);
        page.perform(verb, &fields);
    }
}

/// What the page does for an action: the room of `page/`, the method, and what the method takes.
fn described(action: Action) -> (&'static str, JsValue) {
    let timer = |event: &str, id: u32, after: f64| {
        let fields = fields_of_call(id);
        set_text(&fields, "event", event);
        set(&fields, "after", &after.into());
        ("timers.start", fields)
    };
    match action {
        Action::StartTimer { id, timeout } => timer("expired", id, timeout),
        Action::StartFrameTimer(after) => ("timers.look", timer("frame-due", 0, after).1),
        Action::Repeat(id) => ("calls.repeat", fields_of_call(id)),
        Action::LookLater(after) => ("timers.look", timer("looked-again", 0, after).1),
        Action::StartOfferTimer(timeout) => timer("offer-expired", 0, timeout),
        Action::Settle { id, result: Ok(outcome) } => {
            let fields = fields_of_call(id);
            set(&fields, "result", &outcome::to_js(&outcome));
            ("calls.settle", fields)
        }
        Action::Settle { id, result: Err(error) } => {
            let fields = fields_of_call(id);
            describe(&fields, error);
            ("calls.fail", fields)
        }
        Action::Greet(wire) => ("frame.greet", object(wire.fields())),
        Action::Post(wire) => ("frame.post", object(wire.fields())),
        Action::GreetPopup(wire) => ("popup.greet", object(wire.fields())),
        Action::PostPopup(wire) => ("popup.post", object(wire.fields())),
        Action::PostToServer(wire) => ("store.ask", object(wire.fields())),
        Action::Emit(outcome) => {
            let fields = object(&[]);
            set_text(&fields, "type", outcome::event_name(&outcome));
            set(&fields, "detail", &outcome::to_js(&outcome));
            ("events.emit", fields)
        }
        Action::Warn(error) => {
            let fields = object(&[]);
            describe(&fields, error);
            ("events.warn", fields)
        }
        Action::LookForReturnPage(path) => {
            let fields = object(&[]);
            set_text(&fields, "path", &path);
            ("handOver.lookForReturnPage", fields)
        }
        Action::AskForSession { address, own_page } => {
            let fields = object(&[]);
            set_text(&fields, "address", &address);
            set_text(&fields, "path", &own_page);
            ("handOver.ask", fields)
        }
        Action::BeginHandOver => ("handOver.begin", JsValue::UNDEFINED),
        Action::RemoveNotes => ("handOver.removeNotes", JsValue::UNDEFINED),
        Action::DeclineOffer => ("handOver.decline", JsValue::UNDEFINED),
        Action::WarnOfConnectSrc => ("store.warnOfConnectSrc", JsValue::UNDEFINED),
        Action::InsertFrame => ("frame.insert", JsValue::UNDEFINED),
        Action::MountFrame(of_call) => ("frame.mount", fields_of_call(of_call)),
        Action::RemoveFrame => ("frame.remove", JsValue::UNDEFINED),
        Action::OpenPopup => ("popup.open", JsValue::UNDEFINED),
        Action::ClosePopup => ("popup.close", JsValue::UNDEFINED),
    }
}

fn fields_of_call(id: u32) -> JsValue {
    let fields = object(&[]);
    set(&fields, "id", &id.into());
    fields
}

fn describe(fields: &JsValue, error: BridgeError) {
    set_text(fields, "code", error.code());
    set_text(fields, "message", error.message());
}
