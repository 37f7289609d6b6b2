//! A framework that counts the timers of a page (Zone.js) sees none of the provider's once its calls have ended.

use end_to_end::{
    Configuration, Engine, Page, World, everywhere, everywhere_in_a_soak_and_else_in, in_each_in_a_soak_and_else_in,
};
use serde_json::json;

/// Counts what waits for a time, as such a framework does: before any other script.
const COUNT: &str = "<script>
    window.waiting = new Map();
    window.begun = 0;
    const isOfDriver = (act) => String(act).includes('JavaScriptTimeout');
    for (const [begin, end, isOnce] of [['setTimeout', 'clearTimeout', true], ['setInterval', 'clearInterval', false],
        ['requestAnimationFrame', 'cancelAnimationFrame', true], ['requestIdleCallback', 'cancelIdleCallback', true]]) {
      const [first, last] = [window[begin], window[end]];
      if (!first) continue;
      window[begin] = (act, ...rest) => {
        if (!isOfDriver(act)) begun++;
        const id = first.call(window, (...given) => { if (isOnce) waiting.delete(begin + id); act(...given); }, ...rest);
        if (!isOfDriver(act)) waiting.set(begin + id, String(act));
        return id;
      };
      window[end] = (id) => { waiting.delete(begin + id); last.call(window, id); };
    }
  </script>";

async fn open(world: &World, arguments: &str) {
    world.server.put("shop", "/", counting(world.host_page(arguments)));
    world.browser.open(&world.url("shop", "/")).await;
}

fn counting(page: Page) -> Page {
    page.replaced("<title>", &format!("{COUNT}<title>"))
}

/// That the calls leave nothing that waits, in the same turn in which they have ended.
async fn leaves_none(world: &World, calls: &str) {
    let left = world.eval(&format!("{calls}; return [...waiting.values()];")).await;
    assert_eq!(left, json!([]), "{calls}");
}

#[test]
fn no_timer_is_left_of_a_call_that_has_ended() {
    everywhere(async |world| {
        open(world, "").await;
        for calls in [
            "await provider.saveCookie('a')",
            "await provider.loadCookie()",
            "await provider.cookieTest()",
            "await provider.isTrusted(location.origin)",
            "await provider.ready()",
            "await provider.saveCookie()",
            "await Promise.all([provider.loadCookie(), provider.saveCookie('b'), provider.cookieTest()])",
            "await provider.clearCookie()",
            "await provider.mountAccessButton('none').catch(() => {})",
            "await provider.saveCookie('\\u00e9').catch(() => {})",
            "provider.loadCookie().catch(() => {}); provider.saveCookie(); provider.destroy(); await null",
        ] {
            leaves_none(world, calls).await;
        }
        open(world, ", undefined, { timeout: 500 }").await;
        world.eval("document.querySelector('iframe').src = 'about:blank';").await;
        leaves_none(world, "await provider.loadCookie().catch(() => {})").await;
        leaves_none(world, "await provider.cookieTest()").await;
    });
}

#[test]
fn nothing_is_timed_again_and_again_while_nothing_is_called() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        open(world, "").await;
        world.eval("await provider.saveCookie('a'); await provider.saveCookie(); window.before = begun;").await;
        // Longer than the chat's next session is looked for, by a clock of the driver's own.
        let is_over = "const start = performance.now();
            while (performance.now() - start < 6000) await fetch('/cookie-provider.js', { method: 'HEAD' });
            return begun - before;";
        assert_eq!(world.eval(is_over).await, 0);
    });
}

#[test]
fn no_timer_is_left_of_a_popup() {
    in_each_in_a_soak_and_else_in(Engine::Firefox, Configuration::BLOCKING, async |world| {
        open(world, "").await;
        let go_on =
            "window.end = provider.continueSession().then(() => [...waiting.values()], () => [...waiting.values()]);";
        world.add_button("Continue", go_on).await;
        world.browser.click("button").await;
        assert_eq!(world.eval("return end;").await, json!([]));
    });
}
