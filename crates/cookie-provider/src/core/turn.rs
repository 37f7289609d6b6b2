//! What every step of one event shares.

use bridge_protocol::Timestamp;

use super::output::Actions;
use super::own_cookie::OwnCookies;

pub(super) struct Turn<'a> {
    /// `Date.now()` when the event came.
    pub(super) now: Timestamp,
    /// The page's own cookies.
    pub(super) cookies: OwnCookies<'a>,
    /// Whether the provider wrote or removed the page's own session.
    pub(super) has_written_session: bool,
    /// Whether a session of the bridge's took the place of one that the bridge may have got meanwhile: it is to be saved again.
    pub(super) has_revived_session: bool,
    /// Whether the iframe was replaced: what the page sees of it is still the one before.
    pub(super) has_replaced_frame: bool,
    /// What the page is to do.
    pub(super) out: Actions,
}
