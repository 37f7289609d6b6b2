//! The connection to a bridge page, in the iframe or in the popup.

use bridge_protocol::{Fields, Nonce, PortGreeting};

/// How far the connection has come.
pub(super) enum Connection {
    /// No document has loaded yet.
    Loading,
    /// A hello is out.
    Greeted(Nonce),
    /// The bridge has answered it.
    Connected,
    /// The bridge is of another version.
    Incompatible,
}

impl Connection {
    /// Takes in a message before the connection stands; true if it stands now.
    pub(super) fn receive(&mut self, data: &dyn Fields) -> bool {
        let Self::Greeted(nonce) = self else { return false };
        match PortGreeting::read(data, nonce) {
            None => return false,
            Some(PortGreeting::Incompatible) => *self = Self::Incompatible,
            Some(PortGreeting::Welcome(_)) => *self = Self::Connected,
        }
        self.is_connected()
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self, Self::Connected)
    }
}
