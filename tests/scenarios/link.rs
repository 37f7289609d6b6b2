//! A session that is handed over with a link, where the jar is not shared.

use end_to_end::{Configuration, NAME, Page, World, scenario};
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
    for configuration in [
        Configuration::ChromiumBlock,
        Configuration::ChromiumIncognito,
        Configuration::FirefoxDefault,
        Configuration::FirefoxStrict,
        Configuration::FirefoxPrivate,
        Configuration::FirefoxBlock,
        Configuration::WebkitDefault,
        Configuration::WebkitItp,
    ] {
        scenario(configuration, async |world| {
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
        });
    }
}

#[test]
fn it_works_in_a_new_tab_by_keyboard_and_by_a_form() {
    for configuration in Configuration::BLOCKING {
        scenario(configuration, async |world| {
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
}

/// Ends the page's own session without a word to the bridge.
const FORGET: &str =
    "for (const pair of document.cookie.split('; ')) document.cookie = pair.split('=')[0] + '=; Max-Age=0; Path=/';";

#[test]
fn it_is_off_unless_the_owner_switches_it_on_and_never_leads_to_strangers() {
    scenario(Configuration::ChromiumBlock, async |world| {
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
    scenario(Configuration::ChromiumBlock, async |world| {
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
    scenario(Configuration::ChromiumAllow, async |world| {
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
    for configuration in Configuration::BLOCKING {
        scenario(configuration, async |world| {
            let offer = token(&["offer", "nonce", NAME, "/"]);
            assert_eq!(refused_from(world, "stranger", &offer).await, "handoff-not-trusted", "{configuration:?}");
            let give = token(&["give", "nonce", NAME, "AAAA", "mallory"]);
            assert_eq!(refused_from(world, "stranger", &give).await, "handoff-expired", "{configuration:?}");
            assert_eq!(refused_from(world, "shop", &give).await, "handoff-expired", "not asked for");
            let ask = token(&["ask", "nonce", NAME, "AAAA"]);
            assert_eq!(refused_from(world, "shop", &ask).await, "handoff-expired", "not offered");
        });
    }
}

#[test]
fn a_way_back_to_another_site_is_not_taken() {
    scenario(Configuration::ChromiumBlock, async |world| {
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
    scenario(Configuration::FirefoxDefault, async |world| {
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
    scenario(Configuration::ChromiumBlock, async |world| {
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
