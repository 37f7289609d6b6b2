//! The bridge server: the rung `store`.

use end_to_end::{BridgeServer, Configuration, Engine, NAME, Page, World, everywhere, in_each_in_a_soak_and_else_in};
use serde_json::{Value, json};

/// A page whose provider has these options.
fn page(bridge: &BridgeServer, options: &Value) -> Page {
    let (name, url) = (json!(NAME), json!(bridge.iframe_url()));
    Page::html(format!(
        "<!DOCTYPE html><title>host</title><script src=\"/cookie-provider.js\"></script><script>
           window.refused = [];
           window.provider = new CookieProvider({name}, {url}, null, {options});
           provider.on('refused', ({{ code }}) => refused.push(code));
           window.loaded = provider.loadCookie();
         </script>"
    ))
}

/// A site's page for a customer whose reference is good for so many seconds.
async fn visit(world: &World, bridge: &BridgeServer, site: &str, reference: &str) {
    let options = json!({ "server": bridge.origin(), "reference": reference });
    world.server.put(site, "/", page(bridge, &options));
    world.browser.open(&world.url(site, "/")).await;
    world.eval("return loaded;").await;
}

#[test]
fn the_bridge_works_under_the_headers_that_the_server_makes() {
    everywhere(async |world| {
        let bridge = BridgeServer::start(world);
        let reference = bridge.reference("maja", 60);
        visit(world, &bridge, "shop", &reference).await;
        let saved = world.eval("return provider.saveCookie('a');").await;
        assert_eq!(saved, json!({ "saved": true, "via": "cookie", "jar": "shared" }));
        visit(world, &bridge, "help", &reference).await;
        let loaded = world.eval("return provider.loadCookie();").await;
        assert_eq!(loaded, json!({ "loaded": true, "value": "a", "via": "cookie", "jar": "shared", "code": null }));
        assert!(!bridge.log().contains("/session/"), "the jar shares by itself, so the server was asked for nothing");

        // A site that is not in the list may not even show it.
        world.server.put("stranger", "/", page(&bridge, &json!({ "timeout": 1500 })));
        world.browser.open(&world.url("stranger", "/")).await;
        assert_eq!(world.call("return provider.loadCookie();").await, Err("iframe-unreachable".to_owned()));
        world.browser.open(&format!("{}/doctor.html", bridge.origin())).await;
        world.until("the doctor works", "return document.body.innerText.includes('The bridge works');").await;
        world.keep_picture("server-doctor").await;
    });
}

#[test]
fn a_customer_who_is_logged_in_finds_the_session_on_the_other_domain_without_a_click() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        let bridge = BridgeServer::start(world);
        visit(world, &bridge, "shop", &bridge.reference("maja", 60)).await;
        world.set_own_cookie("session-of-maja").await;
        let saved = world.eval("return provider.saveCookie();").await;
        assert_eq!((&saved["saved"], &saved["via"]), (&json!(true), &json!("store")));

        visit(world, &bridge, "help", &bridge.reference("maja", 60)).await;
        let loaded = world.eval("return loaded;").await;
        let expected = (&json!(true), &json!("session-of-maja"), &json!("store"));
        assert_eq!((&loaded["loaded"], &loaded["value"], &loaded["via"]), expected);
        assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"));
        let cleared = world.eval("return provider.clearCookie();").await;
        assert_eq!((&cleared["cleared"], &cleared["via"]), (&json!(true), &json!("store")));

        world.eval(&format!("document.cookie = '{NAME}=; Path=/; Max-Age=0';")).await;
        visit(world, &bridge, "help", &bridge.reference("maja", 60)).await;
        assert_eq!(world.eval("return loaded;").await["loaded"], false, "it is gone");
        assert_eq!(world.eval("return refused;").await, json!([]));

        let log = bridge.log();
        assert!(log.contains("/session/save"), "{log}");
        assert!(!log.contains("session-of-maja"), "a session is in the log");
    });
}

#[test]
fn a_session_from_the_server_is_kept_for_the_rest_of_its_lifetime() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        let bridge = BridgeServer::start(world);
        visit(world, &bridge, "shop", &bridge.reference("maja", 60)).await;
        let saved = world.eval("return provider.saveCookie('session-of-maja', { maxAge: 12 });").await;
        assert_eq!(saved["via"], "store");
        visit(world, &bridge, "help", &bridge.reference("maja", 60)).await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("session-of-maja"));
        world.until("it is over", "return document.cookie === '';").await;
        visit(world, &bridge, "help", &bridge.reference("maja", 60)).await;
        let loaded = world.eval("return loaded;").await;
        assert_eq!((&loaded["value"], &loaded["code"]), (&Value::Null, &Value::Null));
    });
}

#[test]
fn another_customer_and_a_reference_that_is_forged_or_old_get_nothing() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let bridge = BridgeServer::start(world);
        visit(world, &bridge, "shop", &bridge.reference("maja", 60)).await;
        world.eval("return provider.saveCookie('session-of-maja');").await;
        let good = bridge.reference("maja", 60);
        let forged = good.replace(|c: char| c.is_ascii_digit(), "1");
        for (reference, refused) in [
            (bridge.reference("nils", 60), json!([])),
            (bridge.reference("maja", -1), json!(["reference-expired"])),
            (forged, json!(["reference-invalid"])),
            (String::from("maja"), json!(["reference-invalid"])),
        ] {
            visit(world, &bridge, "help", &reference).await;
            let loaded = world.eval("return loaded;").await;
            assert_eq!((&loaded["loaded"], &loaded["value"]), (&json!(false), &Value::Null), "{reference}");
            assert_eq!(world.eval("return refused;").await, refused, "{reference}");
        }
    });
}

#[test]
fn a_server_that_is_down_keeps_no_page_from_working_and_gets_what_it_missed() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let mut bridge = BridgeServer::start(world);
        let reference = bridge.reference("maja", 600);
        visit(world, &bridge, "shop", &reference).await;
        bridge.kill();
        let saved = world.eval("return provider.saveCookie('session-of-maja');").await;
        assert_eq!((&saved["saved"], &saved["via"]), (&json!(false), &json!("local")));
        assert_eq!(world.eval("return refused;").await, json!(["store-unavailable"]));
        bridge.restart();
        // The next load takes along what could not be saved.
        visit(world, &bridge, "shop", &reference).await;
        visit(world, &bridge, "help", &reference).await;
        let loaded = world.eval("return loaded;").await;
        assert_eq!((&loaded["value"], &loaded["via"]), (&json!("session-of-maja"), &json!("store")));
    });
}

#[test]
fn a_server_that_answers_nonsense_counts_as_none_and_is_asked_again() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let options = json!({ "server": world.server.origin("stranger"), "reference": "r" });
        world.server.put("shop", "/", world.host_page(&format!(", null, {options}")));
        let answers = |text: &str| {
            let page = Page::html(text).header("access-control-allow-origin", "*");
            world.server.put("stranger", "/session/load", page);
        };
        let forget = format!(
            "for (const name of ['{NAME}', '__Host-bridge-note.{NAME}']) document.cookie = name + '=; Path=/; Max-Age=0; Secure';"
        );
        for nonsense in
            ["<p>", "7", "null", "[]", r#"{"value":7}"#, r#"{"value":["v"]}"#, r#"{"value":{}}"#, r#"{"code":7}"#]
        {
            answers(nonsense);
            world.browser.open(&world.url("shop", "/")).await;
            let loaded = world.eval("return provider.loadCookie();").await;
            assert_eq!((&loaded["loaded"], &loaded["value"]), (&json!(false), &Value::Null), "{nonsense}");
            answers(r#"{"value":"good"}"#);
            assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "good", "{nonsense}");
            world.eval(&forget).await;
        }
    });
}
