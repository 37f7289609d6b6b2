//! Ways in which pages include the script and hosts serve the bridge.

use end_to_end::{Engine, Gate, NAME, Page, World, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::json;

#[test]
fn the_sample_page_of_the_documents_works_with_a_load_that_is_not_awaited() {
    everywhere(async |world| {
        world.visit("help").await;
        world.eval("return provider.saveCookie('from-help');").await;

        // The documents' own lines, but for the addresses and where the notification goes.
        let sample = format!(
            r#"<!DOCTYPE html><html lang="en"><head><title>sample</title></head><body>
            <script src="/cookie-provider.js"></script>
            <script>
              const IFRAME_URL = "{}";
              const SESSION_COOKIE_NAME = "{NAME}";
              window.shown = [];
              function showThirdPartyCookieNotification(isEnabled) {{
                  window.shown.push("Third-party cookies are " + (isEnabled ? "enabled" : "disabled"));
              }}
              let cookieProvider = new CookieProvider(SESSION_COOKIE_NAME, IFRAME_URL, showThirdPartyCookieNotification);
              //load cookie
              cookieProvider.loadCookie();
              // you can call cookieProvider.cookieTest with callback
              cookieProvider.cookieTest(showThirdPartyCookieNotification);
              // or without parameter if you provide callback when created instance of CookieProvider
              cookieProvider.cookieTest();
              window.provider = cookieProvider;
            </script></body></html>"#,
            world.iframe_url()
        );
        world.server.put("shop", "/", Page::html(sample));
        world.browser.open(&world.url("shop", "/")).await;
        world.until("the cookie is loaded", &format!("return document.cookie === '{NAME}=from-help';")).await;
        world.until("both notifications came", "return shown.length === 2;").await;
        let shown = world.eval("return shown;").await;
        assert_eq!(shown, json!(["Third-party cookies are enabled", "Third-party cookies are enabled"]));

        world.set_own_cookie("from-shop").await;
        world.eval("provider.saveCookie();").await;
        world.until("the save has arrived", "return provider.loadCookie().then((r) => r.value === 'from-shop');").await;
    });
}

#[test]
fn the_script_works_in_the_head_at_the_end_and_twice() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        let script = "<script src=\"/cookie-provider.js\"></script>";
        let make =
            format!("<script>window.provider = new CookieProvider({NAME:?}, {:?});</script>", world.iframe_url());
        for page in [
            format!(
                "<!DOCTYPE html><html><head><title>head</title>{script}{make}</head><body><p>text</p></body></html>"
            ),
            format!(
                "<!DOCTYPE html><html><head><title>end</title></head><body><p>text</p>{script}{make}</body></html>"
            ),
            format!(
                "<!DOCTYPE html><title>twice</title>{script}{make}<script>window.first = CookieProvider;</script>{script}<script>window.isReplaced = first !== CookieProvider;</script>"
            ),
            format!("<!DOCTYPE html><title>twice, then made</title>{script}{script}{make}"),
        ] {
            world.server.put("shop", "/", Page::html(page.as_str()));
            world.browser.open(&world.url("shop", "/")).await;
            let saved = world.eval("return provider.saveCookie('a').then((r) => r.saved);").await;
            assert_eq!(saved, true, "{page}");
            let frames = world.eval("return document.querySelectorAll('iframe').length;").await;
            assert_eq!(frames, 1, "{page}");
            let is_replaced = world.eval("return window.isReplaced ?? false;").await;
            assert_eq!(is_replaced, false, "a second copy must not replace the first");
        }
    });
}

#[test]
fn two_providers_with_different_names_on_one_page_keep_their_sessions_apart() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let url = world.iframe_url();
        world.visit("shop").await;
        let make = format!("window.other = new CookieProvider('chat', {url:?});");
        world.eval(&make).await;
        let saved = "return Promise.all([provider.saveCookie('one'), other.saveCookie('two')]).then((all) => all.map((r) => r.saved));";
        assert_eq!(world.eval(saved).await, json!([true, true]));
        world.visit("help").await;
        world.eval(&make).await;
        let loaded =
            "return Promise.all([provider.loadCookie(), other.loadCookie()]).then((all) => all.map((r) => r.value));";
        assert_eq!(world.eval(loaded).await, json!(["one", "two"]));
        world.eval("return other.clearCookie();").await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "one");
    });
}

/// Makes a provider after the page has loaded, and calls it at once, while the bridge page stands behind a gate.
async fn calls_are_answered_once_open(world: &World, bridge: Page, gate: &Gate) {
    world.server.put(
        "shop",
        "/",
        Page::html("<!DOCTYPE html><title>shop</title><script src=\"/cookie-provider.js\"></script>"),
    );
    world.browser.open(&world.url("shop", "/")).await;
    world.server.put("bridge", "/iframe.html", bridge);
    let url = json!(world.iframe_url());
    world
        .eval(&format!(
            "window.provider = new CookieProvider({NAME:?}, {url});
         window.calls = [provider.saveCookie('a'), provider.loadCookie()];"
        ))
        .await;
    let state = "return Promise.race([calls[0].then(() => 'answered'), 'waiting']);";
    assert_eq!(world.eval(state).await, "waiting");
    gate.open();
    let values =
        world.eval("const [saved, loaded] = await Promise.all(calls); return [saved.saved, loaded.value];").await;
    assert_eq!(values, json!([true, "a"]));
}

#[test]
fn calls_made_before_a_late_iframe_are_answered() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let gate = Gate::closed();
        let page = world.server.bridge_page(&["shop"]).behind(&gate);
        calls_are_answered_once_open(world, page, &gate).await;
    });
}

#[test]
fn calls_made_while_half_of_the_iframe_has_arrived_are_answered() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let gate = Gate::closed();
        let page = world.server.bridge_page(&["shop"]).halting_before("initSync", &gate);
        calls_are_answered_once_open(world, page, &gate).await;
    });
}

#[test]
fn the_bridge_works_under_a_strict_policy_with_its_list_in_a_data_block() {
    everywhere(async |world| {
        let built = world.server.built_bridge_page();
        let (before, rest) = built.split_once("<script data-cfasync=\"false\">").unwrap();
        let (_, after) = rest.split_once("</script>").unwrap();
        let list = json!([world.server.origin("shop"), world.server.origin("help")]);
        let page = format!("{before}<script type=\"application/json\" id=\"trusted-domains\">{list}</script>{after}");
        // The one script that is left, by its hash, as check-site will write it.
        let (_, code) = page.rsplit_once("<script data-cfasync=\"false\">").unwrap();
        let (code, _) = code.split_once("</script>").unwrap();
        world.browser.open(&world.url("shop", "/cookie-provider.js")).await;
        let digest = format!(
            "const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode({}));
             return btoa(String.fromCharCode(...new Uint8Array(bytes)));",
            json!(code)
        );
        let hash = world.eval(&digest).await;
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{}' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
            hash.as_str().unwrap()
        );
        world.server.put("bridge", "/iframe.html", Page::html(page).header("content-security-policy", &policy));

        world.visit("shop").await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
        world.visit("help").await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "a");
    });
}

#[test]
fn the_bridge_page_is_one_request() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.visit("shop").await;
        world.eval("return provider.saveCookie('a');").await;
        let asked = world.server.asked("bridge");
        assert_eq!(asked, ["/iframe.html"]);
    });
}

#[test]
fn a_mistake_in_the_list_is_named_on_the_console_and_the_other_entries_work() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let built = world.server.built_bridge_page();
        let shop = world.server.origin("shop");
        let list = ["https://*.com", &shop, "https://help.example/path"];
        let page = demo_server::with_trusted_domains(&built, &list).unwrap();
        let keep = "<script>window.kept = []; console.error = (text) => kept.push(text);</script>";
        world.server.put("bridge", "/iframe.html", Page::html(page).replaced("<head>", &format!("<head>{keep}")));
        world.visit("shop").await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
        world.browser.open(&world.iframe_url()).await;
        let kept = world.eval("return kept.join('\\n');").await.to_string();
        assert!(kept.contains("https://*.com") && kept.contains("top-level domain"), "{kept}");
        assert!(kept.contains("https://help.example/path"), "{kept}");
    });
}

#[test]
fn a_list_that_is_missing_or_empty_or_none_trusts_nobody_and_says_so() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let built = world.server.built_bridge_page();
        let (before, rest) = built.split_once("<script data-cfasync=\"false\">").unwrap();
        let (_, after) = rest.split_once("</script>").unwrap();
        for (list, code, said) in [
            ("", "list-unreadable", "the page has no TRUSTED_DOMAINS"),
            ("<script>const TRUSTED_DOMAINS = '*';</script>", "list-unreadable", "is not an array"),
            ("<script>const TRUSTED_DOMAINS = [];</script>", "origin-not-trusted", "the list is empty"),
        ] {
            let keep = "<script>window.kept = []; console.error = (...texts) => kept.push(texts.join(' '));</script>";
            world.server.put("bridge", "/iframe.html", Page::html(format!("{before}{keep}{list}{after}")));
            world.server.put("shop", "/", world.host_page(", undefined, { timeout: 2000 }"));
            world.browser.open(&world.url("shop", "/")).await;
            assert_eq!(world.call("return provider.loadCookie();").await, Err(code.to_owned()), "{list}");
            world.browser.open(&world.iframe_url()).await;
            let kept = world.eval("return kept.join('\\n');").await.to_string();
            assert!(kept.contains("TRUSTED_DOMAINS") && kept.contains(said), "{list}: {kept}");
        }
    });
}
