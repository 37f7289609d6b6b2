//! Popups whose opener has changed, and windows that pass for the popup.

use end_to_end::{Page, everywhere};
use serde_json::json;

use super::{nonce, with_session};
use crate::strangers::GREET;

#[test]
fn an_opener_that_has_gone_on_to_a_stranger_gets_nothing_from_the_popup() {
    everywhere(async |world| {
        with_session(world, "secret").await;
        let url = json!(world.iframe_url());
        world.add_button("Go", &format!("window.popup = open({url}, 'left-open');")).await;
        world.browser.click("button").await;
        world.until("the bridge runs in the popup", "return window.popup?.length === 1;").await;
        // While it is trusted it is served, so that there is a port which its successor could use.
        let bridge = json!(world.server.origin("bridge"));
        world.eval(&format!("greet(popup, {bridge}, '{}');", nonce())).await;
        world.until("the popup answers", "return heard.some(({ value }) => value === 'secret');").await;

        world.server.put("stranger", "/", world.host_page(", undefined, { timeout: 3000 }"));
        let stranger = world.url("stranger", "/");
        // By the page itself: a driver's navigation might cut it off from its popup.
        world.eval(&format!("setTimeout(() => (location.href = {stranger:?}));")).await;
        world
            .until("the stranger is there", &format!("return location.href === {stranger:?} && 'provider' in window;"))
            .await;
        world.eval(GREET).await;
        // The name finds the popup where the browser lets this page have a hold of it; elsewhere this opens an empty window.
        world.add_button("Go", "window.popup = open('', 'left-open');").await;
        world.browser.click("button").await;
        world.until("there is a window", "return Boolean(window.popup);").await;
        world.eval(&format!("greet(popup, '*', '{}');", nonce())).await;
        // The provider waits its whole timeout for an answer, which is as long as this test would wait for one.
        assert_eq!(world.call("return provider.loadCookie();").await, Err("origin-not-trusted".to_owned()));
        assert_eq!(world.eval("return answers();").await, json!([]));
    });
}

#[test]
fn a_ready_of_another_window_or_of_another_site_in_the_popup_is_not_heard() {
    everywhere(async |world| {
        let forger = world.url("stranger", "/forger");
        let forges = "<!DOCTYPE html><title>forger</title><script>
          setInterval(() => (opener ?? parent).postMessage({ v: 1, kind: 'ready', ns: 'cookie-bridge' }, '*'), 25);</script>";
        world.server.put("stranger", "/forger", Page::html(forges));
        let silent = "<!DOCTYPE html><title>silent</title>".to_owned();
        let leading = format!("<!DOCTYPE html><title>leads on</title><script>location.replace({forger:?});</script>");
        for bridge in [silent, leading] {
            world.server.put("bridge", "/iframe.html", Page::html(bridge.as_str()));
            world.server.put(
                "shop",
                "/",
                world
                    .host_page(", undefined, { timeout: 3000 }")
                    .appended(&format!("<iframe src={forger:?}></iframe>")),
            );
            world.browser.open(&world.url("shop", "/")).await;
            world
                .eval(
                    "window.forged = new Set();
                     addEventListener('message', ({ source, data }) => {
                       if (data?.kind === 'ready') forged.add(source?.top === source ? 'popup' : 'frame');
                     });",
                )
                .await;
            world
                .add_button("Go", "window.ended = provider.continueSession().then(() => 'done', (e) => e.code);")
                .await;
            world.browser.click("button").await;
            // Of a popup that was greeted, it would be said that it does not trust this page.
            assert_eq!(world.eval("return window.ended;").await, "iframe-unreachable", "{bridge}");
            let expected = if bridge.contains("forger") { json!(["frame", "popup"]) } else { json!(["frame"]) };
            assert_eq!(world.eval("return [...forged].sort();").await, expected, "the forgeries came: {bridge}");
        }
    });
}
