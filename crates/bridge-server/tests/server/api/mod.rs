//! The routes, on both stores.

mod caller;
mod content;
mod identity;
mod session;
