#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod browser;
mod cookie;
mod jar;

pub use browser::Browser;
pub use jar::FakeJar;
