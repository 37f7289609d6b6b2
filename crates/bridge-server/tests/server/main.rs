//! The real program, called as pages and sites' servers call it. Needs `redis-server`, `node`, `python3`, `nginx` and
//! `caddy` on the PATH.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod api;
mod check;
mod connections;
mod examples;
mod hosts;
mod keys;
mod limits;
mod observe;
mod private;
mod settings;
mod site;
mod store;
mod support;
mod survival;
