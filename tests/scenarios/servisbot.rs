//! ServisBot: the adapter on the demo's page, with a stand-in of the messenger that has real conversations, and on a page whose store
//! fails in every way.

use end_to_end::{
    Configuration, Demo, Engine, Gate, Page, World, everywhere, everywhere_in_a_soak_and_else_in, in_another_browser,
    in_each, in_each_in_a_soak_and_else_in,
};
use serde_json::{Value, json};

const OWN_COOKIE: &str = "document.cookie.includes('servisbot-identity=')";

async fn has_started(world: &World) {
    world.until("the messenger has started", "return document.querySelector('#state').textContent.length > 1;").await;
}

async fn say(world: &World, text: &str) {
    world.send(text).await;
    world.says("#messages", text).await;
}

/// Waits until the bridge has the page's identity.
async fn is_shared(world: &World) {
    world
        .until(
            "the identity is in the bridge",
            "window.probe ??= new CookieProvider('servisbot-identity', document.querySelector('iframe').src);
             return probe.loadCookie().then(({ loaded }) => loaded);",
        )
        .await;
}

#[test]
fn a_conversation_begun_in_one_shop_goes_on_in_the_other_and_an_ended_one_nowhere() {
    everywhere(async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "servisbot")).await;
        has_started(world).await;
        say(world, "Is the ridge tent in stock?").await;
        world.says("#messages", "Let me look that up").await;
        is_shared(world).await;
        world.keep_picture("servisbot-shop").await;

        world.browser.click("#other").await;
        world.until("the other shop is open", "return location.hostname.startsWith('help');").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.says("#messages", "Let me look that up").await;
        say(world, "And the lamp?").await;
        world.says("#messages", "it is in stock").await;
        world.keep_picture("servisbot-help").await;

        world.browser.click("#end").await;
        let look = "return document.querySelector('.bubble') === null &&
                    document.querySelector('#state').textContent === 'the messenger has started';";
        world.until("the page begins anew", look).await;
        world.browser.open(&demo.page("shop", "servisbot")).await;
        has_started(world).await;
        assert_eq!(world.eval(&format!("return {OWN_COOKIE};")).await, false);
        world.until("the page begins anew", look).await;
    });
}

#[test]
fn where_the_jar_is_not_shared_the_conversation_goes_along_with_a_click_on_each_domain() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let demo = Demo::start();
        world.browser.open(&demo.page("shop", "servisbot")).await;
        has_started(world).await;
        say(world, "Is the ridge tent in stock?").await;
        world.until("it is kept on this site", &format!("return {OWN_COOKIE};")).await;
        world.browser.click("#continue").await;
        world.says("#bridge", "a session through “popup”").await;

        world.browser.open(&demo.page("help", "servisbot")).await;
        has_started(world).await;
        world.browser.click("#continue").await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.says("#messages", "Let me look that up").await;
        say(world, "And the lamp?").await;
        world.says("#messages", "it is in stock").await;
        world.keep_picture("servisbot-popup").await;
    });
}

#[test]
fn a_customer_who_comes_with_another_browser_gets_the_conversation_from_the_store() {
    let demo = Demo::start();
    let page = "servisbot?customer=maja%2F7%20%C3%A4";
    in_another_browser(Configuration::ALLOWING, async |world| {
        world.browser.open(&demo.page("shop", page)).await;
        has_started(world).await;
        say(world, "Is the ridge tent in stock?").await;
        let stored = "const reference = await (await fetch('/reference?customer=maja%2F7%20%C3%A4')).text();
                      const answer = await fetch(STORE_URL + '/check/' + reference, { method: 'POST' });
                      return (await answer.json()).Exists;";
        world.until("the identity is stored", stored).await;
    });
    in_each(Configuration::ALLOWING.into_iter().chain(Configuration::BLOCKING), async |world| {
        world.browser.open(&demo.page("help", "servisbot")).await;
        has_started(world).await;
        assert_eq!(world.eval("return document.querySelectorAll('.bubble').length;").await, 0, "nobody is logged in");
        world.browser.open(&demo.page("help", page)).await;
        world.says("#messages", "Is the ridge tent in stock?").await;
        world.keep_picture("servisbot-store").await;
    });
}

/// A page with the adapter, and a messenger that notes what it is told and says what the scenario tells it.
fn page(world: &World, options: &str) -> Page {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/chat-adapters.js");
    let script = std::fs::read_to_string(file).expect("`cargo xtask build` makes the script");
    world.host_page("").appended(&format!(
        "<script>{script}</script><script>
           window.inits = [];
           window.warnings = [];
           console.warn = (...parts) => warnings.push(parts.join(' '));
           window.identity = 'eu-west-1:fresh';
           const listeners = [];
           window.emit = (type, value) => listeners.forEach((listen) => listen({{ type, value }}));
           window.ServisBot = {{
             init(config) {{
               inits.push(config);
               identity = config.identity ?? identity;
               return {{ on: (type, listen) => listeners.push(listen), getIdentity: () => identity }};
             }},
           }};
           window.bridge = ChatAdapters.attachChat(provider, ChatAdapters.servisBot({{ config: {{ organization: 'acme' }}, {options} }}));
         </script>"
    ))
}

fn answer(body: &Value) -> Page {
    Page::html(body.to_string())
}

/// Opens the page, and waits until the messenger has started: what it was started with.
async fn start(world: &World, options: &str) -> Value {
    world.server.put("shop", "/", page(world, options));
    world.browser.open(&world.url("shop", "/")).await;
    world.until("the messenger has started", "return inits.length === 1;").await;
    world.eval("return inits[0];").await
}

fn times_asked(world: &World, path: &str) -> usize {
    world.server.asked("shop").iter().filter(|asked| *asked == path).count()
}

async fn until_asked(world: &World, path: &str, times: usize) {
    for _ in 0..200 {
        if times_asked(world, path) >= times {
            return;
        }
        // An event of the messenger is what a failed store is asked again at. The server's answer comes between two looks.
        world.eval("emit('ROUNDEL', 'Opened'); return fetch('/').then(() => null);").await;
    }
    panic!("{path} was asked for {} times only", times_asked(world, path));
}

/// Waits until the bridge has this identity.
async fn until_bridged(world: &World, identity: &str) {
    let look = format!("return provider.loadCookie().then(({{ value }}) => value === '{identity}');");
    world.until("the bridge has it", &look).await;
}

/// Says this again and again; whatever it makes the adapter ask for is asked for when this is over.
async fn repeat(world: &World) {
    for _ in 0..5 {
        world
            .eval("emit('CONVERSATION', 'Ready'); emit('ROUNDEL', 'Opened'); return fetch('/').then(() => null);")
            .await;
    }
}

#[test]
fn the_first_visit_stores_once_however_often_the_messenger_is_ready() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.server.put(
            "shop",
            "/check/maja%207%2F%C3%BC",
            answer(&json!({ "Exists": false, "CognitoIdentity": null })),
        );
        world.server.put("shop", "/store/maja%207%2F%C3%BC", answer(&json!({ "Stored": true })));
        let given = start(world, "store: { url: '', reference: async () => 'maja 7/ü' }").await;
        assert_eq!(given, json!({ "organization": "acme" }));
        repeat(world).await;
        until_asked(world, "/store/maja%207%2F%C3%BC", 1).await;
        repeat(world).await;
        assert_eq!(times_asked(world, "/check/maja%207%2F%C3%BC"), 1);
        assert_eq!(times_asked(world, "/store/maja%207%2F%C3%BC"), 1);
        until_bridged(world, "eu-west-1:fresh").await;
    });
}

#[test]
fn nothing_is_asked_or_saved_before_a_conversation_is_ready_or_if_nobody_is_logged_in() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        for reference in ["null", "() => null", "async () => undefined"] {
            start(world, &format!("store: {{ url: '', reference: {reference} }}")).await;
            world.eval("emit('ROUNDEL', 'Opened');").await;
            assert_eq!(world.eval("return provider.loadCookie().then(({ loaded }) => loaded);").await, false);
        }
        repeat(world).await;
        let asked = world.server.asked("shop");
        assert!(asked.iter().all(|path| !path.contains("check") && !path.contains("store")), "{asked:?}");
    });
}

#[test]
fn a_returning_customer_goes_on_with_the_stored_identity_and_it_is_not_stored_again() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let known = json!({ "Exists": true, "CognitoIdentity": "eu-west-1:known" });
        world.server.put("shop", "/check/maja", answer(&known));
        let given = start(world, "store: { url: '', reference: 'maja' }").await;
        assert_eq!(given, json!({ "organization": "acme", "identity": "eu-west-1:known" }));
        repeat(world).await;
        until_bridged(world, "eu-west-1:known").await;

        // The messenger knows nothing of it any more, and has begun another conversation.
        world.server.put("shop", "/store/maja", answer(&json!({ "Stored": true })));
        world.eval("window.identity = 'eu-west-1:fresh';").await;
        assert_eq!(times_asked(world, "/store/maja"), 0);
        repeat(world).await;
        until_asked(world, "/store/maja", 1).await;
        until_bridged(world, "eu-west-1:fresh").await;
    });
}

#[test]
fn what_the_bridge_has_goes_first_and_replaces_nothing_in_the_store() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("help").await;
        world.eval("return provider.saveCookie('eu-west-1:bridged');").await;
        let known = json!({ "Exists": true, "CognitoIdentity": "eu-west-1:known" });
        world.server.put("shop", "/check/maja", answer(&known));
        let given = start(world, "store: { url: '', reference: 'maja' }").await;
        assert_eq!(given["identity"], "eu-west-1:bridged");
        assert_eq!(times_asked(world, "/check/maja"), 0);
        repeat(world).await;
        until_asked(world, "/check/maja", 1).await;
        repeat(world).await;
        assert_eq!((times_asked(world, "/check/maja"), times_asked(world, "/store/maja")), (1, 0));

        // A customer whom the store does not know gets it from there elsewhere.
        world.server.put("shop", "/check/nils", answer(&json!({ "Exists": false, "CognitoIdentity": null })));
        world.server.put("shop", "/store/nils", answer(&json!({ "Stored": true })));
        start(world, "store: { url: '', reference: 'nils' }").await;
        repeat(world).await;
        until_asked(world, "/store/nils", 1).await;
        repeat(world).await;
        assert_eq!((times_asked(world, "/check/nils"), times_asked(world, "/store/nils")), (1, 1));
    });
}

#[test]
fn a_store_that_fails_never_keeps_the_chat_from_starting() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let never = Gate::closed();
        let hanging = answer(&json!({ "Exists": false })).behind(&never);
        let half = answer(&json!({ "Exists": false })).halting_before("false", &never);
        for (name, page) in [
            ("error", answer(&json!({ "code": "no", "message": "no" })).status(500)),
            ("busy", answer(&json!({ "code": "busy", "message": "later" })).status(429)),
            ("created", answer(&json!({ "Exists": true, "CognitoIdentity": "a" })).status(201)),
            ("hanging", hanging),
            ("half", half),
            ("garbage", Page::html("<html>Sign in to this network</html>")),
            ("null", answer(&json!(null))),
            ("number", answer(&json!({ "Exists": true, "CognitoIdentity": 7 }))),
            ("nothing", answer(&json!({ "Exists": true }))),
            ("empty", answer(&json!({ "Exists": true, "CognitoIdentity": "" }))),
            ("text", answer(&json!({ "Exists": "true", "CognitoIdentity": "a" }))),
        ] {
            world.server.put("shop", &format!("/{name}/check/maja"), page);
            fails(world, &format!("url: '/{name}', reference: 'maja'")).await;
        }
        fails(world, "url: 'https://shop.localhost:1', reference: 'maja'").await;
        fails(world, "url: '', reference: () => { throw new Error('no session'); }").await;
        fails(world, "url: '', reference: () => new Promise(() => {})").await;
    });
}

async fn fails(world: &World, store: &str) {
    let given = start(world, &format!("wait: 300, store: {{ {store} }}")).await;
    assert_eq!(given, json!({ "organization": "acme" }), "{store}");
    let warnings = world.eval("return warnings;").await;
    let warnings: Vec<&str> = warnings.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let told =
        warnings.iter().filter(|warning| warning.starts_with("Cookie Bridge: The chat starts without the store: "));
    assert_eq!(told.count(), 1, "{store}: {warnings:?}");
    let milliseconds = world.eval("return performance.now();").await;
    assert!(milliseconds.as_f64().is_some_and(|passed| passed < 5000.0), "{store}: {milliseconds}");
}

#[test]
fn a_store_that_fails_is_asked_again_at_later_events_but_not_for_ever() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.server.put("shop", "/check/maja", answer(&json!({ "Exists": false, "CognitoIdentity": null })));
        world.server.put("shop", "/store/maja", answer(&json!({ "code": "busy", "message": "later" })).status(503));
        start(world, "store: { url: '', reference: 'maja' }").await;
        world.eval("emit('CONVERSATION', 'Ready');").await;
        until_asked(world, "/store/maja", 2).await;
        world.server.put("shop", "/store/maja", answer(&json!({ "Stored": true })));
        let before = times_asked(world, "/store/maja");
        until_asked(world, "/store/maja", before + 1).await;
        repeat(world).await;
        assert!(times_asked(world, "/store/maja") <= before + 1, "once it is stored, it is");

        start(world, "store: { url: '/down', reference: 'maja' }").await;
        world.eval("emit('CONVERSATION', 'Ready');").await;
        until_asked(world, "/down/check/maja", 4).await;
        repeat(world).await;
        assert_eq!(times_asked(world, "/down/check/maja"), 4, "at Ready, and three times more");
    });
}

#[test]
fn the_page_follows_the_visitor_unless_its_messenger_refuses_identities() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("help").await;
        let help = world.browser.tab().await;
        world.browser.open_tab().await;
        let shop = world.browser.tab().await;
        let options = "follow: (identity) => (window.followed ??= []).push(identity)";
        start(world, options).await;
        for (there, followed) in
            [("provider.saveCookie('eu-west-1:there')", "eu-west-1:there"), ("provider.clearCookie()", "null")]
        {
            world.browser.go_to_tab(&help).await;
            world.eval(&format!("return {there};")).await;
            world.browser.go_to_tab(&shop).await;
            world.until(followed, &format!("return String(window.followed?.at(-1)) === {followed:?};")).await;
        }

        world.browser.go_to_tab(&help).await;
        world.eval("return provider.saveCookie('eu-west-1:unknown');").await;
        world.browser.go_to_tab(&shop).await;
        assert_eq!(start(world, options).await["identity"], "eu-west-1:unknown");
        world.eval("window.identity = 'eu-west-1:own'; emit('CONVERSATION', 'Ready');").await;
        world
            .until("it is saved", "return provider.loadCookie().then(({ value }) => value === 'eu-west-1:own');")
            .await;
        world.browser.go_to_tab(&help).await;
        world.eval("return provider.saveCookie('eu-west-1:unknown-too');").await;
        world.browser.go_to_tab(&shop).await;
        world.until("it says so", "return warnings.some((warning) => warning.includes('is not followed'));").await;
        assert_eq!(world.eval("return window.followed ?? null;").await, json!(null));
    });
}
