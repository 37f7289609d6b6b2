//! The documents' snippet for pages whose scripts come late, in another order, or not at all.

use end_to_end::{Page, World, everywhere};
use serde_json::json;

/// The snippet with the addresses of this world, and a chat that notes how it was started.
fn snippet(world: &World) -> (String, String) {
    let document = include_str!("../../docs/late-or-blocked.md");
    let (_, rest) = document.split_once("```html\n").unwrap();
    let (snippet, _) = rest.split_once("```").unwrap();
    let snippet = snippet.replace("https://bridge.example/iframe.html", &world.iframe_url());
    let chat = "<script>
        window.chats = [];
        function startChat(configuration) { chats.push([configuration.language, document.cookie]); }
        </script>";
    (chat.to_owned(), snippet)
}

/// The part of the snippet that is the element of the provider's script.
fn element(snippet: &str) -> String {
    let start = snippet.find("<script data-cfasync").unwrap();
    let end = start + snippet[start..].find("</script>").unwrap() + "</script>".len();
    snippet[start..end].to_owned()
}

async fn open(world: &World, content: &str) {
    let errors = "<script>window.errors = []; addEventListener('error', ({ message }) => message && errors.push(message));</script>";
    world.server.put("shop", "/", Page::html(format!("<!DOCTYPE html><title>shop</title>{errors}{content}")));
    world.browser.open(&world.url("shop", "/")).await;
    world.until("the chat starts", "return chats.length === 1;").await;
    assert_eq!(world.eval("return errors;").await, json!([]));
}

#[test]
fn the_chat_of_the_documents_snippet_starts_wherever_the_script_comes_and_if_it_never_comes() {
    everywhere(async |world| {
        world.visit("help").await;
        world.eval("return provider.saveCookie('from-help');").await;
        let (chat, snippet) = snippet(world);
        let script = element(&snippet);
        let without = snippet.replace(&script, "");
        let with_session = json!([["en", "chat-session=from-help"]]);
        for (what, page) in [
            ("as it is", format!("{chat}{snippet}")),
            ("deferred", format!("{chat}{}", snippet.replace("<script data-cfasync", "<script defer data-cfasync"))),
            ("after the code that uses it", format!("{chat}{without}{script}")),
        ] {
            open(world, &page).await;
            assert_eq!(world.eval("return chats;").await, with_session, "{what}");
        }
        for (what, page) in [
            ("blocked", format!("{chat}{}", snippet.replace("src=\"cookie-provider.js\"", "src=\"/blocked.js\""))),
            ("removed", format!("{chat}{without}")),
        ] {
            open(world, &page).await;
            assert_eq!(world.eval("return chats.map(([language]) => language);").await, json!(["en"]), "{what}");
            assert_eq!(world.eval("return typeof CookieProvider;").await, "undefined", "{what}");
        }
    });
}
