//! `continueSession`: the rung that shares where an iframe cannot.

use end_to_end::{
    Configuration, Engine, World, everywhere, everywhere_in_a_soak_and_else_in, in_each, in_each_with, scenario,
};
use serde_json::{Value, json};

/// Every configuration in which a site can have cookies of its own, and what a save in the hidden iframe ends with there.
const WITH_COOKIES: [(Configuration, bool); 12] = [
    (Configuration::ChromiumAllow, true),
    (Configuration::ChromiumBlock, false),
    (Configuration::ChromiumIncognito, false),
    (Configuration::FirefoxDefault, false),
    (Configuration::FirefoxStrict, false),
    (Configuration::FirefoxPrivate, false),
    (Configuration::FirefoxBlock, false),
    (Configuration::FirefoxNoStorageAccess, false),
    (Configuration::FirefoxAllow, true),
    (Configuration::WebkitAllow, true),
    (Configuration::WebkitDefault, false),
    (Configuration::WebkitItp, false),
];

/// Opens a site's page with a button that calls `continueSession`.
async fn visit(world: &World, site: &str) {
    world.visit(site).await;
    add_button(world).await;
}

async fn add_button(world: &World) {
    let action =
        "window.ended = provider.continueSession().then((result) => ({ result }), (error) => ({ error: error.code }));";
    world.add_button("Continue your conversation", action).await;
}

/// Clicks the button: what the call ends with.
async fn continue_session(world: &World) -> Value {
    world.browser.click("button").await;
    world.eval("return window.ended;").await
}

#[test]
fn a_session_that_could_not_be_shared_is_saved_and_loaded_by_a_click_on_each_domain() {
    in_each_with(WITH_COOKIES, async |world, is_shared| {
        let configuration = world.browser.configuration();
        visit(world, "shop").await;
        world.set_own_cookie("session-of-maja").await;
        let saved = world.eval("return provider.saveCookie();").await;
        assert_eq!(saved["saved"], is_shared, "{configuration:?}");
        let continued = json!({ "result": {
            "saved": !is_shared, "loaded": true, "value": "session-of-maja", "via": "popup", "jar": "shared", "code": null,
        } });
        assert_eq!(continue_session(world).await, continued, "{configuration:?}");

        visit(world, "help").await;
        let loaded = json!({ "result": {
            "saved": false, "loaded": true, "value": "session-of-maja", "via": "popup", "jar": "shared", "code": null,
        } });
        assert_eq!(continue_session(world).await, loaded, "{configuration:?}");
        assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"), "{configuration:?}");
        world.record("popup", if is_shared { "not needed" } else { "1 click on each domain" });
    });
}

#[test]
fn with_all_cookies_blocked_the_popup_and_the_link_share_nothing_and_say_so() {
    scenario(Configuration::ChromiumBlockAll, async |world| {
        visit(world, "shop").await;
        let continued = continue_session(world).await;
        let nothing = json!({ "result": { "saved": false, "loaded": false, "value": null, "via": "local", "jar": "blocked", "code": null } });
        assert_eq!(continued, nothing);
        world.set_own_cookie("session-of-maja").await;
        assert_eq!(world.own_cookie().await, None, "there is nothing that a link could carry, and nowhere to put it");
        world.record("popup", "no");
        world.record("link", "no");
    });
}

#[test]
fn a_popup_that_is_opened_without_a_click_is_blocked() {
    in_each(Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        world.visit("shop").await;
        let ended = world.call("return provider.continueSession();").await;
        assert_eq!(ended, Err("popup-blocked".to_owned()), "{configuration:?}");
    });
}

#[test]
fn a_popup_that_the_visitor_closes_is_told() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        visit(world, "shop").await;
        world
            .eval(
                "document.querySelector('button').onclick = () => {
            window.ended = provider.continueSession({ confirm: {} }).then(() => 'done', (error) => error.code);
        };",
            )
            .await;
        world.browser.click("button").await;
        world.browser.enter_popup().await;
        world.until("the popup asks", "return document.querySelector('button') !== null;").await;
        world.browser.close_popup().await;
        assert_eq!(world.eval("return window.ended;").await, "popup-closed");
    });
}

#[test]
fn a_page_whose_own_headers_cut_it_off_is_told_so() {
    everywhere(async |world| {
        for (policy, code) in [("same-origin", Some("popup-cut-off")), ("same-origin-allow-popups", None)] {
            world.server.put("shop", "/", world.host_page("").header("cross-origin-opener-policy", policy));
            world.browser.open(&world.url("shop", "/")).await;
            add_button(world).await;
            let ended = continue_session(world).await;
            assert_eq!(ended.get("error").and_then(Value::as_str), code, "{policy}: {ended}");
        }
    });
}

#[test]
fn a_page_that_is_not_listed_gets_nothing_from_a_popup() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        visit(world, "shop").await;
        world.eval("return provider.saveCookie('secret');").await;
        world.server.put("stranger", "/", world.host_page(", null, { timeout: 1500 }"));
        world.browser.open(&world.url("stranger", "/")).await;
        add_button(world).await;
        assert_eq!(continue_session(world).await, json!({ "error": "origin-not-trusted" }));
    });
}

#[test]
fn a_click_in_the_popup_makes_firefox_grant_storage_access_without_a_question() {
    // Firefox grants it where the visitor has clicked in the bridge's own pages; it would ask here, and nobody would answer.
    scenario(Configuration::FirefoxDefault, async |world| {
        visit(world, "shop").await;
        world.set_own_cookie("session-of-maja").await;
        world.eval("return provider.saveCookie();").await;
        world
            .eval(
                "document.querySelector('button').onclick = () => {
                   window.ended = provider.continueSession({ confirm: { label: 'Weiter' } })
                     .then((result) => ({ result }), (error) => ({ error: error.code }));
                 };",
            )
            .await;
        world.browser.click("button").await;
        world.browser.enter_popup().await;
        world.click_bridge_button().await;
        world.browser.leave_popup().await;
        assert_eq!(world.eval("return window.ended;").await["result"]["saved"], true);

        world.visit("help").await;
        world
            .eval(
                "const place = document.body.appendChild(document.createElement('div'));
                 window.ended = provider.mountAccessButton(place).then((result) => result.granted, (error) => error.code);",
            )
            .await;
        world.browser.enter_frame("div iframe").await;
        world.click_bridge_button().await;
        world.browser.leave_frame().await;
        assert_eq!(world.eval("return window.ended;").await, true);

        world.visit("help").await;
        let loaded = world.eval("return provider.loadCookie();").await;
        let silent = json!({ "loaded": true, "value": "session-of-maja", "via": "storage-access", "jar": "shared", "code": null });
        assert_eq!(loaded, silent);
    });
}

#[test]
fn in_webkit_what_the_popup_saved_is_read_elsewhere_without_a_click() {
    scenario(Configuration::WebkitDefault, async |world| {
        visit(world, "shop").await;
        world.set_own_cookie("session-of-maja").await;
        world.eval("return provider.saveCookie();").await;
        assert_eq!(continue_session(world).await["result"]["saved"], true);

        // Readable, but not writable: told from a jar that is shared and from one that is closed.
        world.visit("help").await;
        let tested = world.eval("return provider.cookieTest();").await;
        assert_eq!((&tested["jar"], &tested["readable"]), (&json!("blocked"), &json!(true)));
        let loaded = world.eval("return provider.loadCookie();").await;
        assert_eq!(
            loaded,
            json!({ "loaded": true, "value": "session-of-maja", "via": "cookie", "jar": "blocked", "code": null })
        );
        let saved = world.eval("return provider.saveCookie('newer');").await;
        assert_eq!(saved, json!({ "saved": false, "via": "local", "jar": "blocked" }));
        let loaded = world.eval("return provider.loadCookie();").await;
        assert_eq!(loaded["loaded"], false, "what is older does not replace what this page could not share yet");
        assert_eq!(world.own_cookie().await.as_deref(), Some("newer"));
    });
}

#[test]
fn a_rung_that_the_owner_forbids_is_not_used() {
    scenario(Configuration::ChromiumAllow, async |world| {
        world.server.put("shop", "/", world.host_page(", null, { access: ['popup'] }"));
        world.browser.open(&world.url("shop", "/")).await;
        let saved = world.eval("return provider.saveCookie('a');").await;
        assert_eq!(saved, json!({ "saved": false, "via": "local", "jar": "shared" }));
        let mounted = world.call("return provider.mountAccessButton(document.body);").await;
        assert_eq!(mounted, Err("rung-forbidden".to_owned()));
        add_button(world).await;
        let continued = continue_session(world).await;
        assert_eq!((&continued["result"]["saved"], &continued["result"]["via"]), (&json!(true), &json!("popup")));

        world.server.put("shop", "/", world.host_page(", null, { access: ['cookie', 'magic'] }"));
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.call("return provider.loadCookie();").await, Err("access-invalid".to_owned()));
    });
}

#[test]
fn a_frame_of_the_page_that_has_the_popups_old_name_is_not_opened_in_its_place() {
    in_each(Configuration::BLOCKING, async |world| {
        visit(world, "shop").await;
        world
            .eval(
                "const frame = document.createElement('iframe');
                 frame.name = 'cookie-bridge';
                 document.body.append(frame);",
            )
            .await;
        world.set_own_cookie("session-of-maja").await;
        world.eval("return provider.saveCookie();").await;
        let continued = continue_session(world).await;
        assert_eq!(continued["result"]["value"], "session-of-maja", "{continued}");
    });
}
