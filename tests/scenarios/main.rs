//! What a visitor and a developer see, in real browsers. Each name is a sentence.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod access;
mod attacks;
mod bridge_page;
mod changes;
mod connect;
mod consent;
mod content_security;
mod demo;
mod directline;
mod doctor;
mod faults;
mod floods;
mod frameworks;
mod genesys;
mod hosts;
mod http_only;
mod iframe;
mod late;
mod late_start;
mod lifetimes;
mod link;
mod nothing_lost;
mod odd_pages;
mod own_chat;
mod pages;
mod policy;
mod popup;
mod ready;
mod server;
mod servisbot;
mod sharing;
mod snippet;
mod strangers;
mod timers;
