//! What pages and sites' servers get from the server, on both stores.

mod caller;
mod code;
mod content;
mod identity;
mod session;
