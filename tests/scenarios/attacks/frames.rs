//! Frames around the bridge, beside it, and without an origin.

use end_to_end::{Engine, NAME, Page, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::json;

use super::{nonce, with_session};
use crate::strangers::GREET;

#[test]
fn frames_without_an_origin_get_nothing_even_on_a_listed_site() {
    everywhere(async |world| {
        with_session(world, "secret").await;
        let (script, url) = (json!(world.url("shop", "/cookie-provider.js")), json!(world.iframe_url()));
        let (name, nonce) = (json!(NAME), nonce());
        let page = json!(format!(
            "<!DOCTYPE html><title>no origin</title><script src={script}></script><script>{GREET}
               const provider = new CookieProvider({name}, {url}, undefined, {{ timeout: 3000 }});
               new MutationObserver(() => {{
                 const frame = document.querySelector('iframe');
                 if (frame) frame.onload = () => greet(frames[0], '*', '{nonce}');
               }}).observe(document, {{ childList: true, subtree: true }});
               provider.loadCookie().then(() => 'loaded', (error) => error.code)
                 .then((ended) => parent.postMessage({{ origin: self.origin, ended, heard: answers() }}, '*'));
             </script>"
        ));
        world
            .eval(&format!(
                "window.told = [];
                 addEventListener('message', ({{ data }}) => data?.ended && told.push(data));
                 const add = (fill) => {{
                   const frame = document.createElement('iframe');
                   fill(frame);
                   document.body.append(frame);
                 }};
                 add((frame) => {{ frame.sandbox = 'allow-scripts'; frame.srcdoc = {page}; }});
                 add((frame) => (frame.src = 'data:text/html,' + encodeURIComponent({page})));"
            ))
            .await;
        world.until("both have waited their time", "return told.length === 2;").await;
        let nothing = json!({ "origin": "null", "ended": "origin-not-trusted", "heard": [] });
        assert_eq!(world.eval("return told;").await, json!([nothing, nothing]));
    });
}

#[test]
fn a_bridge_that_the_page_has_sandboxed_gives_nothing() {
    everywhere(async |world| {
        for sandbox in ["", "allow-scripts", "allow-scripts allow-popups allow-forms"] {
            with_session(world, "secret").await;
            let (name, url, nonce) = (json!(NAME), json!(world.iframe_url()), nonce());
            let ended = world
                .call(&format!(
                    "const make = document.createElementNS;
                     document.createElementNS = function (...given) {{
                       const element = make.apply(this, given);
                       if (element.localName === 'iframe') element.sandbox = {sandbox:?};
                       return element;
                     }};
                     const sandboxed = new CookieProvider({name}, {url}, undefined, {{ timeout: 2000 }});
                     const frame = [...document.querySelectorAll('iframe')].at(-1);
                     frame.addEventListener('load', () => greet(frame.contentWindow, '*', '{nonce}'));
                     return sandboxed.loadCookie();"
                ))
                .await;
            // Its origin is not the one that the provider's hello is addressed to; and without scripts no bridge runs.
            let refused = if sandbox.is_empty() { "bridge-not-running" } else { "origin-not-trusted" };
            assert_eq!(ended, Err(refused.to_owned()), "{sandbox:?}");
            let heard = world.eval("return JSON.stringify(heard);").await.to_string();
            assert!(!heard.contains("secret"), "{sandbox:?}: {heard}");
        }
    });
}

#[test]
fn what_a_neighbouring_frame_forges_is_not_believed_and_it_hears_nothing() {
    everywhere(async |world| {
        let page = "<!DOCTYPE html><title>neighbour</title><script>
          window.heard = [];
          addEventListener('message', (event) => heard.push(String(event.data)));
          const verdict = { jar: 'shared', readable: true, granted: false, canRequest: false };
          setInterval(() => {
            for (let id = 0; id < 5; id++) {
              for (const message of [
                { v: 1, kind: 'ready', ns: 'cookie-bridge' },
                { v: 1, kind: 'welcome', nonce: '0'.repeat(32) },
                { v: 1, kind: 'loaded', id, value: 'forged', at: 1, ...verdict },
                { v: 1, kind: 'changed' },
                { v: 1, kind: 'incompatible' },
              ]) parent.postMessage(message, '*', [new MessageChannel().port2]);
            }
          }, 25);</script>";
        world.server.put("stranger", "/neighbour", Page::html(page));
        with_session(world, "genuine").await;
        let neighbour = json!(world.url("stranger", "/neighbour"));
        world
            .eval(&format!(
                "const frame = document.createElement('iframe');
                 frame.src = {neighbour};
                 const loaded = new Promise((done) => (frame.onload = done));
                 document.body.append(frame);
                 await loaded;"
            ))
            .await;
        for _ in 0..20 {
            assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "genuine");
        }
        world.add_button("Go", "window.ended = provider.continueSession().then((r) => r.value, (e) => e.code);").await;
        world.browser.click("button").await;
        assert_eq!(world.eval("return window.ended;").await, "genuine");
        assert_eq!(world.own_cookie().await.as_deref(), Some("genuine"));
        world.browser.enter_frame("iframe[src$=neighbour]").await;
        assert_eq!(world.eval("return heard;").await, json!([]));
    });
}

#[test]
fn no_session_passes_where_other_scripts_of_the_page_listen() {
    everywhere(async |world| {
        let listen = "<script>window.overheard = [];
          addEventListener('message', ({ data, ports }) => overheard.push([JSON.stringify(data), ports.length]), true);</script>";
        let page = world.host_page("").replaced("<title>host</title>", &format!("<title>host</title>{listen}"));
        world.server.put("shop", "/", page);
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval("return provider.saveCookie('top-secret').then((r) => r.saved);").await, true);
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "top-secret");
        world.add_button("Go", "window.ended = provider.continueSession().then((r) => r.value, (e) => e.code);").await;
        world.browser.click("button").await;
        assert_eq!(world.eval("return window.ended;").await, "top-secret");
        // The iframe and the popup say that they are there; everything else goes over ports, which no message to this window brings.
        let overheard = world.eval("return overheard;").await;
        let ready = json!([r#"{"v":1,"kind":"ready","ns":"cookie-bridge"}"#, 0]);
        assert_eq!(overheard, json!([ready, ready]));
    });
}

#[test]
fn a_stranger_around_a_listed_page_hears_nothing() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        with_session(world, "secret").await;
        let listen = "window.overheard = []; addEventListener('message', ({ data }) => overheard.push(data));";
        let shop = world.url("shop", "/");
        world.server.put(
            "stranger",
            "/",
            Page::html(format!(
                "<!DOCTYPE html><title>around</title><script>{listen}</script><iframe src=\"{shop}\"></iframe>"
            )),
        );
        world.browser.open(&world.url("stranger", "/")).await;
        world.browser.enter_frame("iframe").await;
        world.until("the provider is there", "return 'provider' in window;").await;
        // Whatever it ends with in a frame of a stranger's.
        let _ = world.call("return provider.loadCookie();").await;
        let _ = world.call("return provider.saveCookie('secret');").await;
        world.browser.leave_frame().await;
        assert_eq!(world.eval("return overheard;").await, json!([]));
    });
}
