#![doc = include_str!("../README.md")]

mod allocator;
mod clock;
mod objects;
mod random;

pub use clock::milliseconds_since_1970;
pub use objects::{Received, object, read_text, set, set_flag, set_null, set_text};
pub use random::random_bytes;
