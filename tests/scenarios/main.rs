//! What a visitor and a developer see, in real browsers. Each name is a sentence.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod demo;
mod extension;
mod faults;
mod pages;
mod sharing;
mod strangers;
