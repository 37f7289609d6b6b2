//! What becomes of the iframe when the page, or whatever else is in it, removes it.

use end_to_end::{Engine, Gate, World, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::json;

use super::{page, provider, save_elsewhere};

/// Ways in which a document is drawn anew. Two of them take longer than a turn.
const REDRAWN: [(&str, &str); 9] = [
    ("the iframe", "document.querySelector('iframe').remove();"),
    ("what is in the body", "document.body.innerHTML = '<main>new</main>';"),
    ("the body", "document.body.replaceWith(document.createElement('body'));"),
    ("what is in the document", "document.documentElement.innerHTML = '<head></head><body>new</body>';"),
    (
        "the document's element",
        "const html = document.documentElement.cloneNode(); html.append(document.createElement('body')); document.documentElement.replaceWith(html);",
    ),
    ("the document", "document.open(); document.write('<p>new</p>'); document.close();"),
    (
        "the document, which stays open for long",
        "document.write('<p>new</p>'); setTimeout(() => document.close(), 4000);",
    ),
    (
        "the body for a moment",
        "const { body } = document; body.remove(); setTimeout(() => document.documentElement.append(body), 300);",
    ),
    (
        "everything for a moment",
        "const html = document.documentElement; html.remove(); setTimeout(() => document.append(html), 300);",
    ),
];

#[test]
fn a_document_that_is_drawn_anew_during_the_first_load_gets_its_session() {
    everywhere(async |world| {
        save_elsewhere(world, "from-help").await;
        for (what, redraw) in REDRAWN {
            let gate = Gate::closed();
            world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]).behind(&gate));
            let load = "<script>window.load = provider.loadCookie();</script>";
            world.server.put("shop", "/", page(&format!("{}{load}", provider(world, "")), "<main>main</main>"));
            world.browser.open(&world.url("shop", "/")).await;
            world.until("the iframe is there", "return !!document.querySelector('iframe');").await;
            world
                .eval(&format!(
                    "const {{ load, provider }} = window; {redraw} Object.assign(window, {{ load, provider }});"
                ))
                .await;
            gate.open();
            assert_eq!(world.call("return load.then((r) => r.value);").await, Ok(json!("from-help")), "{what}");
        }
    });
}

/// Waits until the page hears of what another domain saves. Nothing is called on the page.
async fn hears_of_changes(world: &World, what: &str) {
    let shop = world.browser.tab().await;
    world.browser.open_tab().await;
    save_elsewhere(world, what).await;
    world.browser.close_tab().await;
    world.browser.go_to_tab(&shop).await;
    world.until(what, &format!("return changes.includes({what:?});")).await;
}

#[test]
fn a_page_hears_of_changes_after_its_document_was_drawn_anew_and_calls_nothing() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        world.visit("shop").await;
        world.eval("window.changes = []; provider.on('change', ({ value }) => changes.push(value)); return provider.saveCookie('one');").await;
        for (number, (what, redraw)) in REDRAWN.into_iter().enumerate() {
            world.eval(redraw).await;
            println!("{what}");
            hears_of_changes(world, &format!("change-{number}")).await;
        }
    });
}

#[test]
fn the_notice_around_the_access_button_may_go() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.visit("shop").await;
        world
            .eval(
                "window.changes = []; provider.on('change', ({ value }) => changes.push(value));
                 await provider.saveCookie('one');
                 window.notice = document.body.appendChild(document.createElement('aside'));
                 const root = notice.appendChild(document.createElement('div')).attachShadow({ mode: 'closed' });
                 window.place = root.appendChild(document.createElement('div'));
                 window.mounted = provider.mountAccessButton(place).then(() => 'decided', ({ code }) => code);",
            )
            .await;
        world.until("it is mounted", "return !!place.querySelector('iframe');").await;
        world.eval("notice.remove();").await;
        assert_eq!(world.eval("return mounted;").await, "access-button-hidden");
        world.until("it is in the page", "return document.body.lastElementChild.localName === 'iframe';").await;
        assert_eq!(world.eval("return document.querySelector('iframe').getClientRects().length;").await, 0);
        hears_of_changes(world, "two").await;

        // An element that is no longer in the page shows nobody a button.
        assert_eq!(
            world.call("return provider.mountAccessButton(place);").await,
            Err("access-button-hidden".to_owned())
        );
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "two");

        // Only the iframe goes, and is shown again.
        world
            .eval(
                "window.place = document.body.appendChild(document.createElement('div'));
                 window.mounted = provider.mountAccessButton(place).then(() => 'decided', ({ code }) => code);",
            )
            .await;
        world.until("it is mounted", "return !!place.querySelector('iframe');").await;
        world.eval("place.replaceChildren();").await;
        world.until("it is mounted again", "return !!place.querySelector('iframe');").await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "two");
        assert_eq!(world.eval("return Promise.race([mounted, 'open']);").await, "open");
    });
}

#[test]
fn whatever_removes_the_iframe_whenever_it_comes_does_not_keep_the_browser_busy() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let remove = "<script>
            window.removed = 0;
            new MutationObserver(() => document.querySelectorAll('iframe').forEach((iframe) => { removed += 1; iframe.remove(); }))
              .observe(document, { childList: true, subtree: true });
            </script>";
        world.server.put(
            "shop",
            "/",
            page(&format!("{remove}{}", provider(world, ", undefined, { timeout: 4000 }")), "text"),
        );
        world.browser.open(&world.url("shop", "/")).await;
        for _ in 0..2 {
            assert_eq!(world.call("return provider.loadCookie();").await, Err("iframe-unreachable".to_owned()));
        }
        let removed = world.eval("return removed;").await;
        assert!((6..=12).contains(&removed.as_u64().unwrap()), "{removed}");
    });
}
