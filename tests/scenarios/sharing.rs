//! A session is saved on one domain and loaded on another, or said not to be.

use serde_json::json;

use crate::{Configuration, scenario};

#[test]
fn a_session_saved_on_one_domain_is_loaded_on_another() {
    scenario(Configuration::ChromiumAllow, async |world| {
        world.visit("shop").await;
        world.set_own_cookie("session-of-maja").await;
        let saved = world.eval("return provider.saveCookie();").await;
        assert_eq!(saved, json!({ "saved": true, "via": "cookie", "jar": "shared" }));

        world.visit("help").await;
        assert_eq!(world.own_cookie().await, None);
        let loaded = world.eval("return provider.loadCookie();").await;
        assert_eq!(loaded, json!({ "loaded": true, "value": "session-of-maja", "via": "cookie", "jar": "shared" }));
        assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"));
    });
}
