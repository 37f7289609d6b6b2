//! A session that is handed over with a link, where the jar is not shared.

use end_to_end::{Configuration, NAME, Page, World, everywhere, in_each, scenario};
use serde_json::json;

/// A page that hands over sessions with links, and notes what it hears and what its later scripts could read of the address.
fn page(world: &World, links: &str) -> Page {
    let (name, url) = (json!(NAME), json!(world.iframe_url()));
    Page::html(format!(
        "<!DOCTYPE html><title>host</title><script src=\"/cookie-provider.js\"></script><script>
           window.addresses = [location.href];
           window.refused = [];
           window.provider = new CookieProvider({name}, {url}, null, {{ access: ['cookie', 'storage-access', 'popup', 'link'] }});
           provider.on('refused', ({{ code }}) => refused.push(code));
           window.loaded = provider.loadCookie();
         </script>{links}"
    ))
}

/// A link to the other site, as an owner would write it.
fn link(world: &World, site: &str) -> String {
    format!("<a id=\"link\" href=\"{}\">Our other shop</a>", world.url(site, "/?page=2#section"))
}

/// Starts a session on the shop and waits until the bridge has said what the jar is worth, and that it trusts the other site.
async fn start(world: &World, links: &str) {
    world.server.put("shop", "/", page(world, links));
    world.server.put("help", "/", page(world, ""));
    world.browser.open(&world.url("shop", "/")).await;
    world.set_own_cookie("session-of-maja").await;
    world.eval("await loaded; await provider.saveCookie();").await;
}

/// What the help page got, once the visitor has arrived there.
async fn arrived(world: &World) {
    let there = format!(
        "return location.host === {:?} && document.readyState === 'complete' && !location.hash.includes('cookie-bridge')
           && document.cookie.includes('{NAME}=');",
        world.url("help", "").trim_start_matches("https://")
    );
    world.until("the session has come with the link", &there).await;
}

#[test]
fn a_link_hands_the_session_over_in_every_configuration_that_does_not_share_by_itself() {
    in_each(
        [
            Configuration::ChromiumBlock,
            Configuration::ChromiumIncognito,
            Configuration::FirefoxDefault,
            Configuration::FirefoxStrict,
            Configuration::FirefoxPrivate,
            Configuration::FirefoxBlock,
            Configuration::WebkitDefault,
            Configuration::WebkitItp,
        ],
        async |world| {
            let configuration = world.browser.configuration();
            start(world, &link(world, "help")).await;
            world.browser.click("#link").await;
            arrived(world).await;
            let loaded = world.eval("return loaded;").await;
            assert_eq!(
                (&loaded["value"], &loaded["via"]),
                (&json!("session-of-maja"), &json!("link")),
                "{configuration:?}"
            );
            assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"), "{configuration:?}");
            let address = world.eval("return location.href;").await;
            assert_eq!(address, world.url("help", "/?page=2#section"), "the page's own address is restored");
            assert_eq!(
                world.eval("return addresses;").await,
                json!([address]),
                "no script of the page could read more"
            );
            assert_eq!(world.eval("return refused;").await, json!([]), "{configuration:?}");
            world.record("link", "the link");
        },
    );
}

#[test]
fn it_works_in_a_new_tab_by_keyboard_and_by_a_form() {
    in_each(Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        let help = world.url("help", "/");
        let form = format!(
            "<form id=\"form\" action=\"{help}\"><input name=\"q\" value=\"lamp\"><button>Search</button></form>
             <a id=\"link\" href=\"{help}\">Our other shop</a>
             <a id=\"blank\" target=\"_blank\" href=\"{help}\">Our other shop</a>"
        );
        start(world, &form).await;
        world.browser.click("#form button").await;
        arrived(world).await;
        assert_eq!(world.eval("return location.search;").await, "?q=lamp", "{configuration:?}");
        world.eval(FORGET).await;

        world.browser.open(&world.url("shop", "/")).await;
        world.eval("await loaded; document.getElementById('link').focus();").await;
        world.browser.press_enter("#link").await;
        arrived(world).await;
        world.eval(FORGET).await;

        world.browser.open(&world.url("shop", "/")).await;
        world.eval("await loaded;").await;
        world.browser.click("#blank").await;
        world.browser.enter_popup().await;
        arrived(world).await;
        world.eval(FORGET).await;
        world.browser.close_popup().await;

        // WebKitGTK's browser opens nothing by a driver's middle click.
        if configuration != Configuration::WebkitDefault {
            world.eval("await loaded;").await;
            world.browser.middle_click("#link").await;
            world.browser.enter_popup().await;
            arrived(world).await;
        }
    });
}

/// Ends the page's own session without a word to the bridge.
const FORGET: &str =
    "for (const pair of document.cookie.split('; ')) document.cookie = pair.split('=')[0] + '=; Max-Age=0; Path=/';";

#[test]
fn it_is_off_unless_the_owner_switches_it_on_and_never_leads_to_strangers() {
    in_each(Configuration::BLOCKING, async |world| {
        let links =
            format!("{}<a id=\"stranger\" href=\"{}\">Elsewhere</a>", link(world, "help"), world.url("stranger", "/"));
        let off = page(world, &links).replaced(", 'link']", "]");
        world.server.put("shop", "/", off);
        world.server.put("help", "/", Page::html("<!DOCTYPE html><title>help</title>"));
        world.server.put("stranger", "/", Page::html("<!DOCTYPE html><title>stranger</title>"));
        world.browser.open(&world.url("shop", "/")).await;
        world.set_own_cookie("session-of-maja").await;
        world.eval("await loaded; await provider.saveCookie();").await;
        world.browser.click("#link").await;
        world.until("the other site", "return document.title === 'help';").await;
        assert_eq!(world.eval("return location.hash;").await, "#section");

        start(world, &links).await;
        world.browser.click("#stranger").await;
        world.until("the stranger", "return document.title === 'stranger';").await;
        assert_eq!(world.eval("return location.href;").await, world.url("stranger", "/"));
    });
}

#[test]
fn a_form_that_posts_is_left_alone() {
    in_each(Configuration::BLOCKING, async |world| {
        let help = world.url("help", "/");
        start(world, &format!("<form method=\"post\" action=\"{help}\"><button>Send</button></form>")).await;
        world
            .eval(
                "document.forms[0].addEventListener('submit', (event) => {
                   event.preventDefault();
                   window.seen = event.target.action;
                 });",
            )
            .await;
        world.browser.click("button").await;
        assert_eq!(world.eval("return seen;").await, help);
    });
}

#[test]
fn where_the_jar_is_shared_no_link_is_touched() {
    everywhere(async |world| {
        start(world, &link(world, "help")).await;
        world.eval("document.getElementById('link').addEventListener('click', (e) => { e.preventDefault(); window.seen = e.target.href; });").await;
        world.browser.click("#link").await;
        assert_eq!(world.eval("return seen;").await, world.url("help", "/?page=2#section"));
    });
}

#[test]
fn where_the_browser_keeps_nothing_a_made_up_address_harms_nothing() {
    scenario(Configuration::ChromiumBlockAll, async |world| {
        for parts in [["ask", "nonce", NAME, "AAAA"], ["give", "nonce", NAME, "AAAA"]] {
            assert_eq!(refused_from(world, "shop", &token(&parts)).await, "handoff-expired");
            assert_eq!(world.eval("return loaded.then((r) => r.loaded);").await, false);
        }
    });
}

/// Goes to an address of the help site by a link on this site, and says what was refused.
async fn refused_from(world: &World, site: &str, fragment: &str) -> serde_json::Value {
    let target = world.url("help", &format!("/{fragment}"));
    world.server.put(site, "/bad", Page::html(format!("<!DOCTYPE html><title>bad</title><a href=\"{target}\">Go</a>")));
    world.server.put("help", "/", page(world, ""));
    world.browser.open(&world.url(site, "/bad")).await;
    world.browser.click("a").await;
    world.until("something is refused", "return location.pathname === '/' && window.refused?.length === 1;").await;
    let is_clean = world.eval("return !location.href.includes('cookie-bridge');").await;
    assert_eq!(is_clean, true, "nothing of it is left in the address");
    assert_eq!(world.eval("return document.cookie.includes('mallory');").await, false);
    world.eval("return refused[0];").await
}

fn token(parts: &[&str]) -> String {
    let text = serde_json::to_string(parts).unwrap();
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("#~cookie-bridge={encoded}")
}

#[test]
fn what_a_stranger_makes_up_is_refused() {
    in_each(Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        let offer = token(&["offer", "nonce", NAME, "/"]);
        assert_eq!(refused_from(world, "stranger", &offer).await, "handoff-not-trusted", "{configuration:?}");
        let give = token(&["give", "nonce", NAME, "AAAA", "mallory"]);
        assert_eq!(refused_from(world, "stranger", &give).await, "handoff-expired", "{configuration:?}");
        assert_eq!(refused_from(world, "shop", &give).await, "handoff-expired", "not asked for");
        let ask = token(&["ask", "nonce", NAME, "AAAA"]);
        assert_eq!(refused_from(world, "shop", &ask).await, "handoff-expired", "not offered");
    });
}

#[test]
fn a_way_back_to_another_site_is_not_taken() {
    in_each(Configuration::BLOCKING, async |world| {
        let evil = world.url("stranger", "/");
        let offer = token(&["offer", "nonce", NAME, &evil]);
        let target = world.url("help", &format!("/{offer}"));
        let links = format!("<!DOCTYPE html><title>bad</title><a href=\"{target}\">Go</a>");
        world.server.put("shop", "/bad", Page::html(links));
        world.server.put("help", "/", page(world, ""));
        world.browser.open(&world.url("shop", "/bad")).await;
        world.browser.click("a").await;
        world.until("the load ends", "return window.loaded?.then((r) => r.loaded === false);").await;
        assert_eq!(world.eval("return location.href;").await, world.url("help", "/"));
    });
}

#[test]
fn an_address_that_brought_a_session_is_worth_nothing_a_second_time() {
    in_each(Configuration::BLOCKING, async |world| {
        // A page that keeps every address it is reached by, as a proxy or an extension could.
        let keep = "<script>localStorage.addresses = (localStorage.addresses ?? '') + location.href + ' ';</script>";
        let spying = |page: Page| page.replaced("<title>host</title>", &format!("<title>host</title>{keep}"));
        world.server.put("shop", "/", page(world, &link(world, "help")));
        world.server.put("help", "/", spying(page(world, "")));
        world.browser.open(&world.url("shop", "/")).await;
        world.set_own_cookie("session-of-maja").await;
        world.eval("await loaded; await provider.saveCookie();").await;
        world.browser.click("#link").await;
        arrived(world).await;
        let addresses = world.eval("return localStorage.addresses;").await;
        let given = addresses.as_str().unwrap().split(' ').find(|address| address.contains("give")).unwrap().to_owned();
        assert!(!given.contains("session-of-maja"), "it is sealed");
        world.eval(FORGET).await;
        let again = given.split_once('#').unwrap().1;
        assert_eq!(refused_from(world, "shop", &format!("#{again}")).await, "handoff-expired");
    });
}

#[test]
fn a_session_that_runs_is_not_replaced() {
    in_each(Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        world.browser.open(&world.url("help", "/")).await;
        world.set_own_cookie("of-the-help-page").await;
        world.browser.open(&world.url("shop", "/")).await;
        world.eval("await loaded;").await;
        world.browser.click("#link").await;
        world.until("it is refused", "return window.refused?.[0] === 'handoff-session-running';").await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("of-the-help-page"));
    });
}

/// A key that a page could have made for the seal: the base point of P-256.
const KEY: &str = "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";

#[test]
fn a_session_is_given_to_no_address_but_the_askers() {
    in_each(Configuration::BLOCKING, async |world| {
        start(world, "").await;
        world.server.put("help", "/plain", Page::html("<!DOCTYPE html><title>plain</title>"));
        for (site, path) in [("stranger", "/"), ("help", "/plain")] {
            // What the shop notes when a link of its own leads to the help site, which then asks.
            world.browser.open(&world.url("shop", "/")).await;
            let note = json!([world.server.origin("help")]);
            world.eval(&format!("localStorage['cookie-bridge.n'] = JSON.stringify([...{note}, Date.now()]);")).await;
            let ask = token(&["ask", "n", NAME, KEY, &world.url(site, path)]);
            let question = world.url("shop", &format!("/?asked{ask}"));
            world.server.put(
                "help",
                "/asks",
                Page::html(format!("<!DOCTYPE html><title>asks</title><a href=\"{question}\">Go</a>")),
            );
            world.browser.open(&world.url("help", "/asks")).await;
            world.browser.click("a").await;
            if site == "help" {
                let there = "return location.pathname === '/plain' && location.hash.includes('cookie-bridge');";
                world.until("who asked gets it", there).await;
                continue;
            }
            world.until("the shop was asked", "return location.search === '?asked' && 'loaded' in window;").await;
            // Much longer than it takes to seal a session and to leave.
            for _ in 0..5 {
                world.eval("await loaded; await provider.cookieTest();").await;
            }
            assert_eq!(
                world.eval("return localStorage['cookie-bridge.n'];").await,
                json!(null),
                "the question was read"
            );
            assert_eq!(world.eval("return location.href;").await, world.url("shop", "/?asked"));
            assert_eq!(world.server.asked("stranger"), Vec::<String>::new());
        }
    });
}

#[test]
fn an_address_that_is_no_hand_over_breaks_nothing() {
    in_each(Configuration::BLOCKING, async |world| {
        world.server.put("help", "/", page(world, ""));
        let long = "a".repeat(100_000);
        let junk = ["%zz", "%E0%A4%A", "[", "%5B1%5D", "%7B%7D", "null", "%5B%22__proto__%22%5D", &long];
        for (at, junk) in junk.iter().enumerate() {
            world.browser.open(&world.url("help", &format!("/?{at}#section~cookie-bridge={junk}"))).await;
            let state = world.eval("return [(await loaded).loaded, location.search + location.hash, refused];").await;
            assert_eq!(state, json!([false, format!("?{at}#section"), []]), "{}", &junk[..junk.len().min(30)]);
        }
    });
}

#[test]
fn no_request_tells_of_a_hand_over_in_its_referer() {
    in_each(Configuration::BLOCKING, async |world| {
        // The most talkative policy, and requests that leave before the script has run.
        let pixel = world.url("stranger", "/pixel.png");
        let head = format!(
            "<title>host</title><meta name=\"referrer\" content=\"unsafe-url\"><img src=\"/own.png\"><img src=\"{pixel}\">"
        );
        let talking = |links: &str| page(world, links).replaced("<title>host</title>", &head);
        world.server.put("shop", "/", talking(&link(world, "help")));
        world.server.put("help", "/", talking(""));
        world.browser.open(&world.url("shop", "/")).await;
        world.set_own_cookie("session-of-maja").await;
        world.eval("await loaded; await provider.saveCookie();").await;
        world.browser.click("#link").await;
        arrived(world).await;
        let told: Vec<String> =
            ["shop", "help", "bridge", "stranger"].iter().flat_map(|site| world.server.referrers(site)).collect();
        assert!(told.iter().any(|address| address.ends_with("/?page=2")), "whole addresses are told: {told:?}");
        assert!(!told.iter().any(|address| address.contains("cookie-bridge")), "{told:?}");
    });
}

#[test]
fn an_arrival_without_a_referrer_is_refused() {
    in_each(Configuration::BLOCKING, async |world| {
        let offer = token(&["offer", "nonce", NAME, "/"]);
        world.server.put("help", "/", page(world, ""));
        let target = world.url("help", &format!("/?link{offer}"));
        let silent = format!("<!DOCTYPE html><title>silent</title><a rel=\"noreferrer\" href=\"{target}\">Go</a>");
        world.server.put("shop", "/silent", Page::html(silent));
        world.browser.open(&world.url("shop", "/silent")).await;
        world.browser.click("a").await;
        let refused = "return window.refused?.[0] === 'handoff-no-referrer' && location.hash === '';";
        world.until("the link is refused", refused).await;
        assert_eq!(world.eval("return [location.search, refused.length];").await, json!(["?link", 1]));

        world.browser.open(&world.url("help", &format!("/?typed{offer}"))).await;
        world.until("the typed address is refused", refused).await;
        assert_eq!(world.eval("return [location.search, refused.length];").await, json!(["?typed", 1]));
    });
}
