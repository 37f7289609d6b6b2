//! A chat goes on: after a reload, in the other shop, and after its socket was cut.

use end_to_end::{
    Configuration, Demo, Engine, World, everywhere, everywhere_in_a_soak_and_else_in, in_each_in_a_soak_and_else_in,
};
use serde_json::json;

use super::{BEGUN, act, begin, service, until_messages};

/// Nothing that is kept in this browser or was asked of a server has the token of a connection in it.
async fn assert_no_connection_token(world: &World, demo: &Demo) {
    let service = service(world).await;
    let tokens: Vec<String> = serde_json::from_value(service["seen"]["connectionTokens"].clone()).expect("tokens");
    assert!(tokens.len() >= 2, "there are tokens to look for");
    let mut kept = vec![("asked", service["seen"]["asked"].to_string())];
    for site in ["shop", "help", "bridge"] {
        let page = if site == "bridge" { "doctor.html" } else { "connect" };
        world.browser.open(&demo.page(site, page)).await;
        kept.push((site, json!(world.browser.cookies().await).to_string()));
        let stored =
            "return JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]);";
        kept.push((site, world.eval(stored).await.to_string()));
    }
    for (place, text) in &kept {
        assert!(tokens.iter().all(|token| !text.contains(token)), "{place}: {text}");
    }
    let session = &kept[2].1;
    assert!(session.contains("participantToken"), "the session is where it was looked for: {session}");
}

/// On the other shop: what was said is there, once, and what is said arrives.
async fn goes_on(world: &World, picture: &str) {
    assert_eq!(until_messages(world, 3).await, BEGUN);
    world.says("#state", "connected").await;
    act(world, "say", &json!({ "text": "It is in stock." })).await;
    world.says("#messages", "It is in stock.").await;
    world.send("And the lamp?").await;
    let all = until_messages(world, 6).await;
    assert_eq!(all[..3], BEGUN);
    assert_eq!(all[3..5], ["It is in stock.", "And the lamp?"]);
    world.keep_picture(picture).await;
    let service = service(world).await;
    assert_eq!(service["seen"]["starts"], 1, "no second contact is started");
    assert_eq!(service["open"].as_object().expect("a map").len(), 1, "nobody has ended it");
}

#[test]
fn a_connect_chat_survives_a_reload_and_goes_on_in_the_other_shop() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        world.says("#jar", "shared").await;
        begin(world).await;
        world.keep_picture("connect-shop").await;

        world.browser.open(&demo.page("shop", "connect")).await;
        assert_eq!(until_messages(world, 3).await, BEGUN);
        assert_eq!(service(world).await["seen"]["starts"], 1, "a reload starts no second contact");

        // By the page's own link, as a visitor would.
        world.browser.click("#other").await;
        world.until("the other shop is there", "return location.hostname.startsWith('help');").await;
        goes_on(world, "connect-help").await;
        assert_no_connection_token(world, &demo).await;
    });
}

#[test]
fn where_the_jar_is_not_shared_a_connect_chat_goes_on_with_a_click_in_each_shop() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;
        assert_eq!(until_messages(world, 3).await, BEGUN, "the popup changes nothing here");

        world.browser.open(&demo.page("help", "connect")).await;
        world
            .says(
                "#jar",
                if world.browser.configuration() == Configuration::WebkitDefault { "blocked" } else { "partitioned" },
            )
            .await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;
        goes_on(world, "connect-blocked-help").await;
        assert_no_connection_token(world, &demo).await;
    });
}

#[test]
fn over_http_too_a_connect_chat_is_live() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let demo = Demo::over_http();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        let look = "return Object.values((await (await fetch('/connect/test')).json()).open)[0] === 1;";
        world.until("the socket is open", look).await;
        act(world, "say", &json!({ "text": "It is in stock." })).await;
        world.says("#messages", "It is in stock.").await;
    });
}

#[test]
fn a_connect_chat_whose_socket_is_cut_recovers_and_shows_what_was_said_meanwhile() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        // The second time, ChatJS gives up, because the service does not answer when the socket is to be opened again.
        for (failures, said) in [(0, "Are you still there?"), (4, "And now?")] {
            let before = world.messages().await;
            act(world, "fail", &json!({ "times": failures, "status": 500 })).await;
            act(world, "cut", &json!({})).await;
            act(world, "say", &json!({ "text": said })).await;
            world.says("#messages", said).await;
            world.says("#state", "connected").await;
            let after = until_messages(world, before.len() + 1).await;
            assert_eq!(after[..before.len()], before, "nothing is shown twice, nothing is lost");
            // The live connection, not only the transcript.
            world
                .until(
                    "a socket is open",
                    "return Object.values((await (await fetch('/connect/test')).json()).open)[0] === 1;",
                )
                .await;
        }
        world.send("Yes.").await;
        world.says("#messages", "Of course").await;
        assert_eq!(service(world).await["seen"]["starts"], 1);
    });
}
