//! What the targets play with, and models of what must hold: each is written in other words than the product.

pub mod hosted;
pub mod iframe;
pub mod message;
pub mod provider;
pub mod reference;
pub mod rights;
pub mod said;
pub mod store;
