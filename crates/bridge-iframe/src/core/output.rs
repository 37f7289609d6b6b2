//! What the core returns: actions for the page.

use bridge_protocol::{Notice, Reply, Wire};

/// Something for the page to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Use the message's port from now on, instead of any before it.
    Connect,
    /// Post this over the port that came with the message, and drop that port.
    Decline(Wire),
    /// Post this over the connected port.
    Post(Wire),
    /// Call `document.hasStorageAccess()` and report its result.
    QueryStorageAccess,
    /// Query the permission `storage-access` and report its state.
    QueryPermission,
    /// Call `document.requestStorageAccess()` synchronously, and report how it ends; also report when this many milliseconds have passed.
    RequestAccess(i32),
    /// Show a button with these options, in place of any before it; report what the browser observes of it, and when its time is up.
    Show {
        /// The page's options, as JSON.
        text: String,
        /// How long it may take to come into view, in milliseconds.
        sight_timeout: i32,
    },
}

/// Actions in order. The methods are not inlined, for size.
pub(super) struct Actions(pub(super) Vec<Action>);

impl Actions {
    #[inline(never)]
    pub(super) fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    #[inline(never)]
    pub(super) fn answer(&mut self, id: u32, with: &Reply) {
        self.push(Action::Post(with.to_wire(id)));
    }

    #[inline(never)]
    pub(super) fn tell(&mut self, notice: Notice) {
        self.push(Action::Post(notice.to_wire()));
    }
}
