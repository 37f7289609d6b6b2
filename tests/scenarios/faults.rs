//! What goes wrong ends with its own code, and in time.

use end_to_end::{Engine, Gate, NAME, Page, everywhere, everywhere_in_a_soak_and_else_in, free_port, unreachable};
use serde_json::json;

#[test]
fn an_iframe_url_that_is_no_bridge_is_named() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.visit("shop").await;
        let call = |url: &str| {
            let url = json!(url);
            format!("return new CookieProvider('sid', {url}, undefined, {{ timeout: 2000 }}).loadCookie();")
        };
        for bad in
            ["javascript:alert(1)", "http://bridge.example/iframe.html", "data:text/html,x", "https://", "blob:x"]
        {
            assert_eq!(world.call(&call(bad)).await, Err("iframe-url-invalid".to_owned()), "{bad}");
        }
        assert_eq!(
            world.eval("return document.querySelectorAll('iframe').length;").await,
            1,
            "none of them was loaded"
        );
        let wrong_path = world.url("bridge", "/nothing-here.html");
        // A port that was just free, where nothing answers.
        let nobody = free_port().unwrap();
        for unreachable in [wrong_path, format!("https://{}:{}/iframe.html", world.server.host("bridge"), nobody)] {
            assert_eq!(world.call(&call(&unreachable)).await, Err("iframe-unreachable".to_owned()), "{unreachable}");
        }
        for (arguments, code) in [
            ("42, IFRAME_URL", "cookie-name-invalid"),
            ("'a=b', IFRAME_URL", "cookie-name-invalid"),
            ("'sid', undefined", "iframe-url-invalid"),
            ("'sid', IFRAME_URL, undefined, { timeout: 0 }", "timeout-invalid"),
            ("'sid', IFRAME_URL, undefined, { timeout: 'soon' }", "timeout-invalid"),
            ("'sid', IFRAME_URL, undefined, { maxAge: 1e12 }", "lifetime-invalid"),
        ] {
            let url = json!(world.iframe_url());
            let call = format!("const IFRAME_URL = {url}; return new CookieProvider({arguments}).loadCookie();");
            assert_eq!(world.call(&call).await, Err(code.to_owned()), "{arguments}");
        }
    });
}

#[test]
fn an_iframe_that_never_answers_ends_in_a_timeout() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        // Welcomes, then falls silent.
        let page = "<!DOCTYPE html><title>silent</title><script>
          addEventListener('message', (event) =>
            event.ports[0]?.postMessage({ v: 1, kind: 'welcome', nonce: event.data.nonce }));</script>";
        world.server.put("bridge", "/iframe.html", Page::html(page));
        world.server.put("shop", "/", world.host_page(", undefined, { timeout: 1500 }"));
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.call("return provider.saveCookie('a');").await, Err("timeout".to_owned()));
        let tested = world.eval("return provider.cookieTest();").await;
        assert_eq!(tested, unreachable("timeout"));
    });
}

#[test]
fn an_iframe_that_never_loads_ends_in_a_timeout_of_its_own() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("shop").await;
        let gate = Gate::closed();
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop"]).behind(&gate));
        let url = json!(world.iframe_url());
        let call = format!("return new CookieProvider('sid', {url}, undefined, {{ timeout: 1500 }}).loadCookie();");
        assert_eq!(world.call(&call).await, Err("iframe-unreachable".to_owned()));
        gate.open();
    });
}

#[test]
fn a_host_page_that_forbids_webassembly_is_told_and_goes_on() {
    everywhere(async |world| {
        let page = world.host_page("").header("content-security-policy", "script-src 'self' 'unsafe-inline'");
        world.server.put("shop", "/", page);
        world.browser.open(&world.url("shop", "/")).await;
        for call in ["loadCookie()", "saveCookie('a')", "clearCookie()"] {
            assert_eq!(world.call(&format!("return provider.{call};")).await, Err("wasm-blocked".to_owned()));
        }
        let message = world.eval("return provider.loadCookie().catch((error) => error.message);").await;
        assert!(message.as_str().unwrap().contains("'wasm-unsafe-eval'"), "{message}");
        let tested = world.eval("return provider.cookieTest();").await;
        assert_eq!(tested, unreachable("wasm-blocked"));
        let called = "let called = false; await provider.cookieTest(() => (called = true)); return called;";
        assert_eq!(world.eval(called).await, false, "nothing is known of the browser");
        world.eval("provider.destroy();").await;

        // The one directive that it asks for is enough.
        let page = world
            .host_page("")
            .header("content-security-policy", "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'");
        world.server.put("shop", "/", page);
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
    });
}

#[test]
fn a_page_whose_own_cookies_are_blocked_is_told_so() {
    everywhere(async |world| {
        world.visit("help").await;
        world.eval("return provider.saveCookie('a');").await;
        world.visit("shop").await;
        // As if the browser dropped what this page writes, while the bridge still has its jar.
        world.eval("Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} });").await;
        assert_eq!(world.call("return provider.loadCookie();").await, Err("first-party-cookie-refused".to_owned()));
    });
}

#[test]
fn nobody_is_told_that_cookies_are_blocked_because_the_bridge_does_not_answer() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.visit("stranger").await;
        let not_listed = json!(world.iframe_url());
        let nobody = json!(format!("https://{}:{}/iframe.html", world.server.host("bridge"), free_port().unwrap()));
        for (url, code) in [
            (not_listed, "origin-not-trusted"),
            (nobody, "iframe-unreachable"),
            (json!("https://"), "iframe-url-invalid"),
        ] {
            let test = format!(
                "const told = [];
                 const notify = (...given) => told.push(given);
                 const provider = new CookieProvider('sid', {url}, notify, {{ timeout: 2000 }});
                 const results = [await provider.cookieTest(), await provider.cookieTest(notify)];
                 return [told, results.map(({{ jar, code }}) => [jar, code])];"
            );
            let unreachable = ["unreachable", code];
            assert_eq!(world.eval(&test).await, json!([[], [unreachable, unreachable]]));
        }
        world.visit("shop").await;
        let told = world.eval("return new Promise((told) => provider.cookieTest((...given) => told(given)));").await;
        assert_eq!(json!([told[0], told[1]["jar"], told[1]["code"]]), json!([true, "shared", null]));
    });
}

#[test]
fn destroy_removes_the_iframe_and_rejects_what_is_pending() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let gate = Gate::closed();
        let page = world.server.bridge_page(&["shop"]);
        world.visit("shop").await;
        world.server.put("bridge", "/iframe.html", page.behind(&gate));
        let url = json!(world.iframe_url());
        let script = format!(
            "window.doomed = new CookieProvider('sid', {url});
             const pending = doomed.loadCookie();
             doomed.destroy();
             return pending;"
        );
        assert_eq!(world.call(&script).await, Err("destroyed".to_owned()));
        assert_eq!(world.eval("return document.querySelectorAll('iframe').length;").await, 1);
        assert_eq!(world.call("return doomed.saveCookie('a');").await, Err("destroyed".to_owned()));
        assert_eq!(world.call("return doomed.cookieTest();").await, Err("destroyed".to_owned()));
        world.eval("doomed.destroy();").await;
        gate.open();
    });
}

#[test]
fn a_failure_that_nobody_awaits_is_on_the_console_and_no_unhandled_rejection() {
    everywhere(async |world| {
        world.visit("shop").await;
        world
            .eval(
                "window.unhandled = [];
             window.kept = [];
             console.warn = console.error = (what) => kept.push(String(what));
             addEventListener('unhandledrejection', (event) => unhandled.push(String(event.reason)));
             provider.saveCookie();
             provider.cookieTest(() => { throw new Error('of the page itself'); });
             await provider.loadCookie();
             await new Promise((done) => setTimeout(done));",
            )
            .await;
        for text in ["of the page itself", "session cookie of this name"] {
            world.until(text, &format!("return kept.join().includes({text:?});")).await;
        }
        assert_eq!(world.eval("return unhandled;").await, json!([]));
    });
}

#[test]
fn a_page_that_reloads_while_a_save_is_in_flight_leaves_no_half_written_session() {
    everywhere(async |world| {
        let large = |letter: &str| letter.repeat(4000);
        world.visit("shop").await;
        world.eval(&format!("return provider.saveCookie({:?});", large("a"))).await;
        for round in 0..10 {
            let letter = if round % 2 == 0 { "b" } else { "c" };
            // Not awaited: the page is gone before an answer could come, sooner or later in each round.
            world.eval(&format!(
                "provider.saveCookie({:?}); for (let i = 0; i < {round}; i++) await new Promise((next) => setTimeout(next)); window.isOld = true; location.reload();",
                large(letter)
            )).await;
            world.until("the page is there again", "return !window.isOld && document.readyState === 'complete';").await;
            let loaded = world.eval("return provider.loadCookie().then((r) => r.value);").await;
            let loaded = loaded.as_str().unwrap().to_owned();
            assert!(["a", "b", "c"].iter().any(|letter| loaded == large(letter)), "torn: {} bytes", loaded.len());
        }
        assert_eq!(world.eval("return provider.saveCookie('after').then((r) => r.saved);").await, true);
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "after");
    });
}

#[test]
fn an_iframe_that_is_reloaded_is_greeted_anew() {
    everywhere(async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        let reloaded = "const frame = document.querySelector('iframe');
             const pending = provider.loadCookie();
             frame.src = frame.src;
             return Promise.all([pending, provider.loadCookie()]).then((all) => all.map((r) => r.value));";
        assert_eq!(world.eval(reloaded).await, json!(["a", "a"]));
    });
}

#[test]
fn more_calls_than_the_bridge_takes_at_once_are_refused_by_their_code() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        let flood = "const calls = Array.from({ length: 10_000 }, () => provider.loadCookie());
             const ends = await Promise.allSettled(calls);
             const codes = new Set(ends.filter((end) => end.status === 'rejected').map((end) => end.reason.code));
             return [ends.filter((end) => end.value?.value === 'a').length, [...codes]];";
        assert_eq!(world.eval(flood).await, json!([64, ["too-many-requests"]]));
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "a");
        assert_eq!(world.own_cookie().await.as_deref(), Some("a"), "{NAME}");
    });
}
