//! Whatever fails, the visitor arrives where the link led.

use end_to_end::{Configuration, Engine, Gate, NAME, Page, RETURN_PAGE, World, in_each_in_a_soak_and_else_in};
use futures::future::join;
use serde_json::json;

use super::{TARGET, arrived, arrived_without, link, open_shop, page, plain, start, start_session};

#[test]
fn the_visitor_arrives_where_the_note_or_the_session_is_gone_meanwhile() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        // Right after the script has looked, as a page's own script could.
        let notes = "for (const key of Object.keys(localStorage)) if (key.startsWith('cookie-bridge.')) localStorage.removeItem(key);";
        let everything = "localStorage.clear();";
        let unfit = "for (const key of Object.keys(localStorage)) localStorage.setItem(key, '{}');";
        let session = format!("document.cookie = '{NAME}=; Max-Age=0; Path=/';");
        for removes in [notes, everything, unfit, &session] {
            start(world, &link(world, "help")).await;
            let remove = format!("document.getElementById('link').addEventListener('click', () => {{ {removes} }});");
            world.eval(&remove).await;
            world.browser.click("#link").await;
            arrived_without(world, "help", "handoff-expired").await;
            assert_eq!(
                world.eval("return [(await loaded).loaded, refused];").await,
                json!([false, ["handoff-expired"]])
            );
        }
    });
}

#[test]
fn a_shop_without_a_return_page_leaves_its_links_alone_and_says_so_until_it_has_one() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        world.server.put("shop", RETURN_PAGE, Page::html("").status(404));
        start_session(world, &link(world, "help")).await;
        world.until("the console says so", "return warned.includes('handoff-no-return-page');").await;
        world.browser.click("#link").await;
        let there = format!("return location.href === {:?} && 'loaded' in window;", world.url("help", TARGET));
        world.until("the visitor is there", &there).await;
        let state = world.eval("return [addresses, (await loaded).loaded, refused];").await;
        assert_eq!(state, json!([[world.url("help", TARGET)], false, []]));

        world.server.put("shop", RETURN_PAGE, world.server.return_page());
        open_shop(world).await;
        world.browser.click("#link").await;
        arrived(world).await;
    });
}

/// What a site may have in place of a return page that works.
fn in_place_of_a_return_page(world: &World) -> Vec<(&'static str, Page)> {
    let under = |policy: &str| world.server.return_page().header("content-security-policy", policy);
    vec![
        ("nothing", Page::html("").status(404)),
        ("an error with the page", world.server.return_page().status(500)),
        ("the home page at every path", page(world, "")),
        ("a redirect to the home page", Page::html("").status(302).header("location", "/")),
        ("no scripts", under("script-src 'none'")),
        ("nothing at all", under("default-src 'none'; style-src 'unsafe-inline'")),
        ("scripts with a number only", under("default-src 'self'; script-src 'self' 'nonce-abc' 'strict-dynamic'")),
        ("scripts of another site", under(&format!("script-src {}", world.server.origin("bridge")))),
    ]
}

#[test]
fn the_visitor_stays_where_the_site_has_no_return_page_that_works() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        for (what, instead) in in_place_of_a_return_page(world) {
            world.server.put("help", RETURN_PAGE, instead);
            open_shop(world).await;
            let asked = world.server.times_asked("shop", RETURN_PAGE);
            world.browser.click("#link").await;
            arrived_without(world, "help", "handoff-no-return-page").await;
            let state = world.eval("return [(await loaded).loaded, refused];").await;
            assert_eq!(state, json!([false, ["handoff-no-return-page"]]), "{what}");
            assert_eq!(
                world.server.times_asked("shop", RETURN_PAGE),
                asked,
                "{what}: nobody was sent back to the shop"
            );
        }
    });
}

#[test]
fn the_visitor_stays_where_the_page_may_not_look_for_its_return_page() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        for policy in ["connect-src 'none'", "default-src 'unsafe-inline' 'wasm-unsafe-eval' https:; connect-src data:"]
        {
            world.server.put("help", "/", page(world, "").header("content-security-policy", policy));
            open_shop(world).await;
            world.browser.click("#link").await;
            arrived_without(world, "help", "handoff-no-return-page").await;
        }
    });
}

#[test]
fn the_visitor_arrives_where_the_bridge_is_gone_when_a_redirected_link_needs_it() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        // The third site is the owner's, too. Until its page asks, the bridge is there.
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help", "stranger"]));
        world.server.put("stranger", "/", page(world, ""));
        let moved = Page::html("").status(301).header("location", &world.url("stranger", "/?page=2"));
        world.server.put("help", "/moved", moved);
        let link = format!("<a id=\"link\" href=\"{}\">Our other shop</a>", world.url("help", "/moved#section"));
        start(world, &link).await;
        let gate = Gate::closed();
        let asked = world.server.times_asked("shop", RETURN_PAGE);
        world.server.put("shop", RETURN_PAGE, world.server.return_page().behind(&gate));
        let remove_the_bridge = async {
            world.until_asked_times("shop", RETURN_PAGE, asked + 1).await;
            world.server.put("bridge", "/iframe.html", plain("no bridge").status(404));
            gate.open();
        };
        join(world.browser.click("#link"), remove_the_bridge).await;
        arrived_without(world, "stranger", "handoff-expired").await;
    });
}
