//! Links to addresses from which the server sends the visitor on.

use end_to_end::{Configuration, NAME, Page, World, in_each};
use serde_json::json;

use super::{MARK, SESSION, TARGET, arrived_at, page, reached, spying, start};

/// Where the help site's server sends a visitor on.
const MOVED: &str = "/moved";

/// Starts a session on the shop, with a link to a page that has moved from the help site to the third one.
async fn start_with_moved_page(world: &World, page_there: Page) {
    let moved = Page::html("").status(301).header("location", &world.url("stranger", "/?page=2"));
    world.server.put("help", MOVED, moved);
    world.server.put("stranger", "/", page_there);
    start(world, &format!("<a id=\"link\" href=\"{}\">Our other shop</a>", world.url("help", "/moved#section"))).await;
}

#[test]
fn a_link_that_is_redirected_to_another_listed_site_hands_the_session_over() {
    in_each(Configuration::BLOCKING, async |world| {
        // Here the third site is the owner's, too.
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help", "stranger"]));
        start_with_moved_page(world, page(world, "")).await;
        world.browser.click("#link").await;
        arrived_at(world, "stranger").await;
        let state = world.eval("return [location.href, refused, await loaded.then((r) => r.via)];").await;
        assert_eq!(state, json!([world.url("stranger", TARGET), [], "link"]));
    });
}

#[test]
fn a_link_that_is_redirected_to_a_site_that_is_not_listed_leads_there_and_hands_nothing_over() {
    in_each(Configuration::BLOCKING, async |world| {
        let here = spying(page(world, "").replaced("null, options", "null, { ...options, timeout: 1500 }"));
        start_with_moved_page(world, here).await;
        world.browser.click("#link").await;
        let there = format!("return location.href === {:?} && 'loaded' in window;", world.url("stranger", TARGET));
        world.until("the visitor is there", &there).await;
        world.until("the iframe is there", "return frames[0]?.length === 1;").await;
        // The bridge is silent there: an answer to this would come after one to the offer.
        assert_eq!(world.call("return provider.loadCookie();").await, Err("origin-not-trusted".to_owned()));
        assert_eq!(world.own_cookie().await, None);
        let reached = reached(world, "stranger").await;
        assert!(reached.iter().any(|address| address.contains(&format!("{MARK}offer,"))), "it came along: {reached:?}");
        let asked = world.server.addresses("stranger");
        let referrers = world.server.referrers("stranger");
        for address in reached.iter().chain(&asked).chain(&referrers) {
            assert!(!address.contains(SESSION) && !address.contains(&format!("{MARK}give")), "{address}");
        }
        assert!(!asked.iter().any(|address| address.contains(NAME)), "{asked:?}");
    });
}
