//! Runs the real program as an owner does, with its own store, keys and site.

mod calls;
mod redis;
mod server;
mod setup;

use std::time::{SystemTime, UNIX_EPOCH};

use bridge_server::{Key, reference};

pub(crate) use self::calls::{each_store, load, refused, save};
pub(crate) use self::redis::Redis;
pub(crate) use self::server::{Answer, Server, client};
pub(crate) use self::setup::{Setup, write_secret};

pub(crate) const SHOP: &str = "https://shop.example";
pub(crate) const HELP: &str = "https://www.help.example";
pub(crate) const STRANGER: &str = "https://evil.test";

pub(crate) const REFERENCE_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";
pub(crate) const ENCRYPTION_KEY: &str = "2222222222222222222222222222222222222222222222222222222222222222";

pub(crate) const IFRAME: &str = r#"<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Cookie Bridge</title>
    <script>
      const TRUSTED_DOMAINS = [
        "https://shop.example", // the shop
        'https://*.help.example',
      ];
    </script>
    <script>start()</script>
  </head>
  <body></body>
</html>
"#;

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A valid reference, as a site's server signs it.
pub(crate) fn reference(id: &str) -> String {
    reference_of(REFERENCE_KEY, id, now() + 3600)
}

pub(crate) fn reference_of(key: &str, id: &str, expires: u64) -> String {
    reference::sign(&Key::parse_list(key).unwrap()[0], id, expires).unwrap()
}
