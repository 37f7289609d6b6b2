//! What the core receives: events, and facts about the page.

use bridge_protocol::Fields;

/// Something that happened in the page.
pub enum Event<'a> {
    /// The window received a message.
    Message {
        /// Whether `event.source` is the window that embeds this one, or that opened it.
        from_peer: bool,
        /// `event.origin`.
        origin: &'a str,
        /// `event.data`.
        data: &'a dyn Fields,
        /// Whether exactly one port came with it.
        has_port: bool,
    },
    /// The port received a message.
    Request(&'a dyn Fields),
    /// The result of `document.hasStorageAccess()`; `None` where the browser has no such function.
    StorageAccess(Option<bool>),
    /// The state of the permission `storage-access`.
    Permission(Permission),
    /// A request for storage access ended: whether it was granted.
    AccessRequested(bool),
    /// The time for a request for storage access is up.
    TimeUp,
    /// The visitor clicked the button.
    Clicked,
    /// The browser observed how much of the button can be seen.
    Sighted {
        /// `intersectionRatio`: how much of it is in view, from 0 to 1.
        ratio: f64,
        /// `isVisible`: whether nothing covers it; `None` where the browser does not report that.
        is_visible: Option<bool>,
    },
    /// The time for the button to come into view is up.
    SightTimeUp,
    /// Some cookie changed.
    CookieChanged,
}

/// The state of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// A request for access succeeds without a prompt.
    Granted,
    /// A request for access fails.
    Denied,
    /// A request for access prompts the visitor, or the browser does not report the state.
    Unknown,
}

/// What does not change about the bridge's page while it is loaded.
pub struct Place {
    /// The page's own origin. Pages of the same origin are trusted without an entry: they can read its cookies anyway.
    pub origin: String,
    /// Whether it is the top-level page: the popup.
    pub is_top_level: bool,
    /// Whether this frame's storage ends with the page (`window.credentialless`).
    pub is_ephemeral: bool,
    /// Whether this frame may use any storage: `localStorage` throws where the visitor blocks all cookies.
    pub has_storage: bool,
    /// Part of the names of the test cookies. It must be neither guessable nor used by another frame.
    pub probe_token: String,
}
