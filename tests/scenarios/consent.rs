//! Consent: nothing is stored, read or requested without it, and nothing stays once it is withdrawn.

use end_to_end::{
    BridgeServer, Configuration, Engine, NAME, Page, World, everywhere, everywhere_in_a_soak_and_else_in,
    in_each_in_a_soak_and_else_in,
};
use serde_json::json;

/// Watches, from before the script runs, whatever could store, read or request something, but for the page's own calls to the driver.
const WATCHED: &str = "<script>
    window.touched = [];
    const touch = (what) => (window.isWatched === false ? undefined : touched.push(what));
    const cookie = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
    Object.defineProperty(document, 'cookie', {
      get() { touch('reads cookies'); return cookie.get.call(document); },
      set(value) { touch('writes ' + value); cookie.set.call(document, value); },
    });
    for (const method of ['getItem', 'setItem', 'removeItem', 'key']) {
      const original = Storage.prototype[method];
      Storage.prototype[method] = function (...given) { touch(method); return original.apply(this, given); };
    }
    for (const name of ['fetch', 'open', 'BroadcastChannel', 'MessageChannel', 'XMLHttpRequest']) {
      const original = window[name];
      window[name] = function (...given) { touch(name); return new.target ? new original(...given) : original(...given); };
    }
    navigator.permissions.query = () => touch('permissions');
    </script>";

/// A page whose provider waits for consent, with these further options, and makes every call.
fn waiting_page(world: &World, options: &str) -> Page {
    let url = world.iframe_url();
    Page::html(format!(
        "<!DOCTYPE html><title>host</title>{WATCHED}<script src=\"/cookie-provider.js\"></script><script>
           window.shown = [];
           window.provider = new CookieProvider({NAME:?}, {url:?}, (isEnabled) => shown.push(isEnabled), {{ consent: false, {options} }});
           provider.on('change', ({{ value }}) => (window.changed = value));
           window.ended = [];
           const end = (name, call) => call.then((r) => ended.push([name, r.value ?? r.saved ?? r.jar ?? r]), (e) => ended.push([name, e.code]));
           end('save', provider.saveCookie('a'));
           end('load', provider.loadCookie());
           end('test', provider.cookieTest());
           end('trusts', provider.isTrusted(location.origin));
         </script><p>A host page.</p><a href=\"{}\">Our other shop</a>",
        world.url("help", "/")
    ))
}

/// The cookies of the bridge's own jar, as a first party.
async fn bridge_cookies(world: &World) -> String {
    world.server.put("bridge", "/other", Page::html("<!DOCTYPE html><title>other</title>"));
    world.browser.open(&world.url("bridge", "/other")).await;
    world.eval("return document.cookie;").await.as_str().unwrap().to_owned()
}

const LEFT: &str = "window.isWatched = false;
    return [document.cookie, ...Object.keys(localStorage), ...Object.keys(sessionStorage), document.querySelectorAll('iframe').length].join();";

#[test]
fn before_consent_nothing_is_stored_read_or_requested_and_then_the_calls_are_made() {
    everywhere(async |world| {
        let configuration = world.browser.configuration();
        let options = "access: ['cookie', 'storage-access', 'popup', 'link', 'store'], server: '/server', reference: 'r', timeout: 2000";
        world.server.put("shop", "/", waiting_page(world, options));
        world.browser.open(&world.url("shop", "/#~cookie-bridge=offer,x,https://help.example,chat-session")).await;
        world.until("the page is loaded", "return document.readyState === 'complete';").await;
        // Longer than a call may take.
        world.until("the time of a call is up", "return performance.now() > 3000;").await;
        world.eval("document.querySelector('a').dispatchEvent(new Event('pointerover', { bubbles: true }));").await;
        assert_eq!(world.eval("return [ended, shown, touched];").await, json!([[], [], []]), "{configuration:?}");
        assert_eq!(world.eval(LEFT).await, ",0", "{configuration:?}");
        assert_eq!(world.server.asked("bridge"), [""; 0], "{configuration:?}");
        let shop = world.server.asked("shop");
        let is_of_page = |path: &String| ["/", "/cookie-provider.js", "/favicon.ico"].contains(&path.as_str());
        assert!(shop.iter().all(is_of_page), "{configuration:?}: {shop:?}");
        assert_eq!(world.eval("return location.hash;").await, "", "no later script reads it");

        assert_eq!(
            world.eval("window.isWatched = true; return provider.setConsent(true);").await,
            true,
            "{configuration:?}"
        );
        world.until("the calls that waited are done", "return ended.length === 4;").await;
        let ended = world.eval("return ended;").await;
        let expected = json!([["save", true], ["load", "a"], ["test", "shared"], ["trusts", true]]);
        for (end, expected) in expected.as_array().unwrap().iter().map(|end| (end.clone(), end)) {
            assert!(ended.as_array().unwrap().contains(&end), "{configuration:?}: {expected} in {ended}");
        }
        assert_eq!(world.eval("return shown;").await, json!([true]));
        let touched = world.eval("return touched.some((what) => what.startsWith('writes'));").await;
        assert_eq!(touched, true, "the test sees what is done");
    });
}

#[test]
fn a_withdrawal_leaves_nothing_on_the_page_and_nothing_in_the_bridge() {
    everywhere(async |world| {
        let configuration = world.browser.configuration();
        world.server.put("shop", "/", waiting_page(world, "access: ['cookie', 'link']"));
        world.browser.open(&world.url("shop", "/")).await;
        world.eval("window.isWatched = false; await provider.setConsent(true); return provider.loadCookie();").await;
        // What a hand-over and a chat leave, and what does not belong to us.
        world
            .eval(
                "localStorage.setItem('cookie-bridge.00', '{}');
                 sessionStorage.setItem('cookie-bridge.brought', '{}');
                 sessionStorage.setItem('cookie-bridge-agent', 'x');
                 document.cookie = '__Host-bridge-visit=1.kept.60; Path=/; Secure';
                 localStorage.setItem('own', '1');",
            )
            .await;
        let withdraw = "const waiting = provider.loadCookie().catch((error) => error.code);
            const isGone = await provider.setConsent(false);
            return [isGone, await waiting];";
        assert_eq!(world.eval(withdraw).await, json!([true, "consent-withdrawn"]), "{configuration:?}");
        assert_eq!(world.eval(LEFT).await, ",own,0", "{configuration:?}");

        // Calls wait again, a chat's cookie is the chat's, and nothing comes back by itself.
        let touched = "window.isWatched = true; window.touched.length = 0;
            window.late = provider.saveCookie('b').then((r) => r.saved);
            document.dispatchEvent(new Event('visibilitychange'));
            await new Promise((next) => setTimeout(next, 50));
            const found = [...touched];
            window.isWatched = false;
            return [found, document.cookie, document.querySelectorAll('iframe').length];";
        assert_eq!(world.eval(touched).await, json!([[], "", 0]), "{configuration:?}");
        assert_eq!(bridge_cookies(world).await, "", "{configuration:?}: not even a time or a test cookie");

        world.visit("help").await;
        let loaded = world.eval("return provider.loadCookie().then((r) => [r.value, r.code]);").await;
        assert_eq!(loaded, json!([null, null]), "{configuration:?}");
    });
}

#[test]
fn consent_is_given_and_withdrawn_as_often_as_the_visitor_changes_it() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let configuration = world.browser.configuration();
        world.visit("shop").await;
        for round in ["one", "two", "three"] {
            let rounds = format!(
                "const saved = await provider.saveCookie({round:?});
                 const withdrawn = provider.setConsent(false);
                 const waiting = provider.saveCookie({round:?} + '-again');
                 const given = provider.setConsent(true);
                 const ends = [saved.saved, await withdrawn, await given, (await waiting).saved];
                 return [...ends, (await provider.loadCookie()).value, document.querySelectorAll('iframe').length];"
            );
            let expected = json!([true, true, true, true, format!("{round}-again"), 1]);
            assert_eq!(world.eval(&rounds).await, expected, "{configuration:?}");
        }
        assert_eq!(world.eval("return provider.setConsent(false);").await, true);
        assert_eq!(bridge_cookies(world).await, "", "{configuration:?}");
    });
}

#[test]
fn a_save_that_could_not_be_shared_does_not_come_back_after_a_withdrawal() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        let configuration = world.browser.configuration();
        world.visit("shop").await;
        let withdraw = "await provider.saveCookie('a'); return provider.setConsent(false);";
        assert_eq!(
            world.eval(withdraw).await,
            false,
            "{configuration:?}: there is nothing in a jar that is not shared"
        );
        assert_eq!(world.eval(LEFT).await, ",0", "{configuration:?}");
        world.visit("shop").await;
        world.eval("return provider.loadCookie();").await;
        assert_eq!(world.eval("return document.cookie;").await, "", "{configuration:?}");
        assert_eq!(bridge_cookies(world).await, "", "{configuration:?}");
    });
}

#[test]
fn another_tab_of_the_domain_is_told_that_the_session_ended() {
    everywhere(async |world| {
        world.visit("shop").await;
        world.eval("provider.on('change', ({ value }) => (window.changed = [value]));").await;
        world.eval("return provider.saveCookie('a');").await;
        let first = world.browser.tab().await;
        world.browser.open_tab().await;
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval("await provider.loadCookie(); return provider.setConsent(false);").await, true);
        world.browser.go_to_tab(&first).await;
        world.until("the end is told", "return window.changed?.[0] === null;").await;
        assert_eq!(world.own_cookie().await, None);
    });
}

#[test]
fn the_bridge_server_forgets_too() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        let bridge = BridgeServer::start(world);
        let options = json!({ "server": bridge.origin(), "reference": bridge.reference("maja", 60) });
        world.server.put("shop", "/", world.host_page_for(&bridge.iframe_url(), &format!(", null, {options}")));
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.via);").await, "store");
        world.eval("return provider.setConsent(false);").await;
        world.until_sites("the server is told", |_| bridge.log().contains("/session/clear")).await;
        world.browser.open(&world.url("shop", "/")).await;
        let loaded = world.eval("return provider.loadCookie().then((r) => [r.value, r.via]);").await;
        assert_eq!(loaded, json!([null, "store"]));
    });
}

#[test]
fn a_chat_starts_at_once_without_consent_and_follows_what_comes_with_it() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        let configuration = world.browser.configuration();
        world.visit("help").await;
        world.eval("return provider.saveCookie('from-help');").await;
        let adapters =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist/chat-adapters.js")).unwrap();
        let chat = format!(
            "<script>{adapters}</script><script>
               window.did = [];
               ChatAdapters.attachChat(
                 provider,
                 {{ start: (session) => did.push(['start', session]), follow: (session) => did.push(['follow', session]) }},
                 {{ wait: 60000 }},
               );
             </script>"
        );
        world.server.put("shop", "/", world.host_page(", undefined, { consent: false }").appended(&chat));
        world.browser.open(&world.url("shop", "/")).await;
        world.until("the chat has started", "return did.length === 1;").await;
        world.eval("return provider.setConsent(true);").await;
        world.until("the chat goes on", "return did.length === 2;").await;
        let did = world.eval("return did;").await;
        assert_eq!(did, json!([["start", null], ["follow", "from-help"]]), "{configuration:?}");
    });
}
