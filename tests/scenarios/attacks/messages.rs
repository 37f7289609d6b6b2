//! Messages of any shape, in any number, to the bridge and from it.

use end_to_end::{Engine, NAME, Page, everywhere_but_long_in, everywhere_in_a_soak_and_else_in};
use serde_json::{Value, json};

use super::{nonce, with_session};

#[test]
fn ten_thousand_requests_are_each_answered_once_and_later_ones_are_served() {
    // In WebKit, which is the fastest, fewer would be over before a timer runs.
    everywhere_but_long_in(Engine::Webkit, async |world, length| {
        let requests = length.choose(10_000, 4_000);
        let answers = requests + 2;
        with_session(world, "a").await;
        let bridge = json!(world.server.origin("bridge"));
        world
            .eval(&format!(
                "window.ticks = 0;
                 setInterval(() => (window.ticks += heard.length < {answers}), 10);
                 window.port = greet(frames[0], {bridge}, '{}');
                 for (let id = 2; id < {answers}; id++) port.postMessage({{ v: 1, kind: 'test', id }});",
                nonce()
            ))
            .await;
        world.until("all are answered", &format!("return heard.length === {answers};")).await;
        let ticks = world.eval("return window.ticks;").await.as_u64().unwrap();
        assert!(ticks >= 5, "the page's timers ran meanwhile: {ticks}");
        let ids = "return new Set(heard.map(({ id }) => id)).size;";
        assert_eq!(world.eval(ids).await, answers, "the welcome has none, and no request is answered twice");
        world.eval(&format!("port.postMessage({{ v: 1, kind: 'load', id: 20_000, name: {NAME:?} }});")).await;
        world.until("the later one is answered", "return heard.at(-1).id === 20_000;").await;
        assert_eq!(world.eval("return heard.at(-1).value;").await, "a");
    });
}

#[test]
fn odd_payloads_are_ignored_or_refused_by_their_code_and_later_ones_are_served() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        with_session(world, "a").await;
        let bridge = json!(world.server.origin("bridge"));
        world.eval(&format!("window.port = greet(frames[0], {bridge}, '{}');", nonce())).await;
        world.until("the port is there", "return heard.length === 2;").await;
        world
            .eval(&format!(
                "heard.length = 0;
                 for (const odd of [null, undefined, 0, NaN, '', 'load', 10n, [], [1,,3], new Date(), new Map([['id', 1]]), new Set([1]),
                   new Error('id'), new Blob(['id']), new ArrayBuffer(8), /id/, JSON.parse('{{\"__proto__\": {{\"id\": 1}}}}'),
                   {{ id: 10n }}, {{ id: '1' }}, {{ id: -1 }}, {{ id: 1.5 }}, {{ id: Infinity }}]) port.postMessage(odd);
                 const save = (id, value) => ({{ v: 1, kind: 'save', id, name: {NAME:?}, value }});
                 const cyclic = {{ v: 1, kind: 'load', id: 2 }};
                 cyclic.name = cyclic;
                 let deep = {{}};
                 for (let i = 0; i < 500; i++) deep = {{ deep }};
                 for (const bad of [cyclic, save(3, 'x'.repeat(10_000_000)), save(4, new Map([['a', 1]])), save(5, new Set(['a'])),
                   save(6, 10n), save(7, new Date()), save(8, deep), save(9, ['a', , 'c']), save(10, new String('a')),
                   {{ ...save(11, 'a'), kind: 'constructor' }}, {{ ...save(12, 'a'), kind: '__proto__' }},
                   {{ ...save(13, 'a'), kind: new String('save') }}]) port.postMessage(bad);
                 const {{ port1, port2 }} = new MessageChannel();
                 window.extra = [];
                 port1.onmessage = ({{ data }}) => extra.push(data);
                 port.postMessage({{ v: 1, kind: 'load', id: 100, name: {NAME:?}, port2 }}, [port2]);"
            ))
            .await;
        world.until("the last one is answered", "return heard.at(-1)?.id === 100;").await;
        let refused: Vec<Value> = (2..14).map(|id| json!([id, "request-malformed"])).collect();
        assert_eq!(world.eval("return heard.slice(0, -1).map(({ id, code }) => [id, code]);").await, json!(refused));
        assert_eq!(world.eval("return heard.at(-1).value;").await, "a", "none of them was saved");
        assert_eq!(world.eval("return extra;").await, json!([]), "a port that comes with a request is not used");
    });
}

#[test]
fn odd_replies_of_a_bridge_are_ignored_or_end_the_call_by_their_code() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let page = "<!DOCTYPE html><title>odd</title><script>
          addEventListener('message', ({ data: hello, ports: [port] }) => {
            if (!port) return;
            port.onmessage = ({ data: { id, kind } }) => {
              if (kind !== 'load') return;
              const verdict = { jar: 'shared', readable: true, granted: false, canRequest: false };
              const forged = { v: 1, kind: 'loaded', id, value: 'forged', at: 1795000000000, ...verdict };
              const cyclic = {};
              cyclic.id = cyclic;
              let deep = {};
              for (let i = 0; i < 500; i++) deep = { deep };
              for (const odd of [null, undefined, 0, NaN, '', 'loaded', 10n, [], [1,,3], new Date(), new Map([['id', id]]), new Set([id]),
                cyclic, deep, 'x'.repeat(10_000_000), JSON.parse('{\"__proto__\": {\"kind\": \"loaded\", \"id\": ' + id + '}}'),
                { ...forged, id: String(id) }, { ...forged, id: BigInt(id) }, { ...forged, id: -1 }, { ...forged, id: id + 1000 },
              ]) port.postMessage(odd);
              const { port2 } = new MessageChannel();
              port.postMessage({ ...forged, jar: new String('shared'), port2 }, [port2]);
              port.postMessage(forged);
            };
            port.postMessage({ v: 1, kind: 'welcome', nonce: hello.nonce });
          });</script>";
        world.server.put("bridge", "/iframe.html", Page::html(page));
        let watch = "<script>window.errors = []; onerror = onunhandledrejection = (event) => errors.push(String(event));</script>";
        let host = world.host_page("").replaced("<title>host</title>", &format!("<title>host</title>{watch}"));
        world.server.put("shop", "/", host);
        world.browser.open(&world.url("shop", "/")).await;
        for _ in 0..2 {
            assert_eq!(world.call("return provider.loadCookie();").await, Err("reply-malformed".to_owned()));
        }
        assert_eq!(world.eval("return errors;").await, json!([]));
        assert_eq!(world.own_cookie().await, None);
    });
}

#[test]
fn every_hello_has_a_nonce_of_its_own() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let page = "<!DOCTYPE html><title>tells</title><script>
          addEventListener('message', ({ data }) => parent.postMessage({ told: data.nonce }, '*'));</script>";
        world.server.put("bridge", "/iframe.html", Page::html(page));
        world.visit("shop").await;
        let url = json!(world.iframe_url());
        world
            .eval(&format!(
                "window.told = [];
                 addEventListener('message', ({{ data }}) => data?.told && told.push(data.told));
                 for (let i = 0; i < 10; i++) new CookieProvider({NAME:?}, {url});"
            ))
            .await;
        world.until("all have greeted", "return told.length >= 10;").await;
        let are_fresh =
            "return told.every((nonce) => /^[0-9a-f]{32}$/.test(nonce)) && new Set(told).size === told.length;";
        assert_eq!(world.eval(are_fresh).await, true);
    });
}

#[test]
fn a_hello_with_no_port_or_with_two_is_ignored() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        with_session(world, "a").await;
        let bridge = json!(world.server.origin("bridge"));
        world
            .eval(&format!(
                "const channels = [0, 1, 2].map(() => new MessageChannel());
                 channels.forEach(({{ port1 }}, at) => (port1.onmessage = ({{ data }}) => heard.push([at, data.kind])));
                 const hello = {{ v: 1, kind: 'hello', ns: 'cookie-bridge', nonce: '{}', cookie: true, storageAccess: true }};
                 frames[0].postMessage(hello, {bridge}, [channels[0].port2, channels[1].port2]);
                 frames[0].postMessage(hello, {bridge});
                 frames[0].postMessage(hello, {bridge}, [channels[2].port2]);",
                nonce()
            ))
            .await;
        // The bridge takes them in their order, so an answer to one of the others would have come first.
        world.until("the last is answered", "return heard.some(([at]) => at === 2);").await;
        assert_eq!(world.eval("return heard;").await, json!([[2, "welcome"]]));
    });
}
