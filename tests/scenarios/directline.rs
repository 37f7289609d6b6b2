//! Bot Framework's Direct Line: the library that Microsoft publishes, on the demo's page, with a stand-in of the service.

use end_to_end::{
    Configuration, Demo, Engine, World, everywhere, everywhere_in_a_soak_and_else_in, in_each_in_a_soak_and_else_in,
};
use serde_json::json;

/// Says something, and waits for the bot's answer.
async fn say(world: &World, text: &str) {
    world.send(text).await;
    world.says("#messages", &format!("You said: {text}")).await;
}

/// Waits until the bridge has this page's session, which is another one than before.
async fn is_shared(world: &World, before: &str) -> String {
    let look = format!(
        "window.probe ??= new CookieProvider('directline-session', document.querySelector('iframe').src);
         return probe.loadCookie().then(({{ loaded, value }}) => loaded && value !== {});",
        json!(before)
    );
    world.until("the session is in the bridge", &look).await;
    own_session(world).await
}

/// The page's own session cookie, or nothing.
async fn own_session(world: &World) -> String {
    let look =
        "return document.cookie.split('; ').find((pair) => pair.startsWith('directline-session='))?.slice(19) ?? '';";
    world.eval(look).await.as_str().expect("text").to_owned()
}

#[test]
fn a_conversation_begun_in_one_shop_goes_on_in_the_other_and_an_ended_one_nowhere() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "directline")).await;
        world.says("#messages", "I am Echo").await;
        assert_eq!(own_session(world).await, "", "a greeting is no conversation yet");
        say(world, "Is the ridge tent in stock?").await;
        is_shared(world, "").await;
        world.keep_picture("directline-shop").await;

        world.browser.click("#other").await;
        world.until("the other shop is open", "return location.hostname.startsWith('help');").await;
        world.says("#messages", "You said: Is the ridge tent in stock?").await;
        say(world, "And the lamp?").await;
        let hello = "Hello, I am Echo. Whatever you say, I say it again.";
        let said = [
            hello,
            "Is the ridge tent in stock?",
            "You said: Is the ridge tent in stock?",
            "And the lamp?",
            "You said: And the lamp?",
        ];
        assert_eq!(world.messages().await, said);
        world.keep_picture("directline-help").await;

        world.browser.click("#end").await;
        world.until("it begins anew", "return document.querySelectorAll('.bubble').length === 1;").await;
        world.browser.open(&demo.page("shop", "directline")).await;
        world.says("#messages", "I am Echo").await;
        assert_eq!(world.messages().await, [hello]);
        assert_eq!(own_session(world).await, "");
    });
}

#[test]
fn where_the_jar_is_not_shared_the_conversation_goes_along_with_a_click_on_each_domain() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "directline")).await;
        world.says("#messages", "I am Echo").await;
        say(world, "Is the ridge tent in stock?").await;
        assert_ne!(own_session(world).await, "");
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;

        world.browser.open(&demo.page("help", "directline")).await;
        world.says("#messages", "I am Echo").await;
        world.browser.click("#continue").await;
        world.says("#messages", "You said: Is the ridge tent in stock?").await;
        say(world, "And the lamp?").await;
        assert_eq!(world.messages().await.len(), 5);
        world.keep_picture("directline-popup").await;
    });
}

#[test]
fn pages_that_are_open_at_once_hear_the_same_and_a_new_token_reaches_the_other() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "directline")).await;
        world.says("#messages", "I am Echo").await;
        say(world, "Hello from the shop").await;
        is_shared(world, "").await;
        let shop = world.browser.tab().await;

        world.browser.open_tab().await;
        world.browser.open(&demo.page("help", "directline")).await;
        world.says("#messages", "You said: Hello from the shop").await;
        say(world, "Hello from the help").await;
        let before = own_session(world).await;
        // As the library does every quarter of an hour. The page's `connection` is seen by scripts of the page only.
        world
            .eval(
                "const script = document.createElement('script');
                 script.textContent = 'connection.refreshToken().subscribe((token) => (connection.token = token));';
                 document.head.append(script);",
            )
            .await;
        let refreshed = is_shared(world, &before).await;
        let help = world.browser.tab().await;

        world.browser.go_to_tab(&shop).await;
        world.says("#messages", "You said: Hello from the help").await;
        let look = format!("return document.cookie.includes({});", json!(refreshed));
        world.until("the new token is here", &look).await;
        say(world, "Hello again").await;
        world.browser.go_to_tab(&help).await;
        world.says("#messages", "You said: Hello again").await;
        assert_eq!(own_session(world).await, refreshed, "nobody answers a new token with another");
        assert_eq!(world.messages().await.len(), 7);
    });
}

#[test]
fn a_session_that_is_refused_is_cleared_and_a_new_conversation_begins() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        let demo = Demo::start();
        let id = "6c1f0f63-97b0-4f0b-9d29-b2a1e4b3a1aa";
        let expired = json!({ "conversationId": id, "token": id }).to_string();
        for session in [expired.as_str(), "{\"conversationId\":7}"] {
            world.browser.open(&demo.page("shop", "directline")).await;
            world.says("#messages", "I am Echo").await;
            let save = format!(
                "const probe = new CookieProvider('directline-session', document.querySelector('iframe').src);
                 return probe.saveCookie({}).then(({{ saved }}) => saved);",
                json!(session)
            );
            assert_eq!(world.eval(&save).await, true);
            world.browser.open(&demo.page("help", "directline")).await;
            world.says("#messages", "I am Echo").await;
            world.until("it is cleared", "return !document.cookie.includes('directline-session=');").await;
            say(world, "Is anybody there?").await;
            is_shared(world, session).await;
            world.browser.click("#end").await;
            world.until("it begins anew", "return document.querySelectorAll('.bubble').length === 1;").await;
        }
    });
}
