//! The browser's clock.

use js_sys::Date;

/// The current time. The visitor can set this clock.
#[must_use]
pub fn milliseconds_since_1970() -> f64 {
    Date::now()
}
