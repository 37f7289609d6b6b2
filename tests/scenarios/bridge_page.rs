//! What stands between a host page and the bridge, or has become of the bridge's page on its way: named as what it is, and at once.

use end_to_end::{Engine, Page, World, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::json;

/// So long that a call whose end is not known at once never ends within a scenario.
const LONG: &str = ", undefined, { timeout: 600000 }";

/// Opens a page of the shop with these further arguments for its provider.
async fn open_shop(world: &World, arguments: &str) {
    world.server.put("shop", "/", world.host_page(arguments));
    world.browser.open(&world.url("shop", "/")).await;
}

async fn load(world: &World) -> Result<serde_json::Value, String> {
    world.call("return provider.loadCookie();").await
}

/// A page of the shop meets this bridge page, and its call ends at once with this code.
async fn ends_at_once(world: &World, bridge: Page, code: &str) {
    world.server.put("bridge", "/iframe.html", bridge);
    open_shop(world, LONG).await;
    assert_eq!(load(world).await, Err(code.to_owned()), "{:?}", world.browser.configuration());
    let again = world.eval("return provider.cookieTest().then((result) => result.code);").await;
    assert_eq!(again, code, "a later call");
}

/// The policy of the built page with the list of these sites.
fn policy_for(world: &World, trusted: &[&str]) -> String {
    world.server.policy_of(&world.server.bridge_page(trusted), trusted)
}

/// What the console of the bridge's page says.
async fn console(world: &World) -> String {
    world.browser.open("about:blank").await;
    world.server.put(
        "shop",
        "/frame",
        Page::html(format!("<!DOCTYPE html><iframe src=\"{}\"></iframe>", world.iframe_url())),
    );
    world.browser.open(&world.url("shop", "/frame")).await;
    world.browser.enter_frame("iframe").await;
    world.until("the console has something", "return (window.said ?? []).length > 0;").await;
    let said = world.eval("return said.join(' ');").await.as_str().unwrap().to_owned();
    world.browser.leave_frame().await;
    said
}

/// Records what the page's script writes to its console.
const RECORDED: &str =
    "<head><script>window.said = []; console.error = (...what) => said.push(what.join(' '));</script>";

#[test]
fn a_bridge_is_loaded_once_whatever_else_inserts_frames_into_it() {
    everywhere(async |world| {
        let more = "<script>
            const add = () => document.documentElement.append(document.createElement('iframe'));
            add();
            addEventListener('load', () => { add(); setTimeout(add, 50); });
            setInterval(() => document.querySelectorAll('iframe').length > 9 || add(), 100);
          </script>";
        let page = |trusted| world.server.bridge_page(trusted);
        // The first release's marker has no name, and it knows of no other frame.
        let first_release = page(&["shop"]).replaced(".name=\"cookie-bridge\"", ".title=\"\"");
        for (bridge, code) in [
            (page(&["shop"]).replaced("<head>", &format!("<head>{more}")), None),
            (page(&["shop"]).appended(more), None),
            (page(&["help"]).replaced("<head>", &format!("<head>{more}")), Some("origin-not-trusted")),
            (first_release.clone(), None),
            (first_release.appended(more), None),
        ] {
            let before = world.server.times_asked("bridge", "/iframe.html");
            world.server.put("bridge", "/iframe.html", bridge);
            open_shop(world, ", undefined, { timeout: 1500 }").await;
            for _ in 0..3 {
                let code_of = "return provider.loadCookie().then(() => null, (error) => error.code);";
                assert_eq!(world.eval(code_of).await, json!(code));
                world.eval("return new Promise((next) => setTimeout(next, 60));").await;
            }
            assert_eq!(world.server.times_asked("bridge", "/iframe.html") - before, 1, "{code:?}");
        }
    });
}

#[test]
fn a_page_that_is_cross_origin_isolated_shares_with_one_that_is_not() {
    everywhere(async |world| {
        world.server.put_strict_bridge("iframe-site", &["shop", "help"]);
        for policy in ["require-corp", "credentialless"] {
            let page = world.host_page(LONG).header("cross-origin-opener-policy", "same-origin");
            world.server.put("shop", "/", page.header("cross-origin-embedder-policy", policy));
            world.browser.open(&world.url("shop", "/")).await;
            if policy == "require-corp" {
                assert_eq!(world.eval("return crossOriginIsolated;").await, true);
            }
            let saved = world.eval(&format!("return provider.saveCookie('{policy}');")).await;
            assert_eq!(saved, json!({ "saved": true, "via": "cookie", "jar": "shared" }), "{policy}");
            world.visit("help").await;
            assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, policy);
        }
        // The doctor is embedded as the bridge is.
        let doctor = format!("<!DOCTYPE html><iframe src=\"{}\"></iframe>", world.url("bridge", "/doctor.html"));
        let page = Page::html(doctor).header("cross-origin-opener-policy", "same-origin");
        world.server.put("shop", "/doctor", page.header("cross-origin-embedder-policy", "require-corp"));
        world.browser.open(&world.url("shop", "/doctor")).await;
        world.browser.enter_frame("iframe").await;
        world.until("the checks have ended", "return document.body.dataset.done === 'true';").await;
        for check in ["bridge", "page", "headers"] {
            let status = format!("return document.querySelector('[data-check={check}]').dataset.status;");
            assert_eq!(world.eval(&status).await, "good", "{check}");
        }
    });
}

#[test]
fn a_bridge_without_the_headers_that_an_isolated_page_needs_is_named() {
    everywhere(async |world| {
        let reports = world.browser.configuration().engine() != Engine::Firefox;
        let embedder = "cross-origin-embedder-policy";
        let with = |name: &'static str, value: &str| world.server.bridge_page(&["shop"]).header(name, value);
        for bridge in [
            world.server.bridge_page(&["shop"]),
            with(embedder, "require-corp"),
            with("cross-origin-resource-policy", "cross-origin"),
            with("cross-origin-resource-policy", "same-site").header(embedder, "require-corp"),
        ] {
            world.server.put("bridge", "/iframe.html", bridge);
            let page = world.host_page(if reports { LONG } else { ", undefined, { timeout: 1500 }" });
            let page = page.header("cross-origin-opener-policy", "same-origin").header(embedder, "require-corp");
            world.server.put("shop", "/", page);
            world.browser.open(&world.url("shop", "/")).await;
            assert_eq!(load(world).await, Err("iframe-isolated".to_owned()));
        }
        if reports {
            // Also where the page is not isolated, because it lacks the other header.
            world.server.put("shop", "/", world.host_page(LONG).header(embedder, "require-corp"));
            world.browser.open(&world.url("shop", "/")).await;
            assert_eq!(load(world).await, Err("iframe-isolated".to_owned()));
            // A policy that only reports keeps nothing out.
            let page = world.host_page(LONG).header("cross-origin-embedder-policy-report-only", "require-corp");
            world.server.put("shop", "/", page);
            world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop"]));
            world.browser.open(&world.url("shop", "/")).await;
            assert_eq!(load(world).await.map(|loaded| loaded["jar"].clone()), Ok(json!("shared")));
        }
    });
}

#[test]
fn a_list_that_was_edited_without_its_headers_is_named_in_the_page_the_console_and_the_doctor() {
    everywhere(async |world| {
        // The headers are those of the list without the shop.
        world.server.put_strict_bridge("iframe-site", &["help", "shop"]);
        let older = policy_for(world, &["help", "shop"]);
        let edited = world.server.bridge_page(&["shop", "help"]).under(&older);
        // The doctor is isolated, as its headers say.
        let edited = edited
            .header("cross-origin-embedder-policy", "require-corp")
            .header("cross-origin-resource-policy", "cross-origin");
        ends_at_once(world, edited.clone(), "list-unreadable").await;
        let popup = "window.ended = provider.continueSession().catch((error) => error.code);";
        world.add_button("Go", popup).await;
        let page = world.browser.tab().await;
        world.browser.click("button").await;
        world.browser.go_to_tab(&page).await;
        assert_eq!(world.eval("return window.ended;").await, "list-unreadable", "in the popup");

        world.browser.open(&world.url("bridge", "/doctor.html")).await;
        world.until("the checks have ended", "return document.body.dataset.done === 'true';").await;
        let text = world.eval("return document.body.innerText;").await;
        let text = text.as_str().unwrap();
        for found in ["list-unreadable", "has not the hash of the script with TRUSTED_DOMAINS", "check-site"] {
            assert!(text.contains(found), "{found}: {text}");
        }
        assert!(!text.contains("The headers of iframe.html let the bridge work"), "{text}");
        world.keep_picture("doctor-list-edited").await;

        // The same with a page that records its console, for which the policy allows a hash more.
        let recorded = |trusted| world.server.bridge_page(trusted).replaced("<head>", RECORDED);
        let older = world.server.policy_of(&recorded(&["help", "shop"]), &["help", "shop"]);
        world.server.put("bridge", "/iframe.html", recorded(&["shop", "help"]).under(&older));
        let said = console(world).await;
        assert!(said.contains("did not run") && said.contains("check-site"), "{said}");
    });
}

#[test]
fn a_list_that_cannot_be_read_is_named() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let built = world.server.bridge_page(&["shop"]);
        let list = format!("const TRUSTED_DOMAINS = [{}]", json!(world.server.origin("shop")));
        let with = |other: &str| built.clone().replaced(&list, other);
        let block = |json: &str| {
            let script =
                format!("</script><script type=\"application/json\" id=\"trusted-domains\">{json}</script><script>");
            with(&script)
        };
        for (bridge, why) in [
            (with("const TRUSTED_DOMAINS = [\"https://a.example\" \"https://b.example\"]"), "syntax error"),
            (with("const TRUSTED_DOMAINS = load()"), "cannot be read"),
            (with("const OTHER_DOMAINS = []"), "has no TRUSTED_DOMAINS"),
            (with("const TRUSTED_DOMAINS = 'https://shop.example'"), "not an array"),
            (with("const TRUSTED_DOMAINS = null"), "not an array"),
            (block("['https://shop.example']"), "JSON of #trusted-domains"),
            (block("{}"), "not an array"),
            (
                built.clone().replaced(
                    "<script data-cfasync=\"false\">\n      const",
                    "<script type=\"a-text/javascript\">\nconst",
                ),
                "something changes it",
            ),
        ] {
            ends_at_once(world, bridge.clone(), "list-unreadable").await;
            world.server.put("bridge", "/iframe.html", bridge.replaced("<head>", RECORDED));
            let said = console(world).await;
            assert!(said.contains(why), "{why}: {said}");
        }
        // An empty list is one: it trusts nobody, and tells nobody.
        world.server.put("bridge", "/iframe.html", with("const TRUSTED_DOMAINS = []"));
        open_shop(world, ", undefined, { timeout: 1500 }").await;
        assert_eq!(load(world).await, Err("origin-not-trusted".to_owned()));
    });
}

#[test]
fn a_bridge_page_whose_script_does_not_run_is_named() {
    everywhere(async |world| {
        let page = || world.server.bridge_page(&["shop"]);
        let policy = policy_for(world, &["shop"]);
        let script = "<script data-cfasync=\"false\">(()=>{";
        for (what, bridge) in [
            ("the hash is of another release", page().under(&policy).replaced("(()=>{", "( ()=>{")),
            ("no script may run", page().under("script-src 'none'")),
            ("no WebAssembly may run", page().under(&policy.replace("'wasm-unsafe-eval'", ""))),
            ("its type was changed", page().replaced(script, "<script type=\"a-text/javascript\">(()=>{")),
            ("it has a syntax error", page().replaced(script, "<script>((()=>{")),
            ("it throws", page().replaced(script, "<script>throw 1;(()=>{")),
        ] {
            println!("{what}");
            ends_at_once(world, bridge, "bridge-not-running").await;
        }
        // Spaces in the packed module were merged.
        let altered = page().edited(|text| {
            let (before, module) = text.split_at(text.find("  ").unwrap_or_default().max(text.find("(()=>{").unwrap()));
            before.to_owned() + &module.replace("  ", " ")
        });
        ends_at_once(world, altered, "bridge-not-running").await;
    });
}

#[test]
fn a_bridge_whose_script_runs_late_makes_good_for_it() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        // As Rocket Loader does it: a script of its own runs the others once the page has loaded.
        let loader = "<script>addEventListener('load', () => setTimeout(() => {
            for (const old of document.querySelectorAll('script[type^=rocket]')) {
              const script = document.createElement('script');
              script.text = old.text;
              old.replaceWith(script);
            }
          }, 200));</script>";
        let page = world.server.bridge_page(&["shop"]);
        let page = page.replaced("<script data-cfasync=\"false\">", "<script type=\"rocket-text/javascript\">");
        world.server.put("bridge", "/iframe.html", page.appended(loader));
        open_shop(world, "").await;
        assert_eq!(load(world).await, Err("bridge-not-running".to_owned()));
        let works = "return provider.cookieTest().then((result) => result.jar === 'shared');";
        world.until("the bridge that ran late is greeted", works).await;
    });
}

#[test]
fn an_address_that_redirects_works_within_its_origin_and_is_named_beyond() {
    everywhere(async |world| {
        let to = |address: String| Page::html("").status(302).header("location", &address);
        world.server.put("stranger", "/iframe.html", to(world.iframe_url()));
        world.server.put("shop", "/", world.host_page_for(&world.url("stranger", "/iframe.html"), LONG));
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(load(world).await, Err("iframe-redirected".to_owned()));
        assert_eq!(load(world).await, Err("iframe-redirected".to_owned()), "at once");

        world.server.put("bridge", "/bridge", to(world.url("bridge", "/iframe")));
        world.server.put("bridge", "/iframe", world.server.bridge_page(&["shop"]));
        world.server.put("shop", "/", world.host_page_for(&world.url("bridge", "/bridge"), LONG));
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(load(world).await.map(|loaded| loaded["jar"].clone()), Ok(json!("shared")));
        assert_eq!(world.server.times_asked("bridge", "/bridge"), 1);
    });
}

#[test]
fn a_script_for_host_pages_that_was_changed_on_its_way_says_so() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let script = world.server.script();
        let merged = script.replace("  ", " ");
        assert_ne!(script, merged, "the packed module has spaces");
        world.server.put("shop", "/cookie-provider.js", Page::script(merged));
        open_shop(world, LONG).await;
        assert_eq!(load(world).await, Err("script-altered".to_owned()));
        assert_eq!(world.eval("return provider.cookieTest().then((result) => result.code);").await, "script-altered");
    });
}

#[test]
fn the_doctor_says_something_also_where_its_script_does_not_run() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.server.put_strict_bridge("iframe-site", &["shop"]);
        let doctor = || world.server.built_doctor();
        for (what, page, text) in [
            ("no script may run", doctor().under("script-src 'none'"), "has not run, so nothing was checked"),
            ("a syntax error", doctor().edited(|text| text.replace("(() => {", "((() => {")), "has not run"),
            (
                "it stops",
                doctor().edited(|text| text.replace("id=\"place\"", "id=\"else\"")),
                "The doctor itself stopped",
            ),
        ] {
            world.server.put("bridge", "/doctor.html", page);
            world.browser.open(&world.url("bridge", "/doctor.html")).await;
            let shown = world.eval("return document.body.innerText;").await;
            assert!(shown.as_str().unwrap().contains(text), "{what}: {shown}");
            assert!(shown.as_str().unwrap().contains("Not checked."), "{what}");
        }
        world.server.put("bridge", "/doctor.html", doctor().under("script-src 'none'"));
        world.browser.open(&world.url("bridge", "/doctor.html")).await;
        world.keep_picture("doctor-not-run").await;
    });
}
