//! What the bridge answers after a call has ended is made up for.

use end_to_end::{Engine, Gate, NAME, Page, World, everywhere_in_a_soak_and_else_in, free_port};
use serde_json::{Value, json};

const LISTEN: &str = "window.events = [];
    for (const type of ['loaded', 'saved', 'tested', 'change']) provider.on(type, (detail) => events.push([type, detail.value ?? detail.jar]));";

/// Opens a host page that listens, and whose calls end soon.
async fn open_in_haste(world: &World, iframe_url: &str) {
    world.server.put(
        "shop",
        "/",
        Page::html("<!DOCTYPE html><title>shop</title><script src=\"/cookie-provider.js\"></script>"),
    );
    world.browser.open(&world.url("shop", "/")).await;
    // Now: the driver waits for the load of a page with all its frames.
    world
        .eval(&format!(
            "window.provider = new CookieProvider({NAME:?}, {iframe_url:?}, undefined, {{ timeout: 1000 }}); {LISTEN}"
        ))
        .await;
}

/// Opens it beside a bridge that answers only once the gate is open, and calls for the session in vain.
async fn open_with_a_slow_bridge(world: &World) -> Gate {
    world.visit("help").await;
    world.eval("return provider.saveCookie('from-help');").await;
    let gate = Gate::closed();
    world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
    open_in_haste(world, &world.iframe_url()).await;
    world.eval("window.notices = []; provider.cookieTest((isEnabled) => notices.push(isEnabled));").await;
    assert_eq!(world.call("return provider.loadCookie();").await, Err("iframe-unreachable".to_owned()));
    gate
}

/// Whether these events have come, in any order.
async fn until_told(world: &World, events: Value) {
    let look = format!(
        "const wanted = {events}.map(String); return wanted.every((event) => events.map(String).includes(event));"
    );
    world.until(&format!("{events}"), &look).await;
}

#[test]
fn what_a_slow_bridge_answers_after_the_calls_have_ended_is_told_by_events() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let gate = open_with_a_slow_bridge(world).await;
        gate.open();
        until_told(world, json!([["loaded", "from-help"], ["tested", "shared"]])).await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("from-help"));
        world.until("the notification has come", "return notices.length > 0;").await;
        assert_eq!(world.eval("return [notices, events.length];").await, json!([[true], 2]));
    });
}

#[test]
fn a_session_that_the_page_has_got_since_is_left_and_the_late_one_is_told() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let gate = open_with_a_slow_bridge(world).await;
        world.set_own_cookie("since").await;
        gate.open();
        until_told(world, json!([["change", "from-help"]])).await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("since"));
    });
}

#[test]
fn what_a_connected_bridge_answers_late_is_told_by_events() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.visit("help").await;
        world.eval("return provider.saveCookie('from-help');").await;
        // Its answer to whether it has storage access takes longer than the page waits.
        let slow = "<script>window.answers = [];
            const ask = Document.prototype.hasStorageAccess;
            Document.prototype.hasStorageAccess = function () {
              return new Promise((resolve) => setTimeout(resolve, 2500)).then(() => ask.call(this));
            };</script>";
        let page = world.server.bridge_page(&["shop", "help"]).replaced("<head>", &format!("<head>{slow}"));
        world.server.put("bridge", "/iframe.html", page);
        open_in_haste(world, &world.iframe_url()).await;
        assert_eq!(world.call("return provider.loadCookie();").await, Err("timeout".to_owned()));
        until_told(world, json!([["loaded", "from-help"]])).await;
        assert_eq!(world.call("return provider.saveCookie('mine');").await, Err("timeout".to_owned()));
        until_told(world, json!([["saved", "shared"]])).await;
        let note =
            format!("return document.cookie.includes('bridge-note.{NAME}') && document.cookie.includes('.kept.');");
        assert_eq!(world.eval(&note).await, true, "the bridge has it");
    });
}

#[test]
fn a_bridge_that_was_down_is_tried_again_once_the_network_is_back() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("help").await;
        world.eval("return provider.saveCookie('from-help');").await;
        let port = free_port().unwrap();
        let iframe_url = format!("https://{}:{port}/iframe.html", world.server.host("bridge"));
        open_in_haste(world, &iframe_url).await;
        assert_eq!(world.call("return provider.loadCookie();").await, Err("iframe-unreachable".to_owned()));
        world.server.reach_at(port).await;
        world.eval("dispatchEvent(new Event('online'));").await;
        until_told(world, json!([["loaded", "from-help"]])).await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("from-help"));
    });
}
