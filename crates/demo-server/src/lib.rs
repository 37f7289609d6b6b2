//! Several sites from one process, which answers each request by its host. Every browser resolves `*.localhost` to this machine, and
//! treats each name as a site of its own.

pub mod bridge;
pub mod chat;
mod site;
pub mod stand_ins;

pub use site::{Sites, certificate, configured, self_signed, served, with_trusted_domains};
