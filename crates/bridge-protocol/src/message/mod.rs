//! What travels between the provider and the iframe.
//!
//! On the window, once per connection: the provider's *hello*, which hands over a `MessagePort`. Everything else goes through that
//! port, beginning with the iframe's *welcome*. Messages are plain objects, structured-cloned; here they are lists of
//! fields, so that this crate needs no browser.

mod handshake;
mod notice;
mod reply;
mod request;
mod wire;

pub use handshake::{Greeting, Hello, NAMESPACE, Nonce, PortGreeting, Ready};
pub use notice::Notice;
pub use reply::Reply;
pub use request::Request;
pub use wire::{Field, Fields, Wire};

/// The version of the protocol; both sides must have the same.
pub const VERSION: u32 = 1;
