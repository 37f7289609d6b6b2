//! Stand-ins for the vendors that the demo and the scenarios cannot use without an account: services in Rust, and scripts for pages in
//! JavaScript beside them.

pub mod amazon_connect;
pub mod direct_line;

use axum::Router;

use crate::site::served;

/// Genesys Widgets 9, as `cxbus.min.js` with its plugins.
pub const GENESYS_WIDGETS: &str = include_str!("genesys-widgets.js");

/// The ServisBot messenger.
const SERVISBOT: &str = include_str!("servisbot.js");

/// The scripts, below `/stand-ins/` on one site.
pub fn scripts() -> Router {
    Router::new()
        .route("/stand-ins/genesys-widgets.js", served("text/javascript", GENESYS_WIDGETS.to_owned()))
        .route("/stand-ins/servisbot.js", served("text/javascript", SERVISBOT.to_owned()))
}
