//! What stands in for the vendors' services and scripts that need an account.

pub mod amazon_connect;
pub mod direct_line;
