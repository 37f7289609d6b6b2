//! Several sites from one process, told apart by the host that a browser asks for. `*.localhost` is this machine in every browser, and
//! each is a site of its own.

pub mod bridge;
pub mod chat;
mod site;
pub mod stand_ins;

pub use site::{Sites, certificate, self_signed, with_trusted_domains};
