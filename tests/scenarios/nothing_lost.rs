//! Faults at the worst moment: every call ends, and a session that was called saved is there, or its loss is told.

use end_to_end::{
    Configuration, Engine, NAME, Page, World, everywhere, everywhere_in_a_soak_and_else_in, free_port, scenario,
};
use serde_json::{Value, json};

const LOAD: &str = "return provider.loadCookie().then((result) => [result.value, result.code]);";

/// Whether each of these calls ended, and how: with a value or a code.
fn ends(calls: &str) -> String {
    format!("return Promise.all([{calls}].map((call) => call.then((result) => result.value, (error) => error.code)));")
}

/// Opens a host page whose calls end in time for a test to see.
async fn visit_in_haste(world: &World) {
    world.server.put("shop", "/", world.host_page(", undefined, { timeout: 3000 }"));
    world.browser.open(&world.url("shop", "/")).await;
}

#[test]
fn an_iframe_that_the_page_removes_in_the_middle_of_a_call_is_put_back_by_the_next_one() {
    everywhere(async |world| {
        visit_in_haste(world).await;
        world.eval("return provider.saveCookie('a');").await;
        // One may have been answered before it was removed.
        let alone = "const call = provider.loadCookie(); document.querySelector('iframe').remove();";
        let alone = world.eval(&format!("{alone} {}", ends("call"))).await;
        assert!(alone == json!(["timeout"]) || alone == json!(["a"]), "{alone}");
        assert_eq!(world.eval(LOAD).await, json!(["a", null]));
        let removed = "document.querySelector('iframe').remove();";
        let calls = "provider.loadCookie(), provider.saveCookie('b').then(() => provider.loadCookie())";
        assert_eq!(world.eval(&format!("{removed} {}", ends(calls))).await, json!(["b", "b"]));
        // As a framework does that draws the whole page anew.
        world.eval("document.body.replaceChildren();").await;
        assert_eq!(world.eval(LOAD).await, json!(["b", null]));
        assert_eq!(world.eval("return document.querySelectorAll('iframe').length;").await, 1);
    });
}

#[test]
fn an_iframe_that_is_led_away_in_the_middle_of_a_call_is_brought_back_by_the_next_one() {
    everywhere(async |world| {
        visit_in_haste(world).await;
        world.server.put("stranger", "/elsewhere", Page::html("<!DOCTYPE html><title>elsewhere</title>"));
        world.eval("return provider.saveCookie('a');").await;
        for elsewhere in ["about:blank".to_owned(), world.url("stranger", "/elsewhere")] {
            let led_away = format!("document.querySelector('iframe').src = {elsewhere:?};");
            let calls = "provider.loadCookie(), provider.saveCookie('a')";
            let ended = world.eval(&format!("{led_away} {}", ends(calls))).await;
            for end in ended.as_array().unwrap() {
                // Answered before the bridge was gone, or not at all.
                assert!(
                    ["a", "iframe-unreachable", "timeout"].map(Value::from).contains(end) || end.is_null(),
                    "{ended}"
                );
            }
            // A call in the moment in which the bridge is left may still be asked of it.
            world
                .until("it is back", "return provider.loadCookie().then((r) => r.value === 'a' && r.code === null);")
                .await;
        }
    });
}

#[test]
fn a_bridge_that_cannot_be_reached_and_comes_back_gets_what_it_missed() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        // A port that was just free, where nothing answers.
        let port = free_port().unwrap();
        let iframe_url = format!("https://{}:{port}/iframe.html", world.server.host("bridge"));
        let page = world.host_page_for(&iframe_url, ", undefined, { timeout: 2000 }");
        world.server.put("shop", "/", page.clone());
        world.server.put("help", "/", page);
        world.browser.open(&world.url("shop", "/")).await;
        for call in ["saveCookie('a')", "loadCookie()"] {
            assert_eq!(world.call(&format!("return provider.{call};")).await, Err("iframe-unreachable".to_owned()));
        }
        assert_eq!(world.own_cookie().await.as_deref(), Some("a"), "the chat goes on");
        world.server.reach_at(port).await;
        // Without a reload of the page. WebKit does not tell that an iframe could not be loaded, so there it takes ten seconds.
        world.until("the bridge is back", "return provider.loadCookie().then((r) => r.value === 'a');").await;
        world.browser.open(&world.url("help", "/")).await;
        assert_eq!(world.eval(LOAD).await, json!(["a", null]));
    });
}

#[test]
fn a_bridge_that_answers_with_an_error_and_is_mended_gets_what_it_missed() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.server.put("bridge", "/iframe.html", Page::html("<!DOCTYPE html><title>503</title>").status(503));
        visit_in_haste(world).await;
        assert_eq!(world.call("return provider.saveCookie('a');").await, Err("iframe-unreachable".to_owned()));
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]));
        assert_eq!(world.eval(LOAD).await, json!(["a", null]));
    });
}

#[test]
fn what_a_tab_saves_while_it_is_closed_is_there_once_its_domain_is_visited_again() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.visit("help").await;
        assert_eq!(world.eval("return provider.saveCookie('before').then((r) => r.saved);").await, true);
        let first = world.browser.tab().await;
        for round in 0..5 {
            let value = format!("round-{round}");
            world.server.put("shop", "/", world.host_page(""));
            world.browser.open_tab().await;
            world.browser.open(&world.url("shop", "/")).await;
            // A little later in each round; no answer is waited for.
            world
                .eval(&format!(
                    "provider.saveCookie({value:?});
                     for (let i = 0; i < {round}; i++) await new Promise((next) => setTimeout(next));"
                ))
                .await;
            world.browser.close_tab().await;
            world.browser.go_to_tab(&first).await;
            world.visit("shop").await;
            let found = world.eval("return document.cookie;").await;
            let loaded = world.eval("return provider.loadCookie();").await;
            assert_eq!(json!([loaded["value"], loaded["code"]]), json!([value, null]), "{loaded}, with {found}");
            world.visit("help").await;
            assert_eq!(world.eval(LOAD).await, json!([value, null]));
        }
    });
}

/// On a page of the bridge's own: removes its session as a visitor or a browser does that makes room.
async fn lose_the_session(world: &World) {
    world.server.put("bridge", "/other", Page::html("<!DOCTYPE html><title>other</title>"));
    world.browser.open(&world.url("bridge", "/other")).await;
    let removed =
        format!("document.cookie = '__Host-bridge.{NAME}=; Path=/; Secure; Max-Age=0'; return document.cookie;");
    assert_eq!(world.eval(&removed).await, "");
}

#[test]
fn a_session_that_the_visitor_clears_from_the_bridge_is_told_at_the_next_load_and_saved_again() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        lose_the_session(world).await;
        world.visit("shop").await;
        world.eval("window.told = []; provider.on('saved', ({ saved }) => told.push(saved));").await;
        assert_eq!(world.eval(LOAD).await, json!([null, "session-lost"]));
        world.until("it is saved again", "return told.length === 1 && told[0];").await;
        world.visit("help").await;
        assert_eq!(world.eval(LOAD).await, json!(["a", null]));

        // Where this page has ended its own chat meanwhile, it is told and stays so.
        lose_the_session(world).await;
        world.visit("shop").await;
        world.eval(&format!("document.cookie = '{NAME}=; Path=/; Max-Age=0';")).await;
        assert_eq!(world.eval(LOAD).await, json!([null, "session-lost"]));
        assert_eq!(world.eval(LOAD).await, json!([null, null]));
    });
}

#[test]
fn the_end_of_a_session_on_another_domain_is_no_loss() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        world.visit("help").await;
        assert_eq!(world.eval("return provider.clearCookie().then((r) => r.cleared);").await, true);
        world.visit("shop").await;
        assert_eq!(world.eval(LOAD).await, json!([null, null]));
    });
}

/// Fills the bridge's jar until the session is gone or there are this many cookies. How many there were then.
async fn fill_the_jar(world: &World, cookies: u32) -> Option<u64> {
    world.server.put("bridge", "/other", Page::html("<!DOCTYPE html><title>other</title>"));
    world.browser.open(&world.url("bridge", "/other")).await;
    let fill = format!(
        "for (let i = 1; i <= {cookies}; i++) {{
           document.cookie = 'filler-' + i + '=x; Path=/; Secure; SameSite=None';
           // A browser may make room a moment later.
           if (i % 50 === 0) await new Promise((next) => setTimeout(next, 20));
           if (!document.cookie.includes('__Host-bridge.{NAME}=')) return i;
         }}
         return null;"
    );
    world.eval(&fill).await.as_u64()
}

#[test]
fn a_session_that_a_full_jar_pushes_out_is_told_at_the_next_load_and_saved_again() {
    everywhere(async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        let pushed_out = fill_the_jar(world, 1000).await;
        println!("{:?}: pushed out by {pushed_out:?} cookies", world.browser.configuration());
        world.visit("shop").await;
        let expected = if pushed_out.is_some() { json!([null, "session-lost"]) } else { json!(["a", null]) };
        assert_eq!(world.eval(LOAD).await, expected);
        // WebKit's library for cookies has no such limit.
        assert_eq!(pushed_out.is_none(), world.browser.configuration() == Configuration::WebkitAllow);
        // Into the full jar.
        let saved = world.eval("return provider.saveCookie('b').then((r) => r.saved, (error) => error.code);").await;
        assert_eq!(saved, true);
        world.visit("help").await;
        assert_eq!(world.eval(LOAD).await, json!(["b", null]));
    });
}

#[test]
fn the_last_save_wins_though_the_clock_was_set_back_by_a_day() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let set_back = "<script>Date.now = ((now) => () => now() - 86400000)(Date.now);</script>";
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        let bridge = world.server.bridge_page(&["shop", "help"]).replaced("<head>", &format!("<head>{set_back}"));
        world.server.put("bridge", "/iframe.html", bridge);
        for site in ["shop", "help"] {
            let page = world.host_page("").replaced("<title>", &format!("{set_back}<title>"));
            world.server.put(site, "/", page);
        }
        world.browser.open(&world.url("help", "/")).await;
        assert_eq!(world.eval(LOAD).await, json!(["a", null]));
        assert_eq!(world.eval("return provider.saveCookie('b').then((r) => r.saved);").await, true);
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval(LOAD).await, json!(["b", null]));
        assert_eq!(world.eval("return provider.clearCookie().then((r) => r.cleared);").await, true);
        world.browser.open(&world.url("help", "/")).await;
        assert_eq!(world.eval(LOAD).await, json!([null, null]));
    });
}

#[test]
fn a_save_that_waited_while_the_clock_was_set_back_does_not_replace_one_that_was_called_saved() {
    scenario(Configuration::ChromiumAllow, async |world| {
        // As it stands after a save that found no bridge, under a clock that was a day ahead.
        world.visit("shop").await;
        let tomorrow = "Date.now() + 86400000";
        world.set_own_cookie("waited").await;
        world
            .eval(&format!("document.cookie = '__Host-bridge-note.{NAME}=' + ({tomorrow}) + '.save.; Path=/; Secure';"))
            .await;
        world.visit("help").await;
        assert_eq!(world.eval("return provider.saveCookie('saved').then((r) => r.saved);").await, true);
        world.visit("shop").await;
        world.until("what was saved is loaded", "return provider.loadCookie().then((r) => r.value === 'saved');").await;
        world.visit("help").await;
        assert_eq!(world.eval(LOAD).await, json!(["saved", null]));
    });
}
