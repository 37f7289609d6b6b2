//! Content security: the bridge's own pages and host pages under the strictest policies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use end_to_end::{
    BridgeServer, Configuration, Engine, NAME, Page, RETURN_PAGE, World, everywhere, in_each,
    in_each_in_a_soak_and_else_in, unreachable,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha384};

use crate::link::{SESSION, arrived, ready};

/// What `break_policy` violates, sorted: reports overtake each other.
const BROKEN: [&str; 2] = ["connect-src", "require-trusted-types-for"];

/// The directives that a site's pages violated, sorted, once there are those of so many calls of `break_policy`. Any other would have come
/// before them.
async fn violated(world: &World, site: &str, times: usize) -> Vec<String> {
    let violations = || world.server.violations(site);
    for _ in 0..400 {
        if violations().len() >= BROKEN.len() * times {
            let mut directives: Vec<String> = violations().into_iter().map(|(directive, _)| directive).collect();
            directives.sort_unstable();
            return directives;
        }
        // Between two looks at a condition.
        world.eval("return new Promise((next) => setTimeout(next, 25));").await;
    }
    panic!("{site} was to be told of {times} times {BROKEN:?}: {:#?}", violations());
}

/// What `violated` returns if there is nothing else.
fn broken(times: usize) -> Vec<&'static str> {
    BROKEN.into_iter().flat_map(|directive| vec![directive; times]).collect()
}

/// Breaks the policy of the page at hand on purpose, so that what it violated before would have been told by then. What an assignment of
/// text to `innerHTML` ends with.
async fn break_policy(world: &World) -> Value {
    let html = world.call("document.body.innerHTML = 'x'; return 'taken';").await;
    world.eval("await fetch('https://nobody.invalid/').catch(() => {});").await;
    html.unwrap_or_else(Value::from)
}

/// What every engine says of text for `innerHTML` where Trusted Types are required.
async fn refuses_html(world: &World) {
    let html = break_policy(world).await;
    assert!(html.as_str().unwrap().starts_with("TypeError"), "{:?}: {html}", world.browser.configuration());
}

/// Adds a button that opens the popup, which has a button, too.
async fn add_button(world: &World) {
    let action = "window.ended = provider.continueSession({ confirm: { label: 'Go on', color: '#000' } });";
    world.add_button("Go", action).await;
}

#[test]
fn the_bridge_violates_nothing_under_the_policy_that_is_written_for_it_and_trusted_types_are_enforced() {
    everywhere(async |world| {
        world.server.put_strict_bridge("iframe-site", &["shop", "help"]);
        world.visit("shop").await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
        assert_eq!(world.eval("return provider.cookieTest().then((r) => r.jar);").await, "shared");
        world.browser.enter_frame("iframe").await;
        refuses_html(world).await;
        assert_eq!(violated(world, "bridge", 1).await, broken(1));
        world.browser.leave_frame().await;

        add_button(world).await;
        let page = world.browser.tab().await;
        world.browser.click("button").await;
        world.browser.enter_popup().await;
        world.until("the popup asks", "return document.querySelector('button') !== null;").await;
        refuses_html(world).await;
        assert_eq!(violated(world, "bridge", 2).await, broken(2), "{:#?}", world.server.violations("bridge"));
        world.click_bridge_button().await;
        world.browser.go_to_tab(&page).await;
        assert_eq!(world.eval("return window.ended.then((r) => r.value);").await, "a");

        let doctor = format!("<!DOCTYPE html><iframe src=\"{}\"></iframe>", world.url("bridge", "/doctor.html"));
        world.server.put("shop", "/doctor", Page::html(doctor));
        world.browser.open(&world.url("shop", "/doctor")).await;
        world.browser.enter_frame("iframe").await;
        world.until("the checks have ended", "return document.body.dataset.done === 'true';").await;
        for check in ["wasm", "bridge", "trusted", "jar", "headers"] {
            let status = format!("return document.querySelector('[data-check={check}]').dataset.status;");
            assert_eq!(world.eval(&status).await, "good", "{check}");
        }
        world.browser.click("[data-check=popup] button").await;
        let tried = "return document.querySelector('[data-check=popup]').dataset.status === 'good';";
        world.until("the popup has worked", tried).await;
        refuses_html(world).await;
        assert_eq!(violated(world, "bridge", 3).await, broken(3));
    });
}

/// A host page under a strict policy, with what the documents name and nothing else.
struct StrictPage<'a> {
    /// The source in `script-src` that lets the script in.
    script: String,
    /// What allows WebAssembly, or nothing.
    wasm: &'a str,
    /// The attribute `integrity` of the script's element.
    integrity: Option<String>,
    bridge: String,
    options: Value,
    /// What the page does first.
    prelude: &'a str,
    /// More directives, for what is not in every page.
    more: &'a str,
    /// What follows the page's own script.
    content: String,
}

impl StrictPage<'_> {
    /// One that names the script by its address.
    fn new(world: &World, site: &str) -> Self {
        Self {
            script: world.url(site, "/cookie-provider.js"),
            wasm: "'wasm-unsafe-eval'",
            integrity: None,
            bridge: world.iframe_url(),
            options: json!({}),
            prelude: "",
            more: "",
            content: String::new(),
        }
    }

    async fn open(&self, world: &World, site: &str) {
        let Self { script, wasm, integrity, bridge, options, prelude, more, content } = self;
        let origin = bridge.trim_end_matches("/iframe.html");
        // The nonce and the icon are the test page's own.
        let policy = format!(
            "default-src 'none'; script-src {script} {wasm} 'nonce-page'; frame-src {origin}; img-src data:; base-uri 'none'; \
             form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'{more}"
        );
        let integrity = integrity.as_ref().map_or_else(String::new, |hash| format!(" integrity=\"{hash}\""));
        let name = json!(NAME);
        let page = format!(
            "<!DOCTYPE html><title>strict</title><link rel=\"icon\" href=\"data:,\">
             <script nonce=\"page\">window.kept = []; console.warn = (what) => kept.push(String(what)); {prelude}</script>
             <script src=\"/cookie-provider.js\"{integrity}></script>
             <script nonce=\"page\">
               window.refused = [];
               window.provider = new CookieProvider({name}, {bridge:?}, null, {options});
               provider.on('refused', ({{ code }}) => refused.push(code));
               window.loaded = provider.loadCookie();
             </script><p>A host page.</p>{content}"
        );
        world.server.put(site, "/", Page::html(page).under(&policy));
        world.browser.open(&world.url(site, "/")).await;
    }
}

/// `integrity` of the script that the sites serve.
fn integrity(world: &World) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(world.server.script().as_bytes())))
}

/// Clicks both.
async fn go_through_popup(world: &World) -> Value {
    add_button(world).await;
    world.click_through_popup("button").await;
    world.eval("return window.ended;").await
}

#[test]
fn host_pages_work_under_a_strict_policy_with_the_scripts_address_or_hash_and_violate_nothing() {
    everywhere(async |world| {
        let hash = integrity(world);
        for by_hash in [false, true] {
            let page = |site: &str| {
                let page = StrictPage::new(world, site);
                if by_hash {
                    StrictPage { script: format!("'{hash}'"), integrity: Some(hash.clone()), ..page }
                } else {
                    StrictPage { integrity: Some(hash.clone()), ..page }
                }
            };
            let value = if by_hash { "b" } else { "a" };
            page("shop").open(world, "shop").await;
            let saved =
                world.eval(&format!("await loaded; return provider.saveCookie('{value}').then((r) => r.saved);")).await;
            assert_eq!(saved, true, "{by_hash}");
            assert_eq!(world.eval("return provider.cookieTest().then((r) => r.jar);").await, "shared");
            assert_eq!(go_through_popup(world).await["value"], value, "{by_hash}");
            world
                .eval(
                    "const place = document.body.appendChild(document.createElement('div'));
                     provider.mountAccessButton(place);",
                )
                .await;
            let is_there = "return document.querySelector('div iframe')?.style.height === '44px';";
            world.until("the iframe is in its place", is_there).await;
            let loaded = world.eval("return provider.loadCookie().then((r) => r.value);").await;
            assert_eq!(loaded, value, "from the iframe in its new place");
            assert_eq!(world.eval("return kept;").await, json!([]), "{by_hash}");

            page("help").open(world, "help").await;
            assert_eq!(world.eval("return loaded.then((r) => r.value);").await, value, "{by_hash}");
            refuses_html(world).await;
            let times = if by_hash { 2 } else { 1 };
            assert_eq!(violated(world, "help", times).await, broken(times), "{by_hash}");
            assert_eq!(world.server.violations("shop"), [], "{by_hash}");
        }
    });
}

#[test]
fn under_a_strict_policy_a_link_hands_the_session_over_and_violates_nothing() {
    in_each(Configuration::BLOCKING, async |world| {
        let page = |site, content: String| StrictPage {
            options: json!({ "access": ["cookie", "storage-access", "popup", "link"] }),
            // For its return page, which has a policy of its own.
            more: "; connect-src 'self'",
            content,
            ..StrictPage::new(world, site)
        };
        let policy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";
        for site in ["shop", "help"] {
            world.server.put(site, RETURN_PAGE, world.server.return_page().under(policy));
        }
        let link = format!("<a id=\"link\" href=\"{}\">Our other shop</a>", world.url("help", "/"));
        page("help", String::new()).open(world, "help").await;
        page("shop", link).open(world, "shop").await;
        world.set_own_cookie(SESSION).await;
        world.eval("await loaded; await provider.saveCookie();").await;
        ready(world, "help").await;
        world.browser.click("#link").await;
        arrived(world).await;
        assert_eq!(world.eval("return [await loaded.then((r) => r.via), refused];").await, json!(["link", []]));
        refuses_html(world).await;
        assert_eq!(violated(world, "help", 1).await, broken(1), "{:#?}", world.server.violations("help"));
        assert_eq!(world.server.violations("shop"), []);
    });
}

#[test]
fn a_policy_without_the_bridge_server_is_told_with_what_to_add() {
    in_each_in_a_soak_and_else_in(Engine::Webkit, Configuration::BLOCKING, async |world| {
        let bridge = BridgeServer::start(world);
        let options = json!({ "server": bridge.origin(), "reference": bridge.reference("maja", 60) });
        let more = format!("; connect-src {}", bridge.origin());
        for (more, via) in [("", "local"), (more.as_str(), "store")] {
            let options = options.clone();
            let page = StrictPage { bridge: bridge.iframe_url(), options, more, ..StrictPage::new(world, "shop") };
            page.open(world, "shop").await;
            let saved = world.eval("await loaded; return provider.saveCookie('a').then((r) => r.via);").await;
            assert_eq!(saved, via, "{more}");
            let told = format!("add {} to connect-src", bridge.origin());
            let is_told = format!("return kept.some((text) => text.includes({told:?}));");
            if via == "local" {
                world.until("the console says what to add", &is_told).await;
            } else {
                assert_eq!(world.eval("return kept;").await, json!([]));
            }
        }
    });
}

#[test]
fn a_policy_without_the_bridges_frame_is_told_at_once_with_what_to_add() {
    everywhere(async |world| {
        // Longer than a scenario may take: nothing here ends because the time is up.
        let host = || world.host_page(", null, { timeout: 600000 }");
        for policy in ["frame-src 'self'", "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'"] {
            world.server.put("shop", "/", host().header("content-security-policy", policy));
            world.browser.open(&world.url("shop", "/")).await;
            // The first may be made before the browser has told, the others after.
            for call in ["loadCookie()", "saveCookie('a')", "mountAccessButton(document.body)"] {
                assert_eq!(world.call(&format!("return provider.{call};")).await, Err("iframe-forbidden".to_owned()));
            }
            assert_eq!(world.eval("return provider.cookieTest();").await, unreachable("iframe-forbidden"));
            let message = world.eval("return provider.loadCookie().catch((error) => error.message);").await;
            assert!(message.as_str().unwrap().contains("frame-src"), "{message}");
            assert_eq!(go_through_popup(world).await["via"], "popup", "a popup is no frame");
        }
        // What is only reported is not forbidden.
        let page = host().header("content-security-policy-report-only", "frame-src 'none'");
        world.server.put("shop", "/", page);
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
    });
}

#[test]
fn the_build_without_webassembly_works_where_neither_site_allows_any_and_together_with_the_other() {
    everywhere(async |world| {
        let visit = async |site: &str, is_with_wasm: bool| {
            let page = StrictPage::new(world, site);
            let wasm = if is_with_wasm { page.wasm } else { "" };
            StrictPage { wasm, ..page }.open(world, site).await;
        };
        world.server.put_strict_bridge("no-wasm/iframe-site", &["shop", "help"]);
        world.server.put_script_without_wasm("shop");
        // The other build sees what this one must not need.
        visit("help", false).await;
        assert_eq!(world.call("return loaded;").await, Err("wasm-blocked".to_owned()));
        let before = world.server.violations("help");
        visit("shop", false).await;
        assert_eq!(world.eval("return loaded.then((r) => r.jar);").await, "shared");
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
        assert_eq!(
            world.eval("return provider.cookieTest().then((r) => [r.jar, r.code]);").await,
            json!(["shared", null])
        );
        assert_eq!(go_through_popup(world).await["value"], "a");

        // Much at once, all of it as large as it can be: the memory cannot grow.
        let largest = "x".repeat(4068 - NAME.len());
        let flood = format!(
            "const ends = await Promise.all(Array.from({{ length: 60 }}, (_, i) =>
               i % 2 ? provider.saveCookie({largest:?}) : provider.isTrusted('https://' + 'x'.repeat(8000) + '.example')));
             return [ends.filter((end) => end.saved).length, ends.filter((end) => end === false).length];"
        );
        for _ in 0..5 {
            assert_eq!(world.eval(&flood).await, json!([30, 30]));
        }
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, largest);
        assert!(world.call("return provider.isTrusted('x'.repeat(3e6));").await.is_err(), "more than there is");
        assert_eq!(world.eval("return provider.saveCookie('b').then((r) => r.saved);").await, true);

        world.browser.enter_frame("iframe").await;
        refuses_html(world).await;
        assert_eq!(violated(world, "bridge", 1).await, broken(1), "{:#?}", world.server.violations("bridge"));
        world.browser.leave_frame().await;

        let (_, report) = &world.server.violations("bridge")[0];
        assert!(!report.contains("wasm-unsafe-eval"), "the policy that was written: {report}");

        world.browser.open(&world.url("bridge", "/doctor.html")).await;
        world.until("the checks have ended", "return document.body.dataset.done === 'true';").await;
        for check in ["wasm", "bridge", "headers"] {
            let status = format!("return document.querySelector('[data-check={check}]').dataset.status;");
            assert_eq!(world.eval(&status).await, "good", "{check}");
        }
        assert_eq!(violated(world, "bridge", 1).await, broken(1), "{:#?}", world.server.violations("bridge"));

        // A page with WebAssembly and this bridge, then one without and a bridge with it.
        visit("help", true).await;
        assert_eq!(world.eval("return loaded.then((r) => r.value);").await, "b");
        assert_eq!(world.eval("return provider.saveCookie('c').then((r) => r.saved);").await, true);
        world.server.put_strict_bridge("iframe-site", &["shop", "help"]);
        // As where a visitor's browser has none at all.
        let prelude = "delete window.WebAssembly;";
        StrictPage { wasm: "", prelude, ..StrictPage::new(world, "shop") }.open(world, "shop").await;
        assert_eq!(world.eval("return loaded.then((r) => r.value);").await, "c");
        assert_eq!(world.eval("return provider.saveCookie('d').then((r) => r.saved);").await, true);
        assert_eq!(go_through_popup(world).await["value"], "d");
        assert_eq!(world.eval("return kept;").await, json!([]));
        assert_eq!(world.server.violations("help"), before);
        assert_eq!(world.server.violations("shop"), []);
    });
}
