//! What happens in the page, for the core.

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
    /// What `document.hasStorageAccess()` answered; `None` where the browser has no such function.
    StorageAccess(Option<bool>),
    /// What the permission `storage-access` is.
    Permission(Permission),
    /// A request for storage access ended so.
    AccessRequested(bool),
    /// The time for a request for storage access is up.
    TimeUp,
    /// The visitor clicked the button.
    Clicked,
    /// The button came into view, or out of it.
    Seen(bool),
    /// Some cookie was changed.
    CookieChanged,
}

/// The state of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It stands: access is there for the asking, without the visitor.
    Granted,
    /// It will not be granted.
    Denied,
    /// The visitor must be asked, or the browser does not tell.
    Unknown,
}

/// What the page is, which does not change while it is there.
pub struct Place {
    /// The page's own origin. Its own pages may ask as the listed ones do: they can see its cookies anyway.
    pub origin: String,
    /// Whether it is the top-level page: the popup.
    pub is_top_level: bool,
    /// Whether this frame's storage ends with the page (`window.credentialless`).
    pub is_ephemeral: bool,
    /// Names the cookies that test the jar. It must not be guessable nor used by another frame.
    pub probe_token: String,
}
