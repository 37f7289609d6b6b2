//! Return pages that take their time.

use end_to_end::{Configuration, Gate, RETURN_PAGE, in_each};
use futures::future::join;
use serde_json::json;

use super::{TARGET, arrived, link, page, start};

#[test]
fn the_visitor_arrives_with_the_session_where_the_return_page_of_the_shop_takes_long() {
    in_each(Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        // The help page waits for the session for five seconds, and then says so.
        let gives_up = "<script>loaded.then(({ loaded }) => fetch(loaded ? '/has-it' : '/gives-up'));</script>";
        world.server.put("help", "/", page(world, gives_up));
        let gate = Gate::closed();
        world.server.put("shop", RETURN_PAGE, world.server.return_page().behind(&gate));
        let open_late = async {
            world.until_asked("help", "/gives-up").await;
            gate.open();
        };
        join(world.browser.click("#link"), open_late).await;
        arrived(world).await;
        let state = world.eval("return [location.href, refused, await loaded.then((r) => r.via)];").await;
        assert_eq!(state, json!([world.url("help", TARGET), [], "link"]));
    });
}

#[test]
fn the_visitor_arrives_with_the_session_where_the_return_page_of_the_help_site_takes_long() {
    in_each(Configuration::BLOCKING, async |world| {
        start(world, &link(world, "help")).await;
        // Longer than the five seconds after which the page would lead to the start page if its script had not run.
        let clock = "<script>setTimeout(() => fetch('/six-seconds'), 6000);</script>";
        let with_clock = world.server.return_page().replaced("<script src=", &format!("{clock}<script src="));
        let (of_shop, of_help) = (Gate::closed(), Gate::closed());
        let asked = world.server.times_asked("shop", RETURN_PAGE);
        let starts = world.server.times_asked("shop", "/");
        world.server.put("shop", RETURN_PAGE, with_clock.behind(&of_shop));
        let open_late = async {
            // By then the help page has seen its own return page.
            world.until_asked_times("shop", RETURN_PAGE, asked + 1).await;
            world.server.put("help", RETURN_PAGE, world.server.return_page().behind(&of_help));
            of_shop.open();
            world.until_asked("shop", "/six-seconds").await;
            of_help.open();
        };
        join(world.browser.click("#link"), open_late).await;
        arrived(world).await;
        let state = world.eval("return [location.href, refused, await loaded.then((r) => r.via)];").await;
        assert_eq!(state, json!([world.url("help", TARGET), [], "link"]));
        assert_eq!(world.server.times_asked("shop", "/"), starts, "the visitor was not led elsewhere");
    });
}
