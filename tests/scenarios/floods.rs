//! Floods, huge payloads and reconnect storms: what they cost is bounded, and later requests are served. Each scenario runs at full
//! length in another engine.

use std::time::Duration;

use end_to_end::{Engine, Length, Page, World, everywhere_but_long_in};
use serde_json::{Value, json};

use crate::strangers::GREET;

/// Keeps a hold of the module's memory, so that a test can see how large it is.
const WATCH_MEMORY: &str = "<script>
  WebAssembly.Instance = class extends WebAssembly.Instance {
    constructor(module, imports) {
      super(module, imports);
      window.memory = Object.values(this.exports).find((value) => value instanceof WebAssembly.Memory);
    }
  };
  window.moduleBytes = () => memory.buffer.byteLength;
</script>";

/// What is thrown at a window and over a port: `attack(window, origin)`. `SHARE` of the whole is thrown, from 0 to 1.
const ATTACK: &str = "
  const huge = 'x'.repeat(10_000_000);
  let deep = {}; for (let i = 0; i < 500; i++) deep = { deep };
  const hello = (nonce) => ({ v: 1, kind: 'hello', ns: 'cookie-bridge', nonce, cookie: true, storageAccess: true });
  const request = (id, more) => ({ v: 1, id, kind: 'load', name: 'chat-session', ...more });
  window.attack = async (target, origin) => {
    // A burst of small messages, and a storm of new connections, each with a burst of requests.
    for (let i = 0; i < 10_000 * SHARE; i++) target.postMessage({ flood: i }, origin);
    for (let i = 0; i < 500 * SHARE; i++) {
      const { port1, port2 } = new MessageChannel();
      target.postMessage(hello(String(i).padStart(32, '0')), origin, [port2]);
      for (let id = 0; id < 10; id++) port1.postMessage(request(id));
    }
    const { port1, port2 } = new MessageChannel();
    target.postMessage(hello('f'.repeat(32)), origin, [port2]);
    for (let id = 0; id < 10_000 * SHARE; id++) port1.postMessage(request(id));
    for (let i = 0; i < 5 * SHARE; i++) {
      target.postMessage(huge, origin);
      target.postMessage(hello(huge), origin, [new MessageChannel().port2]);
      port1.postMessage(request(i, { kind: 'save', value: huge }));
      port1.postMessage(request(i, { kind: huge, name: huge }));
      port1.postMessage(request(i, { kind: 'show', text: huge }));
      port1.postMessage({ ...request(i), deep, bytes: new Uint8Array(10_000_000) });
    }
    // Until all of them have been taken in: messages keep their order. A stranger hears nothing and gives them time.
    await new Promise((heard) => {
      port1.onmessage = ({ data }) => data.id === 4_000_000_000 && heard();
      port1.postMessage(request(4_000_000_000, { kind: 'trusts', text: origin }));
      setTimeout(heard, 1000 + 2000 * SHARE);
    });
  };";

/// What is thrown at this length.
fn attack(length: Length) -> String {
    format!("const SHARE = {};{ATTACK}", length.choose("1", "0.1"))
}

/// Waits until the browser has given back what a flood took, to within half as much again and 128 MB.
async fn calms_down(world: &World, before: u64) {
    let limit = before + before / 2 + (128 << 20);
    for _ in 0..120 {
        if world.browser.memory() <= limit {
            return;
        }
        // A browser collects its garbage when it likes: when it is idle, which it never is on a busy machine, or when a page allocates more.
        world.eval("return Array.from({ length: 20 }, () => new Uint8Array(1_000_000).length).length;").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{} MB before, {} MB now", before >> 20, world.browser.memory() >> 20);
}

/// Rounds of an attack, after each of which the memory of the module is what it was; afterwards the browser's is, too.
async fn withstands(world: &World, length: Length, attack: &str, module_bytes: impl AsyncFn() -> Value) {
    // The first round warms up: compilers, caches.
    world.eval(attack).await;
    let (bytes, before) = (module_bytes().await, world.browser.memory());
    let mut most = before;
    for _ in 0..length.choose(3, 1) {
        world.eval(attack).await;
        assert_eq!(module_bytes().await, bytes);
        most = most.max(world.browser.memory());
    }
    calms_down(world, before).await;
    let now = world.browser.memory();
    let configuration = world.browser.configuration();
    println!(
        "{configuration:?}: module {bytes} bytes; browser {} MB, at most {} MB, then {} MB",
        before >> 20,
        most >> 20,
        now >> 20
    );
}

/// What a page of this site throws at the bridge.
async fn flood_the_bridge(world: &World, length: Length, site: &str) {
    let page = world.server.bridge_page(&["shop", "help"]).replaced("<head>", &format!("<head>{WATCH_MEMORY}"));
    world.server.put("bridge", "/iframe.html", page);
    world.visit("help").await;
    world.eval("return provider.saveCookie('a');").await;
    world.visit(site).await;
    world.until("the bridge is there", "return frames[0]?.length === 1;").await;
    world.eval(&attack(length)).await;
    let attack = format!("await attack(frames[0], {:?});", world.server.origin("bridge"));
    let module_bytes = async || {
        world.browser.enter_frame("iframe").await;
        let bytes = world.eval("return moduleBytes();").await;
        world.browser.leave_frame().await;
        bytes
    };
    withstands(world, length, &attack, module_bytes).await;
    world.visit("shop").await;
    assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "a");
}

#[test]
fn a_flood_from_a_listed_page_takes_no_lasting_memory_of_the_bridge_which_answers_afterwards() {
    everywhere_but_long_in(Engine::Webkit, async |world, length| flood_the_bridge(world, length, "shop").await);
}

#[test]
fn a_flood_from_a_stranger_takes_no_lasting_memory_of_the_bridge_which_answers_afterwards() {
    everywhere_but_long_in(Engine::Chromium, async |world, length| flood_the_bridge(world, length, "stranger").await);
}

#[test]
fn a_flood_from_the_iframe_or_a_neighbour_takes_no_lasting_memory_of_the_page_whose_calls_end() {
    everywhere_but_long_in(Engine::Firefox, async |world, length| {
        // What the address of the bridge serves has been taken over, and answers whatever is asked with a flood.
        let attack = attack(length);
        let hostile = format!(
            "<!DOCTYPE html><title>hostile</title><script>{GREET}{attack}
               const answers = (id) => ['loaded', 'saved', 'tested', 'failed', 'changed', 'constructor'].map((kind) =>
                 ({{ v: 1, id, kind, jar: 'shared', readable: true, granted: false, canRequest: false, value: huge, at: 1, code: huge }}));
               addEventListener('message', ({{ data, ports: [port] }}) => {{
                 if (!port) return;
                 port.postMessage({{ v: 1, kind: 'welcome', nonce: data.nonce }});
                 port.onmessage = ({{ data }}) => {{
                   for (let i = 0; i < 2000; i++) port.postMessage({{ v: 1, kind: 'changed' }});
                   for (const answer of answers(data.id)) port.postMessage(answer);
                   for (let id = 0; id < 2000; id++) port.postMessage({{ v: 1, kind: 'trusted', id, done: true }});
                 }};
                 attack(parent, '*');
               }});
               document.documentElement.append(document.createElement('iframe'));
             </script>"
        );
        world.server.put("bridge", "/iframe.html", Page::html(hostile));
        let page = world.host_page(", undefined, { timeout: 2000 }");
        world.server.put("shop", "/", page.replaced("<title>", &format!("{WATCH_MEMORY}<title>")));
        world.browser.open(&world.url("shop", "/")).await;
        let attack = "const frame = document.querySelector('iframe');
             frame.src = frame.src;
             const calls = [provider.loadCookie(), provider.saveCookie('a'), provider.cookieTest(), provider.clearCookie()];
             await Promise.allSettled(calls);";
        withstands(world, length, attack, async || world.eval("return moduleBytes();").await).await;

        world.server.put("bridge", "/iframe.html", world.server.bridge_page(&["shop", "help"]));
        world.visit("shop").await;
        assert_eq!(world.eval("return provider.saveCookie('b').then((r) => r.saved);").await, true);
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, json!("b"));
    });
}
