#![doc = include_str!("../README.md")]

pub mod core;

#[cfg(target_family = "wasm")]
mod web;
