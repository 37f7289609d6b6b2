//! The browser's side: hands events to the core, and its actions to the page. What the page does is in `page/`, because each function of
//! the browser that is called from here costs a visitor more bytes than a line there.

mod exports;
mod outcome;
mod page;

use std::cell::RefCell;

use bridge_protocol::{CookieValue, Stamp};
use bridge_web::{milliseconds_since_1970, object};

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

/// Whether a link to this origin should carry an offer.
fn offers(id: usize, origin: &str) -> bool {
    PROVIDERS.with_borrow(|providers| providers.get(id).is_some_and(|(provider, page)| provider.offers(origin, page)))
}

#[inline(never)]
fn handle(id: usize, event: Event<'_>) {
    let handled = PROVIDERS.with_borrow_mut(|providers| {
        let (provider, page) = providers.get_mut(id)?;
        let now = Stamp::from_milliseconds(milliseconds_since_1970());
        Some((provider.handle(event, now, &mut &**page), *page))
    });
    // Not borrowed any more: the page's listeners may call the provider at once.
    let Some((actions, page)) = handled else { return };
    for action in actions {
        match action {
            Action::StartTimer { id, timeout } => page.timers.call(id, timeout),
            Action::LookLater(after) => page.timers.start("looked-again", after),
            Action::StartOfferTimer(timeout) => page.timers.start("offer-expired", timeout),
            Action::Settle { id, result: Ok(outcome) } => page.calls.settle(id, &outcome::to_js(&outcome)),
            Action::Settle { id, result: Err(error) } => page.calls.fail(id, error.code(), error.message()),
            Action::Greet(wire) => page.frame.greet(&object(wire.fields())),
            Action::Post(wire) => page.frame.post(&object(wire.fields())),
            Action::GreetPopup(wire) => page.popup.greet(&object(wire.fields())),
            Action::PostPopup(wire) => page.popup.post(&object(wire.fields())),
            Action::Emit(outcome) => page.events.emit(outcome::event_name(&outcome), &outcome::to_js(&outcome)),
            Action::Warn(error) => page.events.warn(error.code(), error.message()),
            Action::WarnOfConnectSrc => page.store.warn_of_connect_src(),
            Action::InsertFrame => page.frame.insert(),
            Action::MountFrame => page.frame.mount(),
            Action::RemoveFrame => page.frame.remove(),
            Action::ClosePopup => page.popup.close(),
            Action::AskForSession => page.hand_over.ask(),
            Action::GiveSession(value) => page.hand_over.give(value.as_ref().map(CookieValue::reveal)),
            Action::OpenSession => page.hand_over.open(),
            Action::AskStore(wire) => page.store.ask(&object(wire.fields())),
            Action::OpenPopup => page.popup.open(),
        }
    }
}
