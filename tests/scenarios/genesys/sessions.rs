//! When sessions are saved, and how the widgets get them.

use end_to_end::{
    Configuration, Engine, Gate, Page, World, everywhere_in_a_soak_and_else_in, in_each_in_a_soak_and_else_in,
};
use serde_json::json;

use super::pages::{WAYS, Way, begun_late, page, serve};
use super::{forget, given, open, start_chat, until_event, until_registered, until_session, until_shared};

#[test]
fn a_new_session_is_saved_whenever_the_widgets_set_it_and_whatever_was_there_before() {
    for way in [Way::Configuration, Way::Instance] {
        everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| whenever_it_is_set(world, way).await);
    }
}

async fn whenever_it_is_set(world: &World, way: Way) {
    for (index, (is_late, has_old)) in
        [(false, false), (false, true), (true, false), (true, true)].into_iter().enumerate()
    {
        println!("{way:?}, late: {is_late}, an old session: {has_old}");
        let session = format!("session-{index}");
        serve(world, &page(world, way, &json!({ "persistsLate": is_late }).to_string()), &session);
        if has_old {
            world.server.put("shop", "/old", Page::html(""));
            world.browser.open(&world.url("shop", "/old")).await;
            // As the widgets left it: for the whole domain.
            world
                    .eval(
                        "document.cookie = 'customer-defined-session-cookie=' + encodeURIComponent('{\"sessionId\":\"gone\"}')
                           + '; Path=/; Domain=' + location.hostname;",
                    )
                    .await;
        }
        open(world, "shop").await;
        if has_old {
            until_event(world, "WebChatService.restoreFailed").await;
        }
        start_chat(world).await;
        until_event(world, "WebChat.started").await;
        until_session(world, &session).await;
        // From another tab: the widgets' cookie may come later, which the page must be there to see.
        world.browser.open_tab().await;
        until_shared(world, Some(&session)).await;
        world.browser.close_popup().await;
        open(world, "help").await;
        until_event(world, "WebChatService.restored").await;
        assert_eq!(world.eval("return document.cookie.includes('gone');").await, false);
        forget(world).await;
    }
}

#[test]
fn the_widgets_wait_for_the_session_and_its_end_is_told_on_the_bus() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        serve(world, &page(world, Way::Configuration, "{}"), "session-1");
        open(world, "shop").await;
        start_chat(world).await;
        until_event(world, "CookieProvider.saved").await;

        let gate = Gate::closed();
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
        world.server.put("help", "/", begun_late(&page(world, Way::Configuration, "{}")));
        open(world, "help").await;
        until_registered(world).await;
        assert_eq!(world.eval("return CXBus.log.some((entry) => entry.registered === 'WebChat');").await, false);
        gate.open();
        until_event(world, "WebChatService.restored").await;
        let events = world
            .eval(
                "const at = (event) => CXBus.log.findIndex((entry) => entry.event === event);
                 return ['CookieProvider.loaded', 'CookieProvider.ready', 'WebChatService.ready', 'WebChatService.restored']
                   .map(at).every((value, index, all) => value > (all[index - 1] ?? -1));",
            )
            .await;
        assert_eq!(events, true);
        assert_eq!(given(world, "WebChatService.restore").await, 0, "they have read it by themselves");
        until_event(world, "CookieProvider.jar").await;
        let told = world
            .eval(
                "const told = CXBus.log.filter(({ event }) => event?.startsWith('CookieProvider.'));
                 return told.map(({ event, data }) => [event, data]);",
            )
            .await;
        let told = told.as_array().expect("a list");
        let detail = json!({ "loaded": true, "via": "cookie", "jar": "shared", "code": null });
        assert!(told.contains(&json!(["CookieProvider.loaded", detail])), "{told:?}");
        assert!(!json!(told).to_string().contains("session-1"), "a session is no matter for the console: {told:?}");
    });
}

#[test]
fn widgets_that_did_not_wait_are_told_to_restore_the_session() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        for way in WAYS {
            println!("{way:?}");
            let session = format!("session-{way:?}");
            serve(world, &page(world, way, "{ startsAnyway: true }"), &session);
            world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]));
            open(world, "shop").await;
            start_chat(world).await;
            until_session(world, &session).await;
            // From another tab: a chat that does not wait may start before the bridge answers, and the page must be there to share it.
            world.browser.open_tab().await;
            until_shared(world, Some(&session)).await;
            world.browser.close_popup().await;

            let gate = Gate::closed();
            world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
            world.server.put("help", "/", begun_late(&page(world, way, "{ startsAnyway: true }")));
            open(world, "help").await;
            until_event(world, "WebChatService.ready").await;
            assert_eq!(given(world, "WebChatService.restore").await, 0);
            gate.open();
            until_event(world, "WebChatService.restored").await;
            until_event(world, "WebChat.opened").await;
            assert_eq!(given(world, "WebChatService.restore").await, 1, "{way:?}");
            forget(world).await;
        }
    });
}

#[test]
fn a_late_session_is_followed_on_a_click_too() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        serve(world, &page(world, Way::Configuration, "{}"), "session-1");
        for site in ["shop", "help"] {
            let button = "<button onclick=\"CXBus.command('CookieProvider.continue')\">Go on</button>";
            world.server.put(site, "/", page(world, Way::Configuration, "{}").appended(button));
        }
        open(world, "shop").await;
        start_chat(world).await;
        until_event(world, "CookieProvider.saved").await;
        world.browser.click("button").await;
        until_event(world, "CookieProvider.continued").await;
        open(world, "help").await;
        until_event(world, "WebChatService.ready").await;
        world.browser.click("button").await;
        until_event(world, "WebChatService.restored").await;
        until_session(world, "session-1").await;
    });
}
