//! What the scenarios stand on: a browser in a known configuration, a server with sites that a scenario fills, and what is kept when
//! one fails.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop and say where")]

mod bridge;
mod browser;
mod capabilities;
mod configuration;
mod demo;
mod driver;
mod engine;
mod evidence;
mod frameworks;
mod hosts;
mod length;
mod page;
mod process;
mod run;
mod sites;
mod undriven;
mod wait;
mod world;

pub use bridge::BridgeServer;
pub use browser::Browser;
pub use configuration::Configuration;
pub use demo::Demo;
pub use driver::Answer;
pub use engine::Engine;
pub use hosts::ForeignHost;
pub use length::Length;
pub use page::{Gate, Page};
pub use process::free_port;
pub use run::{
    everywhere, everywhere_but_long_in, everywhere_in_a_soak_and_else_in, in_another_browser, in_each,
    in_each_in_a_soak_and_else_in, in_each_with, in_each_with_window, scenario,
};
pub use sites::{RETURN_PAGE, Server};
pub use undriven::Undriven;
pub use world::{NAME, World, unreachable};
