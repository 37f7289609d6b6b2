//! The routes, on both stores.

mod caller;
mod code;
mod content;
mod identity;
mod session;
