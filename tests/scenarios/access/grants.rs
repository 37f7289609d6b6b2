//! Storage access as visitors get it: in browsers with a window, whose own prompts are answered on the screen. No driver sets a permission, and no
//! preference answers for the visitor. Every click is counted, and the counts are in docs/browser-support.md.

use end_to_end::{Answer, Configuration, NAME, World, in_each_with_window};
use serde_json::{Value, json};

use super::{click_access_button, continue_session, event, is_asked, mount_button, visit};

/// Waits until the page has storage access.
async fn until_granted(world: &World) {
    assert_eq!(event(world, "access").await, json!({ "granted": true, "jar": "shared", "code": null }));
}

/// The value that the page loads by storage access, without a click.
async fn loaded_silently(world: &World) -> Value {
    let loaded = world.eval("return provider.loadCookie();").await;
    assert_eq!((&loaded["loaded"], &loaded["via"]), (&json!(true), &json!("storage-access")), "{loaded}");
    loaded["value"].clone()
}

async fn is_shared(world: &World) -> bool {
    world.eval("return provider.cookieTest().then(({ jar }) => jar);").await == "shared"
}

/// Allows what the browser asks after the click on the access button, and waits until the page has storage access.
async fn answer_if_asked(world: &World) {
    if is_asked(world).await {
        world.browser.answer_prompt(Answer::Allow).await;
    }
    until_granted(world).await;
}

/// What one domain saves from now on, the other loads.
async fn assert_later_visits_need_no_click(world: &World) {
    world.visit("shop").await;
    let saved = world.eval("return provider.saveCookie('newer');").await;
    assert_eq!(saved, json!({ "saved": true, "via": "storage-access", "jar": "shared" }));
    world.visit("help").await;
    assert_eq!(loaded_silently(world).await, "newer");
    assert_eq!(world.browser.take_clicks(), 0);
    world.record("storage-access-later", "0 clicks");
}

/// Clicks the page's button, the popup's, the access button and the prompt: how many clicks that are.
async fn grant_after_a_visit(world: &World, site: &str) -> usize {
    world.browser.take_clicks();
    let continued = continue_session(world).await;
    assert_eq!(continued["result"]["via"], "popup", "{continued}");
    click_access_button(world).await;
    if !is_asked(world).await {
        // One request in dozens is refused by Chromium within milliseconds, with no prompt and no message. A visitor who begins again succeeds.
        visit(world, site).await;
        return Box::pin(grant_after_a_visit(world, site)).await;
    }
    world.browser.answer_prompt(Answer::Allow).await;
    until_granted(world).await;
    world.browser.take_clicks()
}

#[test]
fn in_chromium_a_visitor_grants_access_after_a_click_in_the_popup_and_needs_no_click_later() {
    in_each_with_window([Configuration::ChromiumBlock, Configuration::ChromiumIncognito], async |world| {
        visit(world, "shop").await;
        world.set_own_cookie("session-of-maja").await;
        assert_eq!(world.eval("return provider.saveCookie().then(({ saved }) => saved);").await, false);
        let tested = world.eval("return provider.cookieTest();").await;
        let needs_visit = (json!(false), json!("access-needs-visit"));
        assert_eq!((&tested["canRequestAccess"], &tested["code"]), (&needs_visit.0, &needs_visit.1));
        let first = grant_after_a_visit(world, "shop").await;

        visit(world, "help").await;
        let other = grant_after_a_visit(world, "help").await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"));
        assert_eq!((first, other), (4, 4));
        world.record("storage-access-first", "4 clicks on each domain");

        assert_later_visits_need_no_click(world).await;
    });
}

#[test]
fn in_firefox_a_visitor_grants_access_without_a_popup_and_needs_no_click_later() {
    in_each_with_window(
        [Configuration::FirefoxDefault, Configuration::FirefoxStrict, Configuration::FirefoxPrivate],
        async |world| {
            visit(world, "shop").await;
            world.set_own_cookie("session-of-maja").await;
            assert_eq!(world.eval("return provider.saveCookie().then(({ saved }) => saved);").await, false);
            mount_button(world).await;
            click_access_button(world).await;
            world.browser.answer_prompt(Answer::Allow).await;
            until_granted(world).await;
            let told = json!({ "saved": true, "via": "storage-access", "jar": "shared" });
            assert_eq!(event(world, "saved").await, told);
            assert_eq!(world.browser.take_clicks(), 2);

            // Firefox has seen the visitor click in a frame of the bridge with access, and does not ask again.
            visit(world, "help").await;
            world.eval("return provider.loadCookie();").await;
            mount_button(world).await;
            click_access_button(world).await;
            until_granted(world).await;
            assert_eq!(event(world, "loaded").await["value"], "session-of-maja");
            assert_eq!(world.browser.take_clicks(), 1);
            world.record("storage-access-first", "2 clicks on the first domain, 1 on each other");

            assert_later_visits_need_no_click(world).await;
        },
    );
}

#[test]
fn in_webkit_the_first_click_in_the_popup_is_a_grant_and_elsewhere_each_page_needs_one() {
    in_each_with_window([Configuration::WebkitItp], async |world| {
        visit(world, "shop").await;
        world.set_own_cookie("session-of-maja").await;
        assert_eq!(world.eval("return provider.saveCookie().then(({ saved }) => saved);").await, false);
        assert_eq!(continue_session(world).await["result"]["saved"], true);
        assert!(is_shared(world).await);
        assert_eq!(world.browser.take_clicks(), 2);

        // Now and then WebKit takes the click in a later popup for a grant, too.
        visit(world, "help").await;
        continue_session(world).await;
        if !is_shared(world).await {
            click_access_button(world).await;
            answer_if_asked(world).await;
        }
        assert!((2..=4).contains(&world.browser.take_clicks()));
        assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"));
        world.record("storage-access-first", "2 clicks on the first domain, 2 to 4 on each other");

        world.visit("shop").await;
        let saved = world.eval("return provider.saveCookie('newer');").await;
        assert_eq!(saved, json!({ "saved": true, "via": "cookie", "jar": "shared" }));
        for _ in 0..2 {
            visit(world, "help").await;
            world.eval("return provider.loadCookie();").await;
            if !is_shared(world).await {
                mount_button(world).await;
                click_access_button(world).await;
                answer_if_asked(world).await;
            }
            world.until("the session is there", &format!("return document.cookie.includes('{NAME}=newer');")).await;
            assert!(world.browser.take_clicks() <= 2);
        }
        world.record("storage-access-later", "0 clicks on the first domain, up to 2 on each page of the others");
    });
}

#[test]
fn where_the_browser_refuses_every_request_the_visitor_gets_no_access_button() {
    in_each_with_window(
        [
            Configuration::ChromiumBlockAll,
            Configuration::FirefoxBlock,
            Configuration::FirefoxNoStorageAccess,
            Configuration::WebkitDefault,
        ],
        async |world| {
            visit(world, "shop").await;
            // Where all cookies are blocked, the page itself has no session.
            let _ = world.call("return provider.saveCookie('session-of-maja');").await;
            // Not even after a visit.
            continue_session(world).await;
            let mounted = world.call("return provider.mountAccessButton(place);").await;
            assert_eq!(mounted, Err("access-refused".to_owned()));
            assert!(!world.browser.shows_prompt());
            world.record("storage-access-first", "no");
            world.record("storage-access-later", "no");
        },
    );
}

#[test]
fn a_save_that_waited_is_done_at_the_next_load_once_the_permission_stands() {
    in_each_with_window([Configuration::FirefoxDefault], async |world| {
        for site in ["shop", "help"] {
            visit(world, site).await;
            mount_button(world).await;
            click_access_button(world).await;
            if site == "shop" {
                world.browser.answer_prompt(Answer::Allow).await;
            }
            until_granted(world).await;
        }
        // This page's owner does not use storage access.
        world.server.put("shop", "/", world.host_page(", null, { access: ['cookie'] }"));
        world.browser.open(&world.url("shop", "/")).await;
        let saved = world.eval("return provider.saveCookie('session-of-maja').then(({ saved }) => saved);").await;
        assert_eq!(saved, false);

        // Nobody calls anything on this page.
        world.visit("shop").await;
        world.until("nothing waits any more", "return !document.cookie.includes('.save.');").await;
        world.visit("help").await;
        assert_eq!(loaded_silently(world).await, "session-of-maja");
    });
}
