//! Entries of `TRUSTED_DOMAINS` with less than everything.

use end_to_end::{
    Configuration, Engine, NAME, Page, World, everywhere, everywhere_in_a_soak_and_else_in,
    in_each_in_a_soak_and_else_in,
};
use serde_json::json;

/// How a call of a provider for this name ends on the open page: with its value, or the code of its error.
async fn ends(world: &World, name: &str, call: &str) -> serde_json::Value {
    let url = json!(world.iframe_url());
    world
        .eval(&format!(
            "const provider = new CookieProvider({name:?}, {url});
             const end = await provider.{call}.then((r) => r.value ?? r.saved ?? r.cleared ?? null, (error) => error.code);
             provider.destroy();
             return end;"
        ))
        .await
}

#[test]
fn a_page_gets_no_further_than_its_entry_says() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let entry = |site: &str, access: &[&str]| json!({ "origin": world.server.origin(site), "cookies": [NAME], "access": access });
        let other = json!({ "origin": world.server.origin("stranger"), "cookies": ["other"] });
        let list = [entry("shop", &["save"]), entry("help", &["load"]), other];
        world.server.put("bridge", "/iframe.html", world.server.bridge_page_listing(&list));
        for (site, name, call, end) in [
            ("shop", NAME, "saveCookie('secret')", json!(true)),
            ("shop", NAME, "loadCookie()", json!("not-allowed")),
            ("help", NAME, "loadCookie()", json!("secret")),
            ("help", NAME, "saveCookie('mine')", json!("not-allowed")),
            ("help", NAME, "clearCookie()", json!("not-allowed")),
            ("stranger", NAME, "loadCookie()", json!("not-allowed")),
            ("stranger", NAME, "saveCookie('mine')", json!("not-allowed")),
            ("stranger", "other", "saveCookie('of the other product')", json!(true)),
            ("stranger", "other", "loadCookie()", json!("of the other product")),
            ("help", "other", "loadCookie()", json!("not-allowed")),
            ("help", NAME, "loadCookie()", json!("secret")),
            ("shop", NAME, "clearCookie()", json!(true)),
            ("help", NAME, "loadCookie()", json!(null)),
        ] {
            world.visit(site).await;
            assert_eq!(ends(world, name, call).await, end, "{site}: {name}.{call}");
        }
    });
}

#[test]
fn each_browser_reads_entries_as_the_checks_outside_of_it_do() {
    everywhere(async |world| {
        let mut list = vec![json!(world.server.origin("shop"))];
        list.extend(
            [
                "https://b\u{fc}cher.example",
                "https://\u{ff27}\u{ff2f}.example",
                "HTTPS://Upper.Example:443",
                "https://*.stra\u{df}e.example",
                "https://ex\u{2100}mple.test",
                "https://trusted%2eexample",
                "https://0x7f.1",
                "https://[::1]",
            ]
            .map(|entry| json!(entry)),
        );
        world.server.put("bridge", "/iframe.html", world.server.bridge_page_listing(&list));
        world.visit("shop").await;
        for (origin, is_trusted) in [
            ("https://xn--bcher-kva.example", true),
            ("https://go.example", true),
            ("https://upper.example", true),
            ("https://a.xn--strae-oqa.example", true),
            ("https://a.strasse.example", false),
            ("https://exa/cmple.test", false),
            ("https://trusted.example", false),
            ("https://127.0.0.1", false),
            ("https://[::1]", false),
        ] {
            assert_eq!(world.eval(&format!("return provider.isTrusted({origin:?});")).await, is_trusted, "{origin}");
        }
    });
}

#[test]
fn a_popup_gets_no_further_than_the_entry_of_its_opener_says() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        let load_only = json!({ "origin": world.server.origin("help"), "access": ["load"] });
        let list = [json!(world.server.origin("shop")), load_only];
        world.server.put("bridge", "/iframe.html", world.server.bridge_page_listing(&list));
        for (site, value, end) in [("shop", "secret", json!("secret")), ("help", "mine", json!("not-allowed"))] {
            world.visit(site).await;
            world.eval(&format!("return provider.saveCookie({value:?}).catch(() => {{}});")).await;
            // A page that tries it all the same: as if the bridge had not told it yet.
            world.eval(&format!("document.cookie = '__Host-bridge-note.{NAME}=1.save.; Path=/; Secure';")).await;
            let action = "window.ended = provider.continueSession().then((r) => r.value, (error) => error.code);";
            world.add_button("Continue", action).await;
            world.browser.click("button").await;
            assert_eq!(world.eval("return window.ended;").await, end, "{site}");
        }
    });
}

#[test]
fn a_link_carries_an_offer_only_to_a_page_that_may_load_and_from_one_that_may_save() {
    in_each_in_a_soak_and_else_in(Engine::Chromium, Configuration::BLOCKING, async |world| {
        for (of_shop, of_help, is_offered) in [
            (&["load", "save"][..], &["load"][..], true),
            (&["load"], &["load", "save"], false),
            (&["load", "save"], &["save"], false),
        ] {
            let entry = |site, access| json!({ "origin": world.server.origin(site), "access": access });
            let list = [entry("shop", of_shop), entry("help", of_help)];
            world.server.put("bridge", "/iframe.html", world.server.bridge_page_listing(&list));
            let arguments = ", undefined, { access: ['cookie', 'link'] }";
            let help = world.url("help", "/plain");
            let page = world.host_page(arguments).appended(&format!("<a id=\"link\" href=\"{help}\">Help</a>"));
            world.server.put("shop", "/", page);
            world.server.put("help", "/plain", Page::html("<!DOCTYPE html><title>plain</title>"));
            world.browser.open(&world.url("shop", "/")).await;
            world.set_own_cookie("secret").await;
            world.eval("await provider.cookieTest();").await;
            if is_offered {
                crate::link::ready(world, "help").await;
            } else {
                // The visitor points at it; the bridge answers in the order in which it was asked.
                world.eval("document.links[0].dispatchEvent(new PointerEvent('pointerover', { bubbles: true })); await provider.cookieTest();").await;
            }
            world.browser.click("#link").await;
            world.until("the visitor is there", &format!("return location.href.startsWith({help:?});")).await;
            let has_offer = world.eval("return location.hash.includes('~cookie-bridge=');").await;
            assert_eq!(has_offer, is_offered, "{of_shop:?} {of_help:?}");
        }
    });
}
