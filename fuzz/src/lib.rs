//! The inputs of the targets, and models of what must hold, written independently of the product.

pub mod host;
pub mod hosted;
pub mod iframe;
pub mod messages;
pub mod objects;
pub mod provider;
pub mod reference;
pub mod rights;
pub mod store;
