//! What the core wants done.

use bridge_protocol::{Notice, Reply, Wire, reply};

/// Something for the page to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Use the message's port from now on, instead of any before it.
    Connect,
    /// Post this over the port that just came, and forget that port.
    Decline(Wire),
    /// Post this over the connected port.
    Post(Wire),
    /// Call `document.hasStorageAccess()` and report what it answers.
    AskStorageAccess,
    /// Look up the permission `storage-access` and report it.
    AskPermission,
    /// Call `document.requestStorageAccess()`, before this event is over, and report how it ends; report when its time is up.
    RequestAccess(i32),
    /// Show a button with this text.
    Show(String),
}

/// What is to be done, in its order. Its methods are not inlined, for size.
pub(super) struct Actions(pub(super) Vec<Action>);

impl Actions {
    #[inline(never)]
    pub(super) fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    #[inline(never)]
    pub(super) fn answer(&mut self, id: u32, with: &Reply) {
        self.push(Action::Post(reply(id, with)));
    }

    #[inline(never)]
    pub(super) fn tell(&mut self, notice: Notice) {
        self.push(Action::Post(notice.to_wire()));
    }
}
