//! One lifetime for the session, in the bridge and on every page: when it ends, and what prolongs it.

use end_to_end::{
    Configuration, Engine, NAME, World, everywhere, everywhere_in_a_soak_and_else_in, in_each_in_a_soak_and_else_in,
};
use serde_json::{Value, json};

const LOAD: &str = "return provider.loadCookie().then((result) => [result.value, result.code]);";

/// Saves a session for so many seconds. Returns when, by the browser's clock.
async fn save_for(world: &World, seconds: u32) -> f64 {
    let save = format!("const at = Date.now(); await provider.saveCookie('a', {{ maxAge: {seconds} }}); return at;");
    world.eval(&save).await.as_f64().unwrap()
}

/// Waits until this page has nothing of the session any more. Returns when.
async fn until_it_is_over(world: &World) -> f64 {
    world.until("this page's cookies are gone", "return document.cookie === '';").await;
    world.eval("return Date.now();").await.as_f64().unwrap()
}

/// Waits until so many seconds have passed by the browser's clock since then.
async fn wait_until(world: &World, at: f64, seconds: f64) {
    let is_later = format!("return Date.now() > {};", at + seconds * 1000.0);
    world.until("the time has passed", &is_later).await;
}

#[test]
fn a_session_ends_everywhere_at_the_same_time_and_that_is_no_loss() {
    everywhere(async |world| {
        let configuration = world.browser.configuration();
        world.visit("shop").await;
        let at = save_for(world, 6).await;
        world.visit("help").await;
        assert_eq!(world.eval(LOAD).await, json!(["a", null]), "{configuration:?}");
        // A load does not prolong it.
        let over = until_it_is_over(world).await;
        // Browsers count in whole seconds.
        assert!((5000.0..9000.0).contains(&(over - at)), "{configuration:?}: {} ms", over - at);
        wait_until(world, at, 7.0).await;
        for site in ["help", "shop"] {
            world.visit(site).await;
            assert_eq!(world.eval(LOAD).await, json!([null, null]), "{configuration:?}: {site}");
            assert_eq!(world.eval("return document.cookie;").await, "", "{configuration:?}: {site}");
        }
    });
}

#[test]
fn a_save_prolongs_the_session_everywhere_with_the_lifetime_that_it_has() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let configuration = world.browser.configuration();
        world.visit("shop").await;
        let at = save_for(world, 8).await;
        world.visit("help").await;
        assert_eq!(world.eval(LOAD).await, json!(["a", null]), "{configuration:?}");
        wait_until(world, at, 4.0).await;
        // Of the cookie that the load has set, and without a word about its lifetime.
        assert_eq!(world.eval("return provider.saveCookie().then((r) => r.saved);").await, true, "{configuration:?}");
        wait_until(world, at, 9.0).await;
        world.visit("shop").await;
        assert_eq!(world.eval(LOAD).await, json!(["a", null]), "{configuration:?}");
        until_it_is_over(world).await;
    });
}

#[test]
fn a_save_that_another_page_prolongs_is_prolonged_in_an_open_tab() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.visit("shop").await;
        world.eval("provider.on('change', () => (window.isTold = true));").await;
        let at = save_for(world, 8).await;
        let first = world.browser.tab().await;
        world.server.put("help", "/", world.host_page(""));
        world.browser.open_tab().await;
        world.browser.open(&world.url("help", "/")).await;
        world.eval(LOAD).await;
        wait_until(world, at, 4.0).await;
        world.eval("return provider.saveCookie();").await;
        world.browser.go_to_tab(&first).await;
        wait_until(world, at, 9.0).await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("a"));
        assert_eq!(world.eval("return window.isTold ?? false;").await, false, "it is the same session");
    });
}

#[test]
fn a_session_that_the_popup_brings_ends_with_the_one_that_was_saved() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        let continue_session = async || {
            world
                .add_button(
                    "Continue",
                    "window.ended = provider.continueSession().then((r) => r.value, (e) => e.code);",
                )
                .await;
            world.browser.click("button").await;
            world.eval("return window.ended;").await
        };
        world.visit("shop").await;
        let at = save_for(world, 12).await;
        assert_eq!(continue_session().await, "a", "{configuration:?}");
        world.visit("help").await;
        let brought: Value = continue_session().await;
        assert_eq!(brought, "a", "{configuration:?}");
        let over = until_it_is_over(world).await;
        assert!((11_000.0..15_000.0).contains(&(over - at)), "{configuration:?}: {} ms", over - at);
    });
}

#[test]
fn what_a_clear_leaves_in_the_bridge_is_kept_no_longer_than_the_session() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.visit("shop").await;
        save_for(world, 5).await;
        assert_eq!(world.eval("return provider.clearCookie().then((r) => r.cleared);").await, true);
        world.server.put("bridge", "/other", end_to_end::Page::html("<!DOCTYPE html><title>other</title>"));
        world.browser.open(&world.url("bridge", "/other")).await;
        let found = world.eval("return document.cookie;").await;
        let found = found.as_str().unwrap();
        assert!(found.starts_with(&format!("__Host-bridge.{NAME}=")) && found.ends_with("+5"), "{found}");
        until_it_is_over(world).await;
    });
}
