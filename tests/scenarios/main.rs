//! What a visitor and a developer see, in real browsers. Each name is a sentence.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod access;
mod changes;
mod demo;
mod doctor;
mod extension;
mod faults;
mod link;
mod pages;
mod popup;
mod sharing;
mod strangers;
