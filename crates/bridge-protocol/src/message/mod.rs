//! The messages between the provider and the bridge.
//!
//! The provider posts one *hello* per connection to the bridge's window and transfers a `MessagePort` with it. All other messages use that
//! port, beginning with the bridge's *welcome*. Messages are plain objects that the browser clones. Here they are lists of fields, so that
//! this crate needs no browser. Every message has `to_wire` and `read`.

mod hand_over;
mod handshake;
mod kind;
mod notice;
mod reply;
mod request;
mod version;
mod wire;

pub use hand_over::{Ask, Give, GiveNone, Offer, RETURN_PAGE, is_return_page};
pub use handshake::{Greeting, Hello, NAMESPACE, Nonce, PortGreeting, Ready};
pub use notice::Notice;
pub use reply::Reply;
pub use request::Request;
pub use version::{Spoken, VERSION};
pub use wire::{Field, Fields, Wire};
