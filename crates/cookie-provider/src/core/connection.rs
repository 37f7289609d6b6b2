//! The connection to a bridge page, in the iframe or in the popup.

use bridge_protocol::{BridgeError, Fields, Nonce, PortGreeting};

/// How far the connection has come.
pub(super) enum Connection {
    /// No document has loaded yet.
    Loading,
    /// A hello is out.
    Greeted(Nonce),
    /// The bridge has answered it.
    Connected,
    /// The bridge has declined, and why.
    Declined(BridgeError),
}

impl Connection {
    /// Takes in a message before the connection stands; true if it stands now.
    pub(super) fn receive(&mut self, data: &dyn Fields) -> bool {
        let Self::Greeted(nonce) = self else { return false };
        match PortGreeting::read(data, nonce) {
            None => return false,
            Some(PortGreeting::Declined(error)) => *self = Self::Declined(error),
            Some(PortGreeting::Welcome(_)) => *self = Self::Connected,
        }
        self.is_connected()
    }

    /// Whether a bridge has answered the document's greeting, even if it declined.
    pub(super) fn has_answered(&self) -> bool {
        matches!(self, Self::Connected | Self::Declined(_))
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self, Self::Connected)
    }
}
