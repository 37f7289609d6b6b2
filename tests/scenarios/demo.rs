//! The demo, as `cargo xtask demo` serves it, but with a port and a process of the test's own.

use end_to_end::{Configuration, Demo, everywhere, in_each, in_each_with};

#[test]
fn a_conversation_begun_in_one_shop_goes_on_in_the_other() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.url("shop")).await;
        world.says("#jar", "shared").await;
        world.says("#loaded", "nothing to load").await;
        world.send("Is the ridge tent in stock?").await;
        world.says("#messages", "Let me look that up").await;
        world.says("#saved", "yes, through “cookie”").await;
        world.keep_picture("demo-shop").await;

        // By the shop's own link, as a visitor would.
        world.browser.click(".lead a.other").await;
        world.says("#loaded", "the conversation, through “cookie”").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.says("#messages", "Let me look that up").await;
        world.send("And the lamp?").await;
        world.says("#messages", "it is in stock").await;
        world.keep_picture("demo-help").await;

        world.browser.click("#end").await;
        world.says("#saved", "cleared").await;
        world.browser.open(&demo.url("shop")).await;
        world.says("#loaded", "nothing to load").await;
    });
}

#[test]
fn the_demo_says_so_where_nothing_can_be_shared() {
    in_each_with(
        [
            (Configuration::ChromiumBlock, "partitioned"),
            (Configuration::FirefoxDefault, "partitioned"),
            (Configuration::WebkitDefault, "blocked"),
        ],
        async |world, jar| {
            let demo = Demo::start();
            world.browser.open(&demo.url("shop")).await;
            world.says("#jar", jar).await;
            world.until("the notice is shown", "return !document.querySelector('#notice').hidden;").await;
            world.send("Hello").await;
            world.says("#saved", &format!("on this site only: the jar is {jar}")).await;
            world.keep_picture("demo-blocked").await;
            world.browser.open(&demo.url("help")).await;
            world.says("#loaded", "nothing to load").await;
            assert_eq!(world.eval("return document.querySelectorAll('.bubble').length;").await, 0);
        },
    );
}

#[test]
fn where_the_jar_is_not_shared_the_conversation_goes_along_with_the_link_and_with_a_click() {
    in_each(Configuration::BLOCKING, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.url("shop")).await;
        world.until("the notice is shown", "return !document.querySelector('#notice').hidden;").await;
        world.send("Is the ridge tent in stock?").await;
        world.says("#saved", "on this site only").await;
        world.browser.click(".lead a.other").await;
        world.says("#loaded", "the conversation, through “link”").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.keep_picture("demo-link").await;

        // The help site ends it by the popup: the shop, which could not share it, does not bring it back, but begins another.
        world.browser.click("#end").await;
        world.click_through_popup("#continue").await;
        world.says("#loaded", "nothing to load").await;
        world.browser.open(&demo.url("shop")).await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.until("the notice is shown", "return !document.querySelector('#notice').hidden;").await;
        world.click_through_popup("#continue").await;
        world.until("it is over", "return document.querySelectorAll('.bubble').length === 0;").await;
        world.send("And the lamp?").await;
        if world.browser.configuration() == Configuration::FirefoxDefault {
            // Firefox has taken the click in the popup for a grant.
            world.says("#saved", "yes, through “storage-access”").await;
            world.until("the notice is gone", "return document.querySelector('#notice').hidden;").await;
        } else {
            world.says("#saved", "on this site only").await;
            world.click_through_popup("#continue").await;
        }
        world.says("#jar", "shared").await;
        world.keep_picture("demo-popup").await;
    });
}
