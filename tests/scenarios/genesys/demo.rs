//! The demo's page.

use end_to_end::{Configuration, Demo, Engine, everywhere, in_each_in_a_soak_and_else_in};

#[test]
fn a_conversation_begun_in_one_shop_goes_on_in_the_other_and_ends_in_both() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "genesys")).await;
        world.says("#jar", "shared").await;
        world.says("#state", "no conversation").await;
        world.send("Is the ridge tent in stock?").await;
        world.says("#messages", "Let me look that up").await;
        world.says("#bridge", "saved through “cookie”").await;
        world.keep_picture("genesys-shop").await;

        world.browser.open(&demo.page("help", "genesys")).await;
        world.says("#state", "restored").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.send("And the lamp?").await;
        world.says("#messages", "it is in stock").await;
        world.send("/Finalizing").await;
        world.says("#messages", "Thank you for talking to us").await;
        world.keep_picture("genesys-help").await;

        world.browser.click("#end").await;
        world.says("#bridge", "cleared").await;
        for shop in ["shop", "help"] {
            world.browser.open(&demo.page(shop, "genesys")).await;
            world.says("#bridge", "nothing to load").await;
            world.says("#state", "no conversation").await;
        }
        assert_eq!(world.eval("return document.cookie.includes('demo-genesys-session');").await, false);
    });
}

#[test]
fn where_the_jar_is_not_shared_a_click_on_each_domain_carries_the_conversation() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "genesys")).await;
        world.says("#state", "no conversation").await;
        world.send("Is the ridge tent in stock?").await;
        world.says("#bridge", "saved on this site only").await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;

        world.browser.open(&demo.page("help", "genesys")).await;
        // WebKit's frames may read what the bridge has as a first party.
        world
            .says(
                "#state",
                if world.browser.configuration() == Configuration::WebkitDefault { "restored" } else { "no" },
            )
            .await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;
        world.says("#state", "restored").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.send("And the lamp?").await;
        world.says("#messages", "it is in stock").await;
        world.keep_picture("genesys-popup").await;
    });
}
