//! When the iframe comes into the page, and what waits for it.

use std::time::Duration;

use end_to_end::{Gate, NAME, Page, everywhere};
use serde_json::json;

use super::{open_unwatched, page, provider, save_elsewhere};

const IMAGE: &str = "<svg xmlns='http://www.w3.org/2000/svg'/>";

#[test]
fn a_page_loads_while_its_bridge_does_not_answer() {
    everywhere(async |world| {
        let gate = Gate::closed();
        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop"]).behind(&gate));
        let image = Gate::closed();
        let provider = provider(world, ", undefined, { timeout: 60000 }");
        let later = provider
            .replacen("<script>", "<script>addEventListener('DOMContentLoaded', () => {", 1)
            .replace(");</script>", ")});</script>");
        for (name, page, has_image) in [
            ("in the head", page(&provider, "<p>text</p>"), false),
            ("at the end", page("", &format!("<p>text</p>{provider}")), false),
            ("deferred", page(&later, "<p>text</p>"), false),
            ("with an image that takes long", page(&provider, "<img src=/slow.svg>"), true),
        ] {
            world.server.put("shop", "/", page);
            world.server.put("shop", "/slow.svg", Page::html(IMAGE).behind(&image));
            let address = world.url("shop", "/");
            world.browser.open("about:blank").await;
            if has_image {
                // The driver waits for the page's `load`, for which the iframe is not the only reason to wait.
                open_unwatched(world).await;
                world.until_asked("shop", "/slow.svg").await;
                world.until_asked_times("bridge", "/iframe.html", 4).await;
                image.open();
            }
            world.browser.open(&address).await;
            world.until(name, "return document.readyState === 'complete';").await;
            let state = "return Promise.race([provider.loadCookie().then(() => 'answered'), 'waiting']);";
            assert_eq!(world.eval(state).await, "waiting", "{name}");
        }
        gate.open();
        world.until("it answers", "return provider.loadCookie().then((r) => r.jar === 'shared');").await;
    });
}

#[test]
fn a_bridge_that_is_there_is_not_loaded_anew_for_what_never_ends_and_lets_the_page_load_in_the_end() {
    everywhere(async |world| {
        save_elsewhere(world, "from-help").await;
        let never = Gate::closed();
        let slow = || Page::html(IMAGE).behind(&never);
        world.server.put("bridge", "/never.svg", slow());
        let bridge = world.server.bridge_page(&["shop", "help"]).appended("<img src=/never.svg>");
        world.server.put("bridge", "/iframe.html", bridge);
        let report = "<script>
            provider.loadCookie().then(({ value }) => fetch('/session-' + value));
            addEventListener('load', () => fetch('/load'));
          </script>";
        let script = provider(world, "");
        let before = world.server.times_asked("bridge", "/iframe.html");
        // The page itself waits for something, too.
        let image = Gate::closed();
        world.server.put("shop", "/slow.svg", Page::html(IMAGE).behind(&image));
        world.server.put("shop", "/", page(&format!("{script}{report}"), "<img src=/slow.svg>"));
        open_unwatched(world).await;
        world.until_asked("shop", "/session-from-help").await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(world.server.times_asked("bridge", "/iframe.html") - before, 1, "it is there");
        image.open();
        world.until_asked("shop", "/load").await;
        never.open();
    });
}

#[test]
fn nothing_is_added_to_a_document_before_it_is_parsed_and_then_only_at_the_end_of_its_body() {
    everywhere(async |world| {
        save_elsewhere(world, "from-help").await;
        // As a framework does that hydrates the document, by a script that is deferred.
        let watch = "<script>
            window.added = [];
            new MutationObserver((records) => {
              for (const { addedNodes, target } of records)
                for (const node of addedNodes)
                  if (node.localName === 'iframe') added.push([target.localName, document.readyState, node === target.lastChild]);
            }).observe(document, { childList: true, subtree: true });
            </script>
            <script type=\"module\">window.hydrated = document.documentElement.outerHTML;</script>";
        let load = "<script>window.load = provider.loadCookie();</script>";
        let head = format!("{watch}{}{load}", provider(world, ""));
        world.server.put("shop", "/", page(&head, "<main>main</main><footer>footer</footer>"));
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval("return load.then((r) => r.value);").await, "from-help");
        let added = world.eval("return added;").await;
        assert!(
            added == json!([["body", "interactive", true]]) || added == json!([["body", "complete", true]]),
            "{added}"
        );
        let children = "return [...document.documentElement.children].map(({ localName }) => localName);";
        assert_eq!(world.eval(children).await, json!(["head", "body"]));
        assert_eq!(world.eval("return document.body.lastElementChild.localName;").await, "iframe");
    });
}

#[test]
fn a_page_that_is_parsed_for_long_gets_its_session_meanwhile() {
    everywhere(async |world| {
        save_elsewhere(world, "from-help").await;
        let gate = Gate::closed();
        let head =
            format!("{}<script>provider.loadCookie().then(() => fetch('/loaded'));</script>", provider(world, ""));
        // WebKit begins with nothing less.
        let filling = format!("<!--{}-->", "-".repeat(4096));
        let body = format!("<main>main</main>{filling}<footer>footer</footer>");
        let slow = page(&head, &body).halting_before("<footer>", &gate);
        world.server.put("shop", "/", slow);
        open_unwatched(world).await;
        world.until_asked("shop", "/loaded").await;
        gate.open();
        world
            .until(
                "the page is there",
                "return document.readyState === 'complete' && !!document.querySelector('footer');",
            )
            .await;
        assert_eq!(world.own_cookie().await.as_deref(), Some("from-help"), "{NAME}");
    });
}

#[test]
fn pages_of_other_kinds_get_their_session() {
    everywhere(async |world| {
        save_elsewhere(world, "from-help").await;
        let script = provider(world, "");
        let inline = script.replace("<script>", "<script>//<![CDATA[\n").replace(";</script>", ";//]]></script>");
        let xhtml = format!(
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title>{inline}</head><body><p>text</p></body></html>"
        );
        for (name, page) in [
            (
                "frameset",
                Page::html(format!(
                    "<!DOCTYPE html><title>x</title>{script}<frameset><frame src=\"about:blank\"/></frameset>"
                )),
            ),
            ("no doctype", Page::html(format!("{script}text"))),
            ("XHTML", Page::xhtml(xhtml)),
            ("no body", page(&script, "<script>document.body.remove();</script>")),
        ] {
            world.server.put("shop", "/", page);
            world.browser.open(&world.url("shop", "/")).await;
            let loaded = world.call("return provider.loadCookie().then((r) => r.value);").await;
            assert_eq!(loaded, Ok(json!("from-help")), "{name}");
        }
    });
}

#[test]
fn a_page_that_comes_back_from_the_history_works_on() {
    everywhere(async |world| {
        save_elsewhere(world, "one").await;
        world.visit("shop").await;
        world.eval("window.isKept = true; addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; });").await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "one");
        save_elsewhere(world, "two").await;
        world.browser.go_back().await;
        world.until("the page is back", "return !!window.provider;").await;
        println!("{}", world.eval("return [window.isKept, window.persisted];").await);
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "two");
    });
}
