//! The doctor, for site owners and support staff.

use end_to_end::{Configuration, Demo, World, in_each, in_each_with, scenario};
use serde_json::Value;

/// The status of a check, once all have ended.
async fn status(world: &World, check: &str) -> Value {
    world.until("the checks have ended", "return document.body.dataset.done === 'true';").await;
    world.eval(&format!("return document.querySelector('[data-check=\"{check}\"]').dataset.status;")).await
}

#[test]
fn in_a_page_of_a_trusted_domain_it_says_what_a_visitor_gets_there() {
    in_each_with(
        [
            (Configuration::ChromiumAllow, ("without a click", "good")),
            (Configuration::FirefoxAllow, ("without a click", "good")),
            (Configuration::WebkitAllow, ("without a click", "good")),
            (Configuration::ChromiumBlock, ("with one click", "bad")),
            (Configuration::FirefoxDefault, ("with one click", "bad")),
            (Configuration::WebkitDefault, ("with one click", "bad")),
        ],
        async |world, (summary, cookie)| {
            let configuration = world.browser.configuration();
            let demo = Demo::start();
            world.browser.open(&format!("{}doctor", demo.url("shop"))).await;
            world.browser.enter_frame("iframe").await;
            assert_eq!(status(world, "trusted").await, "good", "{configuration:?}");
            assert_eq!(status(world, "bridge").await, "good", "{configuration:?}");
            assert_eq!(status(world, "wasm").await, "good", "{configuration:?}");
            assert_eq!(status(world, "cookie").await, cookie, "{configuration:?}");
            let report = world.eval("return document.getElementById('report').textContent;").await;
            let text = world.eval("return document.body.textContent;").await;
            assert!(text.as_str().unwrap().contains(summary), "{configuration:?}: {report}");
            assert!(report.as_str().unwrap().contains(&demo.host("shop")), "{configuration:?}: {report}");
            world.browser.leave_frame().await;
            world.keep_picture("doctor").await;
        },
    );
}

#[test]
fn the_popup_can_be_tried_in_it() {
    in_each(Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        let demo = Demo::start();
        world.browser.open(&format!("{}doctor", demo.url("shop"))).await;
        world.browser.enter_frame("iframe").await;
        assert_eq!(status(world, "popup").await, "not known", "{configuration:?}");
        world.browser.click("[data-check=popup] button").await;
        let tried = "return document.querySelector('[data-check=popup]').dataset.status === 'good';";
        world.until("the popup has worked", tried).await;
    });
}

#[test]
fn a_domain_that_is_not_listed_is_named() {
    scenario(Configuration::ChromiumAllow, async |world| {
        let demo = Demo::start();
        world.browser.open(&format!("{}doctor.html?domain=https://evil.test", demo.url("bridge"))).await;
        assert_eq!(status(world, "trusted").await, "bad");
        let report = world.eval("return document.getElementById('report').textContent;").await;
        assert!(report.as_str().unwrap().contains("https://evil.test"), "{report}");
    });
}
