//! Content security: the bridge's own pages and host pages under the strictest policies.

use end_to_end::{Page, World, everywhere};
use serde_json::Value;

/// The directives that a site's pages violated, once there are so many.
async fn violated(world: &World, site: &str, count: usize) -> Vec<String> {
    let violations = || world.server.violations(site);
    for _ in 0..400 {
        if violations().len() >= count {
            return violations().into_iter().map(|(directive, _)| directive).collect();
        }
        // Between two looks at a condition.
        world.eval("return new Promise((next) => setTimeout(next, 25));").await;
    }
    panic!("not {count} violations on {site}: {:#?}", violations());
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
    world
        .eval(
            "const button = document.body.appendChild(document.createElement('button'));
             button.onclick = () => {
               window.ended = provider.continueSession({ confirm: { label: 'Go on', color: '#000' } });
             };",
        )
        .await;
}

#[test]
fn the_bridge_violates_nothing_under_the_policy_that_is_written_for_it_and_trusted_types_are_enforced() {
    const BROKEN: [&str; 2] = ["require-trusted-types-for", "connect-src"];
    everywhere(async |world| {
        world.server.put_strict_bridge("iframe-site", &["shop", "help"]);
        world.visit("shop").await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
        assert_eq!(world.eval("return provider.cookieTest().then((r) => r.jar);").await, "shared");
        world.browser.enter_frame("iframe").await;
        refuses_html(world).await;
        assert_eq!(violated(world, "bridge", 2).await, BROKEN);
        world.browser.leave_frame().await;

        add_button(world).await;
        let page = world.browser.tab().await;
        world.browser.click("button").await;
        world.browser.enter_popup().await;
        world.until("the popup asks", "return document.querySelector('button') !== null;").await;
        refuses_html(world).await;
        assert_eq!(violated(world, "bridge", 4).await, BROKEN.repeat(2), "{:#?}", world.server.violations("bridge"));
        world.browser.click("button").await;
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
        assert_eq!(violated(world, "bridge", 6).await, BROKEN.repeat(3));
    });
}
