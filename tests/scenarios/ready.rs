//! The chat starts once its session is there, and starts without it if the bridge is slow.

use end_to_end::{Engine, Gate, NAME, Page, World, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::json;

/// A page as the README describes it. Its chat notes what it starts with, and reports it by a request: a driver's script may count as the visitor's.
fn page(world: &World, wait: &str, chat: &str) -> Page {
    Page::html(format!(
        r#"<!DOCTYPE html><title>README</title><p id="notice" hidden></p><button>A button</button>
        <script src="/cookie-provider.js"></script>
        <script>
          const IFRAME_URL = "{}";
          const SESSION_COOKIE_NAME = "{NAME}";
          window.events = [];
          function startChat(session) {{
            window.started = [session, document.cookie];
            {chat}
            fetch("/started");
          }}
          const begin = () => {{
            window.provider = new CookieProvider(SESSION_COOKIE_NAME, IFRAME_URL);
            for (const type of ["loaded", "change"])
              provider.on(type, ({{ value }}) => {{ events.push([type, value]); fetch("/" + type); }});
            provider.ready({wait}).then(startChat);
          }};
          begin();
        </script>"#,
        world.iframe_url()
    ))
}

async fn save_on_the_other_domain(world: &World) {
    world.visit("help").await;
    assert_eq!(world.eval("return provider.saveCookie('from-help').then((r) => r.saved);").await, true);
}

#[test]
fn the_chat_of_the_readme_starts_with_the_session_of_the_other_domain() {
    everywhere(async |world| {
        save_on_the_other_domain(world).await;
        for before in ["", "provider.loadCookie();"] {
            let page = page(world, "", "").replaced("provider.ready(", &format!("{before} provider.ready("));
            world.server.put("shop", "/", page);
            world.browser.open(&world.url("shop", "/")).await;
            world.until("the chat starts", "return Boolean(window.started);").await;
            let started = world.eval("return started;").await;
            assert_eq!(started, json!(["from-help", format!("{NAME}=from-help")]), "{before}");
            assert_eq!(world.eval("return provider.ready();").await, "from-help");
            assert_eq!(world.eval("return events;").await, json!([]), "nothing came later");
            world.eval(&format!("document.cookie = '{NAME}=; Path=/; Max-Age=0';")).await;
        }
    });
}

#[test]
fn the_chat_starts_without_a_session_if_there_is_none_or_none_to_get() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.server.put("shop", "/", page(world, "{ wait: 600000 }", ""));
        world.browser.open(&world.url("shop", "/")).await;
        world.until("the chat starts", "return Boolean(window.started);").await;
        assert_eq!(world.eval("return started;").await, json!([null, ""]));
        world.set_own_cookie("mine").await;
        for options in ["", "null", "{}", "{ wait: -1 }", "{ wait: 'soon' }", "{ wait: 0 }"] {
            assert_eq!(world.eval(&format!("return provider.ready({options});")).await, "mine", "{options}");
        }
        let url = json!(world.iframe_url());
        for arguments in [format!("'a b', {url}"), "'chat-session', 'no address'".to_owned()] {
            world.eval(&format!("return new CookieProvider({arguments}).ready({{ wait: 600000 }});")).await;
        }
        world.eval("const ready = provider.ready(); provider.destroy(); return ready;").await;

        let forbidding =
            page(world, "{ wait: 600000 }", "").header("content-security-policy", "script-src 'self' 'unsafe-inline'");
        world.server.put("shop", "/", forbidding);
        world.browser.open(&world.url("shop", "/")).await;
        world.until("the chat starts", "return Boolean(window.started);").await;
        assert_eq!(world.eval("return started[0];").await, "mine");
    });
}

/// Opens a page whose bridge answers only once the gate is open.
async fn open_with_a_slow_bridge(world: &World, chat: &str) -> Gate {
    save_on_the_other_domain(world).await;
    let gate = Gate::closed();
    world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
    // The driver waits for the page's load.
    let begin = "addEventListener('load', () => setTimeout(begin));";
    let page = page(world, "{ wait: 200 }", chat).replaced("          begin();\n", begin);
    world.server.put("shop", "/", page);
    world.browser.open(&world.url("shop", "/")).await;
    world.until_asked("shop", "/started").await;
    gate
}

async fn is_kept(world: &World, value: &str) {
    world.visit("help").await;
    assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, value);
}

#[test]
fn a_chat_that_started_without_its_session_hears_of_it() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        let gate = open_with_a_slow_bridge(world, "").await;
        gate.open();
        world.until("the session is told", "return events.length === 1;").await;
        assert_eq!(world.eval("return [started, events];").await, json!([[null, ""], [["loaded", "from-help"]]]));
        assert_eq!(world.own_cookie().await.as_deref(), Some("from-help"));
    });
}

#[test]
fn a_chat_that_has_only_started_takes_the_place_of_no_conversation_that_arrives_late() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let chat = "document.cookie = SESSION_COOKIE_NAME + '=fresh; Path=/'; provider.saveCookie();";
        let gate = open_with_a_slow_bridge(world, chat).await;
        gate.open();
        world.until_asked("shop", "/loaded").await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("from-help"));
        // Its own save is on its way, too.
        world.until("the bridge has it", "return provider.loadCookie().then((r) => r.value === 'from-help');").await;
        is_kept(world, "from-help").await;
    });
}

#[test]
fn a_conversation_that_the_visitor_is_in_is_kept_when_another_arrives_late() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let gate = open_with_a_slow_bridge(world, "").await;
        world.browser.click("button").await;
        world.eval("window.load = provider.loadCookie();").await;
        world.set_own_cookie("visitors").await;
        world.eval("provider.saveCookie();").await;
        gate.open();
        let loaded = world.eval("const { loaded, code } = await load; return [loaded, code];").await;
        assert_eq!(loaded, json!([false, "session-replaced"]));
        assert_eq!(world.own_cookie().await.as_deref(), Some("visitors"));
        world.until("it is saved", "return provider.loadCookie().then((r) => r.value === 'visitors');").await;
        is_kept(world, "visitors").await;
    });
}
