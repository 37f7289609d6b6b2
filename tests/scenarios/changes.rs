//! What happens on one domain while another is open.

use end_to_end::{Configuration, World, everywhere, scenario};
use serde_json::json;

/// Listens for changes of the session.
async fn listen(world: &World) {
    world
        .eval(
            "window.changes = [];
             provider.on('change', ({ value }) => {
               changes.push(value);
               fetch(document.hidden ? '/told-in-the-background' : '/told-in-view');
             });",
        )
        .await;
}

/// Opens a site in a tab of its own, and goes on there.
async fn open_tab(world: &World, site: &str) {
    world.server.put(site, "/", world.host_page(""));
    world.browser.open_tab().await;
    world.browser.open(&world.url(site, "/")).await;
}

#[test]
fn a_change_on_one_domain_reaches_the_other_domains_open_tab() {
    everywhere(async |world| {
        world.visit("shop").await;
        listen(world).await;
        world.eval("return provider.saveCookie('one');").await;
        let first = world.browser.tab().await;

        open_tab(world, "help").await;
        let saved = world.eval("return provider.saveCookie('two').then((r) => r.saved);").await;
        assert_eq!(saved, true);
        // Firefox and WebKit may tell only when the tab comes into view.
        if world.browser.tells_frames_of_cookies() {
            world.until_asked("shop", "/told-in-the-background").await;
        }
        world.browser.go_to_tab(&first).await;
        world.until("the change is told", "return changes.length === 1;").await;
        assert_eq!(world.eval("return changes;").await, json!(["two"]));
        assert_eq!(world.own_cookie().await.as_deref(), Some("one"), "the page decides");
    });
}

#[test]
fn the_end_of_a_session_reaches_the_other_domains_open_tab_once_it_is_looked_at() {
    // In Firefox, which tells frames nothing, the tab finds out when it comes into view.
    scenario(Configuration::FirefoxAllow, async |world| {
        world.visit("shop").await;
        listen(world).await;
        world.eval("return provider.saveCookie('one');").await;
        let first = world.browser.tab().await;
        open_tab(world, "help").await;
        world.eval("return provider.clearCookie();").await;
        world.browser.go_to_tab(&first).await;
        world.until("the change is told", "return changes.length === 1;").await;
        assert_eq!(world.eval("return changes;").await, json!([null]));
    });
}

#[test]
fn two_tabs_that_save_at_once_never_leave_a_torn_session() {
    everywhere(async |world| {
        let all = world.server.bridge_page(&["shop", "help", "stranger"]);
        world.server.put("bridge", "/iframe.html", all);
        // Each value is one letter, 3000 times: a torn one would have two.
        let saving = |letter: char| {
            let script = format!(
                "<script>
                   window.saves = 0;
                   window.codes = new Set();
                   (async () => {{
                     while (!window.isOver) {{
                       await provider.saveCookie('{letter}'.repeat(3000)).catch((error) => codes.add(error.code));
                       saves++;
                     }}
                   }})();
                 </script>"
            );
            world.host_page("").replaced("<p>A host page.</p>", &script)
        };
        world.server.put("shop", "/", saving('a'));
        world.server.put("help", "/", saving('b'));
        world.browser.open(&world.url("shop", "/")).await;
        let first = world.browser.tab().await;
        world.browser.open_tab().await;
        world.browser.open(&world.url("help", "/")).await;
        let second = world.browser.tab().await;
        // A domain that saves has what it saves; a third one sees what arrives.
        open_tab(world, "stranger").await;
        let whole = "window.torn = 0; window.seen = new Set();
            for (let i = 0; i < 300 || seen.size < 2; i++) {
              const { value } = await provider.loadCookie();
              if (/^(a{3000}|b{3000})$/.test(value)) seen.add(value[0]); else torn++;
            }
            return [torn, [...seen].sort().join('')];";
        assert_eq!(world.eval(whole).await, json!([0, "ab"]));
        for tab in [first, second] {
            world.browser.go_to_tab(&tab).await;
            world.until("each has saved many times", "return saves > 100;").await;
            let codes = world.eval("window.isOver = true; return [...codes];").await;
            assert!(codes == json!([]) || codes == json!(["session-superseded"]), "{codes}");
        }
    });
}
