//! What happens on one domain while another is open.

use end_to_end::{Configuration, Engine, Gate, Page, World, everywhere, everywhere_but_long_in, scenario};
use serde_json::{Value, json};

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

/// Saves many sessions one after the other once the server answers `/start`. Each is one letter and its number, filled up: a torn one
/// would not be whole.
fn saving(world: &World, letter: char, saves: u32) -> Page {
    let script = format!(
        "<script>
           window.codes = {{}};
           window.changes = [];
           provider.on('change', ({{ value }}) => changes.push(value));
           window.done = (async () => {{
             await fetch('/start');
             for (let i = 1; i <= {saves}; i++) {{
               window.last = ('{letter}' + i + '-').padEnd(3000, '{letter}');
               const end = await provider.saveCookie(last).then(() => 'saved', (error) => error.code);
               codes[end] = (codes[end] ?? 0) + 1;
             }}
             window.doneAt = Date.now();
           }})();
         </script>"
    );
    world.host_page("").replaced("<p>A host page.</p>", &script)
}

#[test]
fn of_ten_thousand_saves_over_two_tabs_none_is_torn_the_last_one_wins_and_both_tabs_know() {
    // Firefox keeps copies of the jar in the processes of both pages, so it has most to get wrong.
    everywhere_but_long_in(Engine::Firefox, async |world, length| {
        let saves = length.choose(5000, 250);
        let start = Gate::closed();
        let all = world.server.bridge_page(&["shop", "help", "stranger"]);
        world.server.put("bridge", "/iframe.html", all);
        for site in ["shop", "help"] {
            world.server.put(site, "/start", Page::html("").behind(&start));
        }
        world.server.put("shop", "/", saving(world, 'a', saves));
        world.server.put("help", "/", saving(world, 'b', saves));
        world.browser.open(&world.url("shop", "/")).await;
        let first = world.browser.tab().await;
        world.browser.open_tab().await;
        world.browser.open(&world.url("help", "/")).await;
        let second = world.browser.tab().await;
        // A domain that saves has what it saves; a third one sees what arrives.
        open_tab(world, "stranger").await;
        start.open();
        let look = "window.torn ??= []; window.seen ??= new Set();
            for (let i = 0; i < 100; i++) {
              const { value } = await provider.loadCookie();
              if (value && (/^a\\d+-a+$/.test(value) || /^b\\d+-b+$/.test(value)) && value.length === 3000) seen.add(value[0]);
              else if (value !== null) torn.push(value);
            }
            return [torn, [...seen].sort().join('')];";
        loop {
            let seen = world.eval(look).await;
            assert_eq!(seen[0], json!([]), "torn");
            if seen[1] == "ab" {
                break;
            }
        }
        let mut ends = Vec::new();
        for tab in [&first, &second] {
            world.browser.go_to_tab(tab).await;
            let is_done =
                "await Promise.race([done, new Promise((next) => setTimeout(next, 5000))]); return !!window.doneAt;";
            while world.eval(is_done).await != true {}
            let end = world.eval("return { codes, doneAt, last };").await;
            let known = ["saved", "session-superseded"];
            let codes = end["codes"].as_object().unwrap();
            assert!(codes.keys().all(|code| known.contains(&code.as_str())), "{codes:?}");
            assert_eq!(codes.values().filter_map(Value::as_u64).sum::<u64>(), u64::from(saves));
            println!("{codes:?}");
            ends.push(end);
        }
        let mut winners = Vec::new();
        for tab in [&first, &second] {
            world.browser.go_to_tab(tab).await;
            let loaded = world.eval("return provider.loadCookie().then((result) => result.value);").await;
            let knows = "return changes.at(-1) === arguments_winner || last === arguments_winner;";
            world.until("the tab knows", &knows.replace("arguments_winner", &loaded.to_string())).await;
            winners.push(loaded);
        }
        assert_eq!(winners[0], winners[1]);
        // Who was done later by more than a clock's grain has saved last.
        let done = |at: usize| ends[at]["doneAt"].as_f64().unwrap();
        let last = usize::from(done(1) > done(0));
        if (done(1) - done(0)).abs() > 50.0 {
            assert_eq!(winners[0], ends[last]["last"]);
        }
    });
}
