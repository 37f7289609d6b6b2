//! Addresses that have done their work.

use end_to_end::{Configuration, RETURN_PAGE, in_each};
use serde_json::json;

use super::lures::{follow, follow_and_return};
use super::{FORGET, MARK, SESSION, TARGET, arrived, arrived_without, link, open_shop, page, reached, spying, start};

/// The address that carried this part.
fn with(reached: &[String], part: &str) -> String {
    let found = reached.iter().find(|address| address.contains(&format!("{MARK}{part},")));
    found.unwrap_or_else(|| panic!("nothing carried {part}: {reached:?}")).clone()
}

#[test]
fn an_address_that_brought_a_session_is_worth_nothing_a_second_time() {
    in_each(Configuration::BLOCKING, async |world| {
        let links = link(world, "help");
        start(world, &links).await;
        // Pages that keep every address that they are reached by, as an extension could.
        world.server.put("help", "/", spying(page(world, "")));
        for site in ["shop", "help"] {
            world.server.put(site, RETURN_PAGE, spying(world.server.return_page()));
        }
        open_shop(world).await;
        world.browser.click("#link").await;
        arrived(world).await;
        world.eval(FORGET).await;
        let of_shop = reached(world, "shop").await;
        let of_help = reached(world, "help").await;
        for address in of_shop.iter().chain(&of_help) {
            assert!(!address.contains(SESSION), "it is sealed: {address}");
        }

        follow(world, &with(&of_help, "offer")).await;
        arrived_without(world, "help", "handoff-expired").await;
        for site in ["stranger", "help"] {
            follow_and_return(world, site, "shop", &with(&of_shop, "ask")).await;
        }
        for site in ["stranger", "shop"] {
            follow_and_return(world, site, "help", &with(&of_help, "give")).await;
        }
        world.browser.open(&world.url("help", TARGET)).await;
        assert_eq!(world.eval("return [(await loaded).loaded, refused];").await, json!([false, []]));
        assert_eq!(world.own_cookie().await, None);
    });
}
