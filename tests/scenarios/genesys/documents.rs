//! The documents' samples, unchanged.

use end_to_end::{Engine, everywhere_in_a_soak_and_else_in};
use serde_json::json;

use super::pages::{WAYS, WEBCHAT, Way, page, say, serve, state, widgets, written};
use super::samples::{AGENT_SAMPLE, NOTIFICATION_SAMPLE, OPTIONS_SAMPLE};
use super::{forget, open, start_chat, until_event, until_session, until_shared};

#[test]
fn the_documents_samples_carry_a_chat_to_the_other_domain_and_its_end_back() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        for way in WAYS {
            println!("{way:?}");
            let session = format!("session-{way:?}");
            serve(world, &page(world, way, "{}"), &session);
            open(world, "shop").await;
            start_chat(world).await;
            until_event(world, "WebChat.started").await;
            until_session(world, &session).await;
            until_shared(world, Some(&session)).await;

            open(world, "help").await;
            until_event(world, "WebChatService.restored").await;
            until_session(world, &session).await;
            assert_eq!(world.eval("return alerts;").await, json!([]), "{way:?}: cookies are shared");
            if way != Way::Instance {
                world.eval("await CXBus.command('WebChat.endChat');").await;
                until_event(world, "CookieProvider.cleared").await;
                assert_eq!(world.eval(&format!("return document.cookie.includes({session:?});")).await, false);
                until_shared(world, None).await;
                // What is left on the other domain is of a chat that is over; it is not shared again.
                open(world, "shop").await;
                until_event(world, "WebChatService.ready").await;
                until_shared(world, None).await;
            }
            forget(world).await;
        }
    });
}

#[test]
fn the_documents_notification_samples_run_unchanged() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        let options = OPTIONS_SAMPLE.split("// EXAMPLE of function").next().expect("the options");
        world.server.put("shop", "/", written(world, "", &[options, NOTIFICATION_SAMPLE].concat(), ""));
        open(world, "shop").await;
        world.until("both calls told it", "return alerts.length === 2;").await;
        // The sample's text is the same in any case: its + is done before its ?.
        assert_eq!(world.eval("return alerts;").await, json!(["enabled", "enabled"]));
    });
}

#[test]
fn the_documents_sample_for_the_agent_runs_unchanged() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        serve(world, &written(world, "", WEBCHAT, &widgets(AGENT_SAMPLE)), "session-1");
        open(world, "shop").await;
        until_event(world, "WebChatService.ready").await;
        world.eval("await CXBus.command('WebChatService.startChat');").await;
        say(world, "session-1", &json!([{ "from": "agent", "text": "Hello" }, state(2, "Finalizing")]));
        until_event(world, "WebChat.messageAdded").await;
    });
}
