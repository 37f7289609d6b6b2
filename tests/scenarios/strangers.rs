//! Who is not listed gets nothing, not even an answer.

use end_to_end::{Engine, Page, everywhere, everywhere_in_a_soak_and_else_in, unreachable};
use serde_json::json;

/// Greets the bridge as the provider does, and counts whatever comes back.
pub(crate) const GREET: &str = "
  window.heard = [];
  addEventListener('message', (event) => heard.push(event.data));
  // Without what a bridge posts to every page: that it listens.
  window.answers = () => heard.filter((data) => JSON.stringify(data) !== JSON.stringify({ v: 1, kind: 'ready', ns: 'cookie-bridge' }));
  window.greet = (target, origin, nonce) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => heard.push(event.data);
    const hello = { v: 1, kind: 'hello', ns: 'cookie-bridge', nonce, cookie: true, storageAccess: true };
    target.postMessage(hello, origin, [channel.port2]);
    channel.port1.postMessage({ v: 1, kind: 'load', id: 1, name: 'chat-session' });
    return channel.port1;
  };";

#[test]
fn a_site_that_is_not_listed_gets_no_session_and_no_reply() {
    everywhere(async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('secret');").await;

        world.server.put("stranger", "/", world.host_page(", undefined, { timeout: 3000 }"));
        world.browser.open(&world.url("stranger", "/")).await;
        world.eval(GREET).await;
        let bridge = json!(world.server.origin("bridge"));
        let nonce = json!("0".repeat(32));
        world.until("the iframe is there", "return frames[0]?.length === 1;").await;
        world.eval(&format!("greet(frames[0], {bridge}, {nonce}); greet(frames[0], '*', {nonce});")).await;
        // Meanwhile the provider waits its whole timeout for an answer, which is as long as this test would wait for one.
        assert_eq!(world.call("return provider.loadCookie();").await, Err("origin-not-trusted".to_owned()));
        let tested = world.eval("return provider.cookieTest();").await;
        assert_eq!(tested, unreachable("origin-not-trusted"));
        assert_eq!(world.eval("return answers();").await, json!([]));
        assert_eq!(world.own_cookie().await, None);
    });
}

#[test]
fn the_same_greeting_from_a_listed_site_is_answered() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('secret');").await;
        world.eval(GREET).await;
        let bridge = json!(world.server.origin("bridge"));
        world.eval(&format!("greet(frames[0], {bridge}, '{}');", "0".repeat(32))).await;
        world.until("the answers came", "return heard.length === 2;").await;
        let heard = world.eval("return heard.map((message) => [message.kind, message.value ?? null]);").await;
        assert_eq!(heard, json!([["welcome", null], ["loaded", "secret"]]));
    });
}

#[test]
fn a_bridge_that_a_stranger_opens_as_a_popup_says_only_that_it_is_there() {
    everywhere(async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('secret');").await;
        world.visit("stranger").await;
        world.eval(GREET).await;
        let (url, bridge) = (json!(world.iframe_url()), json!(world.server.origin("bridge")));
        // By a click: without one, no browser opens anything.
        world.add_button("Open", &format!("window.popup = open({url});")).await;
        world.browser.click("button").await;
        // The popup is ready for messages once its own one inner frame is there.
        world.until("the bridge runs in the popup", "return window.popup?.length === 1;").await;
        world.eval(&format!("greet(popup, {bridge}, '{}');", "0".repeat(32))).await;
        // The provider waits its whole timeout for an answer, which is as long as this test would wait for one.
        let loaded = world.call("return provider.loadCookie();").await;
        assert_eq!(loaded, Err("origin-not-trusted".to_owned()));
        assert_eq!(world.eval("return answers();").await, json!([]));
    });
}

#[test]
fn a_sibling_frame_of_a_listed_origin_is_not_the_parent() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.server.put(
            "help",
            "/sibling",
            Page::html(format!("<!DOCTYPE html><title>sibling</title><script>{GREET}</script>")),
        );
        world.visit("shop").await;
        world.eval("return provider.saveCookie('secret');").await;
        let (sibling, bridge) = (json!(world.url("help", "/sibling")), json!(world.server.origin("bridge")));
        world
            .eval(&format!(
                "const frame = document.createElement('iframe');
             frame.src = {sibling};
             const loaded = new Promise((done) => (frame.onload = done));
             document.body.append(frame);
             await loaded;"
            ))
            .await;
        world.browser.enter_frame("iframe[src$=sibling]").await;
        world.eval(&format!("greet(parent.frames[0], {bridge}, '{}');", "0".repeat(32))).await;
        world.browser.leave_frame().await;
        for _ in 0..20 {
            world.eval("return provider.loadCookie();").await;
        }
        world.browser.enter_frame("iframe[src$=sibling]").await;
        assert_eq!(world.eval("return heard;").await, json!([]));
    });
}

#[test]
fn messages_that_are_not_greetings_are_ignored_and_harm_nothing() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        let bridge = json!(world.server.origin("bridge"));
        world.eval(&format!(
            "const cyclic = {{}}; cyclic.self = cyclic;
             let deep = {{}}; for (let i = 0; i < 500; i++) deep = {{ deep }};
             const odd = [null, 0, 'text', [], [1,,3], 10n, new Date(), new Map([['ns', 'cookie-bridge']]), new Set(), cyclic, deep,
               'x'.repeat(10_000_000), JSON.parse('{{\"__proto__\": {{\"ns\": \"cookie-bridge\"}}}}'),
               {{ ns: 'cookie-bridge', v: 1, kind: 'constructor' }}, {{ ns: 'cookie-bridge', v: 1, kind: '__proto__' }},
               {{ ns: 'cookie-bridge', v: 1, kind: 'hello', nonce: 'x'.repeat(10_000_000) }},
               {{ ns: 'cookie-bridge', v: 1, kind: 'hello', nonce: new Map([['0', '0'.repeat(32)]]) }},
               {{ ns: new String('cookie-bridge'), v: 1, kind: 'hello', nonce: '0'.repeat(32) }},
               {{ ns: 'cookie-bridge', v: 1n, kind: 'hello', nonce: '0'.repeat(32) }}];
             window.answers = [];
             // With a port, as a greeting has: without one, none of it would be looked at.
             for (const message of odd) {{
               const {{ port1, port2 }} = new MessageChannel();
               port1.onmessage = ({{ data }}) => answers.push(data);
               frames[0].postMessage(message, {bridge}, [port2]);
             }}
             for (let i = 0; i < 10_000; i++) frames[0].postMessage({{ flood: i }}, {bridge});"
        )).await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "a");
        // The last one is a greeting of a version that the bridge does not know, and this page may be told.
        assert_eq!(world.eval("return answers;").await, json!([{ "v": 1, "kind": "incompatible" }]));
    });
}

#[test]
fn a_bridge_of_another_version_is_named() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        // A bridge that answers as one of another version would.
        let page = "<!DOCTYPE html><title>other version</title><script>
          addEventListener('message', (event) => event.ports[0]?.postMessage({ v: 2, kind: 'incompatible' }));</script>";
        world.server.put("bridge", "/iframe.html", Page::html(page));
        world.visit("shop").await;
        assert_eq!(world.call("return provider.loadCookie();").await, Err("version-mismatch".to_owned()));
    });
}
