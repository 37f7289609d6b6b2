//! Browsers that compile WebAssembly later than the script runs, that have none or an old one, and that lack something else.

use end_to_end::{Engine, World, everywhere, everywhere_in_a_soak_and_else_in, unreachable};
use serde_json::json;

/// As in Chromium before version 115: what is larger than 4 KB is compiled on the main thread only asynchronously.
const LIMIT: &str = "<script>
  for (const name of ['Module', 'Instance']) {
    const Real = WebAssembly[name];
    WebAssembly[name] = new Proxy(Real, {
      construct(Class, given) {
        if (name === 'Instance' || given[0].byteLength > 4096) {
          window.refused = (window.refused ?? 0) + 1;
          throw new RangeError('WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger than 4KB.');
        }
        return Reflect.construct(Class, given);
      },
    });
  }
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...given) => {
    // A slow machine.
    if (window.late) await window.late;
    return instantiate(...given);
  };
</script>";

/// A host page with this before its script, and the bridge with that before its own.
async fn visit(world: &World, before: &str, before_bridges: &str) {
    let page = world.host_page("").replaced("<title>", &format!("{before}<title>"));
    world.server.put("shop", "/", page);
    let bridge = world.server.bridge_page(&["shop", "help"]).replaced("<head>", &format!("<head>{before_bridges}"));
    world.server.put("bridge", "/iframe.html", bridge);
    world.browser.open(&world.url("shop", "/")).await;
}

#[test]
fn a_browser_that_compiles_later_has_the_provider_at_once_and_answers_its_calls_then() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let late = format!("<script>window.late = new Promise((go) => {{ window.go = go; }});</script>{LIMIT}");
        visit(world, &late, "").await;
        world
            .eval(
                "window.changes = []; window.off = provider.on('saved', (detail) => changes.push(detail));
                 window.calls = [provider.saveCookie('a'), provider.loadCookie(), provider.cookieTest()];",
            )
            .await;
        let state = "return Promise.race([...calls, new Promise((later) => setTimeout(later, 50, 'waiting'))]);";
        assert_eq!(world.eval(state).await, "waiting");
        assert_eq!(world.eval("return refused;").await, 1);
        let ended = "go(); const [saved, loaded, tested] = await Promise.all(calls); return [saved.saved, loaded.value, tested.jar];";
        assert_eq!(world.eval(ended).await, json!([true, "a", "shared"]));
        // Nobody waits any more.
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "a");
        assert_eq!(world.eval("return changes.length;").await, 0);
    });
}

#[test]
fn a_bridge_whose_browser_compiles_later_answers_too_however_late() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        visit(world, "", LIMIT).await;
        assert_eq!(world.eval("return provider.saveCookie('a').then((r) => r.saved);").await, true);
        // Long after the provider's greeting.
        let late = format!("<script>window.late = new Promise((go) => setTimeout(go, 700));</script>{LIMIT}");
        visit(world, LIMIT, &late).await;
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "a");
        world.browser.enter_frame("iframe").await;
        assert_eq!(world.eval("return [refused, frames.length];").await, json!([1, 1]));
    });
}

#[test]
fn a_provider_that_is_destroyed_before_the_module_runs_ends_its_calls() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        let late = format!("<script>window.late = new Promise((go) => {{ window.go = go; }});</script>{LIMIT}");
        visit(world, &late, "").await;
        world.eval("window.call = provider.loadCookie(); provider.destroy(); go();").await;
        assert_eq!(world.call("return call;").await, Err("destroyed".to_owned()));
        assert_eq!(world.eval("return document.querySelectorAll('iframe').length;").await, 0);
    });
}

#[test]
fn what_a_browser_lacks_is_told_by_a_code() {
    everywhere(async |world| {
        let refuse = "WebAssembly.Module = function () { throw new WebAssembly.CompileError('unknown opcode'); };";
        for (lack, code) in [
            ("delete window.WebAssembly;", "wasm-missing"),
            (&format!("{refuse} WebAssembly.validate = () => false;") as &str, "wasm-missing"),
            (
                "WebAssembly.instantiate = () => Promise.reject(new RangeError()); WebAssembly.Module = () => {};",
                "wasm-blocked",
            ),
            ("delete window.MessageChannel;", "start-failed"),
            ("delete window.AbortController;", "start-failed"),
            ("Object.defineProperty(window, 'crypto', { value: undefined });", "start-failed"),
            ("delete window.setInterval; delete Window.prototype.setInterval;", "start-failed"),
        ] {
            visit(world, &format!("<script>{lack}</script>"), "").await;
            for call in ["loadCookie()", "saveCookie('a')", "clearCookie()", "isTrusted('a')", "continueSession()"] {
                assert_eq!(
                    world.call(&format!("return provider.{call};")).await,
                    Err(code.to_owned()),
                    "{lack} {call}"
                );
            }
            assert_eq!(world.eval("return provider.cookieTest();").await, unreachable(code), "{lack}");
            world.eval("provider.on('change', () => {})(); provider.destroy();").await;
        }
    });
}
