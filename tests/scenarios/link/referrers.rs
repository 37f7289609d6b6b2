//! What pages tell of where a visitor comes from.

use end_to_end::{Configuration, in_each};
use serde_json::json;

use super::{FORGET, TARGET, arrived, link, open_shop, page, start};

#[test]
fn it_works_whatever_both_pages_withhold_of_where_a_visitor_comes_from() {
    in_each(Configuration::BLOCKING, async |world| {
        let links = link(world, "help");
        start(world, &links).await;
        for policy in ["no-referrer", "same-origin"] {
            for silent in [&["shop"][..], &["help"], &["shop", "help"]] {
                for (site, links) in [("shop", links.as_str()), ("help", "")] {
                    let page = page(world, links);
                    let is_silent = silent.contains(&site);
                    world.server.put(site, "/", if is_silent { page.header("referrer-policy", policy) } else { page });
                }
                open_shop(world).await;
                world.browser.click("#link").await;
                arrived(world).await;
                let (via, refused) =
                    (world.eval("return loaded.then((r) => r.via);").await, world.eval("return refused;").await);
                assert_eq!((via, refused), (json!("link"), json!([])), "{policy} of {silent:?}");
                world.eval(FORGET).await;
            }
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
        start(world, &link(world, "help")).await;
        world.server.put("shop", "/", talking(&link(world, "help")));
        world.server.put("help", "/", talking(""));
        open_shop(world).await;
        world.browser.click("#link").await;
        arrived(world).await;
        let told: Vec<String> =
            ["shop", "help", "bridge", "stranger"].iter().flat_map(|site| world.server.referrers(site)).collect();
        let whole = TARGET.trim_end_matches("#section");
        assert!(told.iter().any(|address| address.ends_with(whole)), "whole addresses are told: {told:?}");
        assert!(!told.iter().any(|address| address.contains("cookie-bridge")), "{told:?}");
    });
}
