//! What every step of one event shares.

use bridge_protocol::Stamp;

use super::output::Actions;
use super::own_cookie::Mended;

pub(super) struct Turn<'a> {
    /// `Date.now()` when the event came.
    pub(super) now: Stamp,
    /// The page's own cookies.
    pub(super) cookies: Mended<'a>,
    /// Whether the provider wrote or removed the page's own session.
    pub(super) has_written_session: bool,
    /// What the page is to do.
    pub(super) out: Actions,
}
