//! The extension's commands, with a bridge and without.

use end_to_end::{Engine, Gate, Page, everywhere_in_a_soak_and_else_in};
use serde_json::json;

use super::pages::{Way, begun_late, extension, page, serve};
use super::{open, start_chat, until_event};

#[test]
fn without_a_bridge_or_webassembly_the_widgets_start_all_the_same() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let held = extension(world, "{ wait: 500 }", true);
        serve(world, &begun_late(&held), "session-1");
        let gate = Gate::closed();
        world.server.put("bridge", "/iframe.html", Page::html("no bridge").behind(&gate));
        open(world, "shop").await;
        // Long before the provider gives up, which it does after ten seconds.
        until_event(world, "WebChatService.ready").await;
        assert_eq!(world.eval("return CXBus.log.some(({ event }) => event === 'CookieProvider.error');").await, false);
        gate.open();

        world.server.put("bridge", "/iframe.html", Page::html("no bridge").status(404));
        let gone = extension(world, "{ timeout: 1000 }", true);
        let without_wasm = gone.clone().header("content-security-policy", "script-src 'self' 'unsafe-inline'");
        for (page, codes) in [(gone, ["iframe-unreachable", "timeout"]), (without_wasm, ["wasm-blocked"; 2])] {
            serve(world, &page, "session-1");
            open(world, "shop").await;
            until_event(world, "WebChatService.ready").await;
            until_event(world, "CookieProvider.error").await;
            for command in ["load", "save", "clear", "continue", "test"] {
                let settled = format!(
                    "return new Promise((resolve) => CXBus.command('CookieProvider.{command}')
                       .done((result) => resolve(result.jar)).fail((error) => resolve(error.code)));"
                );
                let settled = world.eval(&settled).await;
                let settled = settled.as_str().expect("a jar or a code");
                let expected = match command {
                    "test" => settled == "unreachable",
                    "save" => settled == "session-missing" || codes.contains(&settled),
                    "continue" => settled == "popup-blocked" || codes.contains(&settled),
                    _ => codes.contains(&settled),
                };
                assert!(expected, "{command}: {settled}");
            }
            assert_eq!(world.eval("return alerts;").await, json!([]), "nothing is known of the browser's cookies");
        }
    });
}

#[test]
fn commands_answer_like_the_providers_methods() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        serve(world, &page(world, Way::Added, "{}"), "session-1");
        open(world, "shop").await;
        start_chat(world).await;
        until_event(world, "CookieProvider.saved").await;
        for (command, result) in [
            ("save", json!({ "saved": true, "via": "cookie", "jar": "shared" })),
            ("clear", json!({ "cleared": true, "via": "cookie", "jar": "shared" })),
            ("load", json!({ "loaded": false, "value": null, "via": "cookie", "jar": "shared", "code": null })),
        ] {
            let answer = world.eval(&format!("return CXBus.command('CookieProvider.{command}');")).await;
            assert_eq!(answer, result, "{command}");
        }
        assert_eq!(world.eval("return (await CXBus.command('CookieProvider.test')).jar;").await, "shared");
    });
}
