//! Back and forth in the browser's history.

use end_to_end::{Configuration, in_each};
use serde_json::json;

use super::{TARGET, arrived, link, start};

#[test]
fn back_leads_to_the_page_that_was_left_and_not_to_a_dead_end() {
    in_each(Configuration::BLOCKING, async |world| {
        let (shop, help) = (world.url("shop", "/"), world.url("help", TARGET));
        start(world, &link(world, "help")).await;
        world.browser.click("#link").await;
        arrived(world).await;
        let mut ways = Vec::new();
        // The page that the visitor came to may be there twice, because it was loaded twice.
        while ways.last() != Some(&json!(shop)) && ways.len() < 2 {
            world.browser.go_back().await;
            let ends = [&shop, &help];
            let shown = format!("return document.readyState === 'complete' && {ends:?}.includes(location.href);");
            world.until("back leads to one of the two pages", &shown).await;
            ways.push(world.eval("return location.href;").await);
        }
        assert_eq!(ways.last(), Some(&json!(shop)), "{ways:?}");
        // It is the page as it was, and nothing leads away from it again.
        let state = world.eval("await loaded; return [document.getElementById('link').href, location.href];").await;
        assert_eq!(state, json!([help, shop]));

        world.browser.go_forward().await;
        let shown = format!("return document.readyState === 'complete' && location.href === {help:?};");
        world.until("forward leads to the other page", &shown).await;
        arrived(world).await;
    });
}
