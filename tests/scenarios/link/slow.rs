//! Return pages that take their time.

use std::time::Duration;

use end_to_end::{Configuration, Engine, Gate, RETURN_PAGE, World, in_each_in_a_soak_and_else_in};
use futures::future::join;
use serde_json::json;

use super::{TARGET, arrived, link, start};

/// How long a server takes. Longer than the five seconds for which the help page waits for the session, and after which a return page leads to the
/// start page if its script has not run. No page could report that this time is up: WebKit requests nothing for a page that is being left.
const SLOW: Duration = Duration::from_secs(6);

/// Opens the gate in front of a site's return page when a visitor has waited there for long.
async fn open_late(world: &World, site: &str, asked: usize, gate: &Gate) {
    world.until_asked_times(site, RETURN_PAGE, asked + 1).await;
    tokio::time::sleep(SLOW).await;
    gate.open();
}

async fn assert_arrived_with_the_session(world: &World) {
    arrived(world).await;
    let state = world.eval("return [location.href, refused, await loaded.then((r) => r.via)];").await;
    assert_eq!(state, json!([world.url("help", TARGET), [], "link"]));
}

#[test]
fn the_visitor_arrives_with_the_session_where_the_return_page_of_the_shop_takes_long() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        let gate = Gate::closed();
        let asked = world.server.times_asked("shop", RETURN_PAGE);
        world.server.put("shop", RETURN_PAGE, world.server.return_page().behind(&gate));
        join(world.browser.click("#link"), open_late(world, "shop", asked, &gate)).await;
        assert_arrived_with_the_session(world).await;
    });
}

#[test]
fn the_visitor_arrives_with_the_session_where_the_return_page_of_the_help_site_takes_long() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        let (of_shop, of_help) = (Gate::closed(), Gate::closed());
        let asked = world.server.times_asked("shop", RETURN_PAGE);
        let starts = world.server.times_asked("shop", "/");
        world.server.put("shop", RETURN_PAGE, world.server.return_page().behind(&of_shop));
        let open_both_late = async {
            world.until_asked_times("shop", RETURN_PAGE, asked + 1).await;
            // By now the help page has seen its own return page.
            let asked = world.server.times_asked("help", RETURN_PAGE);
            world.server.put("help", RETURN_PAGE, world.server.return_page().behind(&of_help));
            of_shop.open();
            open_late(world, "help", asked, &of_help).await;
        };
        join(world.browser.click("#link"), open_both_late).await;
        assert_arrived_with_the_session(world).await;
        assert_eq!(world.server.times_asked("shop", "/"), starts, "the visitor was not led elsewhere");
    });
}
