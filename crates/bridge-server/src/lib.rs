#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod api;
mod app;
pub mod check;
mod clock;
mod connection;
mod domains;
mod error;
mod hosts;
mod keys;
mod limits;
mod observe;
mod origin;
mod places;
mod private;
mod proxies;
mod quiet;
pub mod reference;
mod server;
mod settings;
pub mod site;
mod store;

pub use error::ErrorCode;
pub use keys::{Key, KeyError, Vault};
pub use server::{hosted, run};
pub use settings::Options;
