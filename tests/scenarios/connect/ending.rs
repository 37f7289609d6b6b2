//! A chat ends, and the next one begins.

use end_to_end::{Demo, Engine, everywhere_in_a_soak_and_else_in};
use serde_json::{Value, json};

use super::{BEGUN, act, begin, service, times_asked, until_messages};

#[test]
fn a_connect_chat_that_has_ended_is_cleared_everywhere_and_its_token_is_offered_to_nobody() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        for way in ["the visitor", "the agent", "a farewell"] {
            world.browser.open(&demo.page("shop", "connect")).await;
            begin(world).await;
            world.browser.open(&demo.page("help", "connect")).await;
            until_messages(world, 3).await;
            world.says("#state", "connected").await;
            match way {
                "the visitor" => world.browser.click("#end").await,
                "the agent" => act(world, "end", &json!({})).await,
                _ => world.send("bye").await,
            }
            world.says("#state", "ended").await;
            world.says("#messages", "This conversation has ended.").await;
            world.until("the own cookie is gone", "return !document.cookie.includes('connect-session=');").await;
            world.keep_picture("connect-ended").await;

            // Nor is the other shop's own cookie, which is from before, offered to the service.
            for site in ["shop", "help"] {
                let before = times_asked(&service(world).await, "/participant/connection");
                world.browser.open(&demo.page(site, "connect")).await;
                world.says("#jar", "shared").await;
                world.until("the own cookie is gone", "return !document.cookie.includes('connect-session=');").await;
                assert_eq!(world.messages().await, Vec::<String>::new(), "{way}");
                let after = times_asked(&service(world).await, "/participant/connection");
                assert_eq!(after, before, "{way}, {site}");
            }
            let after = service(world).await;
            assert_eq!(after["open"], json!({}), "{way}");
        }
        // A message begins another one.
        begin(world).await;
        let service = service(world).await;
        assert_eq!(service["seen"]["starts"], 4);
        let asked = service["seen"]["asked"].as_array().expect("a list").iter();
        let starts: Vec<&Value> = asked.filter(|asked| asked[0] == "/connect/start").map(|asked| &asked[1]).collect();
        assert_eq!(starts, [&json!({}); 4], "without persistent chat, nothing is said of the chats before");
    });
}

#[test]
fn a_connect_chat_that_ended_while_nobody_looked_is_cleared_at_the_next_visit() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect")).await;
        begin(world).await;
        // No page of the chat is open when it ends.
        world.browser.open(&demo.page("shop", "chats/panel.js")).await;
        act(world, "end", &json!({})).await;
        let before = times_asked(&service(world).await, "/participant/connection");
        world.browser.open(&demo.page("help", "connect")).await;
        // It is offered once more, refused, and gone.
        let refused = format!(
            "const {{ seen }} = await (await fetch('/connect/test')).json();
             return seen.asked.filter(([path]) => path === '/participant/connection').length > {before}
               && !document.cookie.includes('connect-session=');"
        );
        world.until("the session is refused and cleared", &refused).await;
        world.browser.open(&demo.page("shop", "connect")).await;
        world.says("#jar", "shared").await;
        world.until("the own cookie is gone", "return !document.cookie.includes('connect-session=');").await;
        begin(world).await;
        assert_eq!(service(world).await["seen"]["starts"], 2);
    });
}

#[test]
fn a_persistent_connect_chat_begins_with_what_was_said_but_only_after_the_one_before_has_ended() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "connect?persistent-chat")).await;
        begin(world).await;
        // Running: it is gone on with, not rehydrated.
        world.browser.open(&demo.page("help", "connect?persistent-chat")).await;
        until_messages(world, 3).await;
        world.says("#state", "connected").await;
        assert_eq!(service(world).await["seen"]["starts"], 1);

        world.browser.click("#end").await;
        world.says("#state", "ended").await;
        world.browser.open(&demo.page("shop", "connect?persistent-chat")).await;
        let noted = "return document.cookie.includes('endedContactId') && !document.cookie.includes('oken');";
        world.until("the contact is noted, without a token", noted).await;
        assert_eq!(world.messages().await, Vec::<String>::new(), "what has ended is not connected to");
        world.send("It is me again.").await;
        world.says("#messages", "Welcome back!").await;
        let all = until_messages(world, 6).await;
        assert_eq!(all[..3], BEGUN);
        assert_eq!(all[3..5], ["Welcome back! How can I help?", "It is me again."]);
        world.keep_picture("connect-persistent").await;

        let service = service(world).await;
        let asked = service["seen"]["asked"].as_array().expect("a list").iter();
        let starts: Vec<&Value> = asked.filter(|asked| asked[0] == "/connect/start").map(|asked| &asked[1]).collect();
        assert_eq!(starts.len(), 2);
        assert_eq!(starts[0], &json!({}));
        assert_eq!(starts[1]["PersistentChat"]["RehydrationType"], "ENTIRE_PAST_SESSION");
        let source = starts[1]["PersistentChat"]["SourceContactId"].as_str().expect("a contact");
        assert!(!service["open"].as_object().expect("a map").contains_key(source), "the source has ended");
    });
}
