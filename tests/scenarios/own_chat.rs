//! The chat of docs/chat-systems.md, as it stands there, with the demo's conversations.

use end_to_end::{Demo, Engine, World, everywhere_in_a_soak_and_else_in};
use serde_json::json;

/// The last example of the document.
fn example() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/chat-systems.md");
    let document = std::fs::read_to_string(file).expect("the document");
    let (_, rest) = document.rsplit_once("```js\n").expect("an example");
    rest.split("```").next().expect("its end").to_owned()
}

/// Opens a page of a shop with the example in it.
async fn open(world: &World, demo: &Demo, shop: &str) {
    world.browser.open(&demo.page(shop, "doctor")).await;
    let bridge = demo.page("bridge", "iframe.html");
    let around = format!(
        "window.shown = [];
         const show = (messages) => (window.shown = messages.map(({{ text }}) => text));
         const clear = () => (window.shown = []);
         const provider = (window.provider = new CookieProvider('own-chat', {}));
         {}
         window.ownChat = ownChat;
         window.bridge = bridge;",
        json!(bridge),
        example()
    );
    world
        .eval(&format!(
            "const input = document.createElement('input');
             input.id = 'text';
             input.disabled = true;
             document.body.append(input);
             for (const part of [{{ src: '/cookie-provider.js' }}, {{ src: '/chat-adapters.js' }}, {{ text: {} }}]) {{
               const script = Object.assign(document.createElement('script'), part);
               const loaded = part.src && new Promise((resolve) => (script.onload = resolve));
               document.head.append(script);
               await loaded;
             }}",
            json!(around)
        ))
        .await;
    world.until("the chat has started", "return !document.getElementById('text').disabled;").await;
}

#[test]
fn the_example_of_the_document_goes_on_on_the_other_domain_and_ends_everywhere() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let demo = Demo::start();
        open(world, &demo, "shop").await;
        world.eval("return ownChat.say('Is the ridge tent in stock?');").await;
        world.until("it is shared", "return provider.loadCookie().then(({ loaded }) => loaded);").await;

        open(world, &demo, "help").await;
        let said = world.eval("return shown;").await;
        assert_eq!(said[1], "Is the ridge tent in stock?", "{said}");

        // A conversation that the server does not know is cleared.
        world.eval("return bridge.save('6c1f0f63-97b0-4f0b-9d29-b2a1e4b3a1aa');").await;
        open(world, &demo, "shop").await;
        assert_eq!(world.eval("return ownChat.session;").await, json!(null));
        assert_eq!(world.eval("return provider.loadCookie().then(({ loaded }) => loaded);").await, false);

        world.eval("return ownChat.say('Are you there?');").await;
        world.until("it is shared", "return provider.loadCookie().then(({ loaded }) => loaded);").await;
        let session = world.eval("return ownChat.session;").await;

        // The visitor clears the bridge's cookies, once while the page is open and once while it is not: nobody has ended it.
        for shop in ["shop", "help"] {
            world.browser.open(&demo.page("bridge", "doctor")).await;
            world.eval("document.cookie = '__Host-bridge.own-chat=; Path=/; Secure; Max-Age=0';").await;
            open(world, &demo, "shop").await;
            assert_eq!(world.eval("return ownChat.session;").await, session);
            world.until("it is shared again", "return provider.loadCookie().then(({ loaded }) => loaded);").await;
            open(world, &demo, shop).await;
            assert_eq!(world.eval("return ownChat.session;").await, session);
        }
        open(world, &demo, "help").await;
        let said = world.eval("return shown;").await;
        assert_eq!(said[1], "Are you there?", "{said}");
        world.eval("return bridge.end();").await;
        open(world, &demo, "shop").await;
        assert_eq!(world.eval("return ownChat.session;").await, json!(null), "it was ended on the other domain");
    });
}
