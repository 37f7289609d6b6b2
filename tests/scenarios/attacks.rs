//! Hostile pages, frames, neighbours and payloads, beyond those in `strangers`. docs/threat-model.md says which attack each one is.

use end_to_end::{Configuration, Demo, NAME, Page, World, everywhere, scenario};
use serde_json::{Value, json};

use crate::strangers::GREET;

/// A session in the bridge, and the shop's page open, in which `greet` speaks to the bridge as the provider does.
async fn with_session(world: &World, session: &str) {
    world.visit("shop").await;
    world.eval(&format!("return provider.saveCookie({session:?});")).await;
    world.eval(GREET).await;
}

fn nonce() -> String {
    "0".repeat(32)
}

#[test]
fn frames_without_an_origin_get_nothing_even_on_a_listed_site() {
    everywhere(async |world| {
        with_session(world, "secret").await;
        let (script, url) = (json!(world.url("shop", "/cookie-provider.js")), json!(world.iframe_url()));
        let (name, nonce) = (json!(NAME), nonce());
        let page = json!(format!(
            "<!DOCTYPE html><title>no origin</title><script src={script}></script><script>{GREET}
               const provider = new CookieProvider({name}, {url}, undefined, {{ timeout: 3000 }});
               document.querySelector('iframe').addEventListener('load', () => greet(frames[0], '*', '{nonce}'));
               provider.loadCookie().then(() => 'loaded', (error) => error.code)
                 .then((ended) => parent.postMessage({{ origin: self.origin, ended, heard }}, '*'));
             </script>"
        ));
        world
            .eval(&format!(
                "window.told = [];
                 addEventListener('message', ({{ data }}) => data?.ended && told.push(data));
                 const add = (fill) => {{
                   const frame = document.createElement('iframe');
                   fill(frame);
                   document.body.append(frame);
                 }};
                 add((frame) => {{ frame.sandbox = 'allow-scripts'; frame.srcdoc = {page}; }});
                 add((frame) => (frame.src = 'data:text/html,' + encodeURIComponent({page})));"
            ))
            .await;
        world.until("both have waited their time", "return told.length === 2;").await;
        let nothing = json!({ "origin": "null", "ended": "origin-not-trusted", "heard": [] });
        assert_eq!(world.eval("return told;").await, json!([nothing, nothing]));
    });
}

#[test]
fn a_bridge_that_the_page_has_sandboxed_gives_nothing() {
    everywhere(async |world| {
        for sandbox in ["", "allow-scripts", "allow-scripts allow-popups allow-forms"] {
            with_session(world, "secret").await;
            let (name, url, nonce) = (json!(NAME), json!(world.iframe_url()), nonce());
            let ended = world
                .call(&format!(
                    "const make = document.createElement;
                     document.createElement = function (kind, ...more) {{
                       const element = make.call(this, kind, ...more);
                       if (kind === 'iframe') element.sandbox = {sandbox:?};
                       return element;
                     }};
                     const sandboxed = new CookieProvider({name}, {url}, undefined, {{ timeout: 2000 }});
                     const frame = [...document.querySelectorAll('iframe')].at(-1);
                     frame.addEventListener('load', () => greet(frame.contentWindow, '*', '{nonce}'));
                     return sandboxed.loadCookie();"
                ))
                .await;
            // Its origin is not the one that the provider's hello is addressed to; and without scripts there is no bridge.
            let refused = ["origin-not-trusted", "iframe-unreachable"].map(|code| Err(code.to_owned()));
            assert!(refused.contains(&ended), "{sandbox:?}: {ended:?}");
            let heard = world.eval("return JSON.stringify(heard);").await.to_string();
            assert!(!heard.contains("secret"), "{sandbox:?}: {heard}");
        }
    });
}

#[test]
fn what_a_neighbouring_frame_forges_is_not_believed_and_it_hears_nothing() {
    everywhere(async |world| {
        let page = "<!DOCTYPE html><title>neighbour</title><script>
          window.heard = [];
          addEventListener('message', (event) => heard.push(String(event.data)));
          const verdict = { jar: 'shared', readable: true, granted: false, canRequest: false };
          setInterval(() => {
            for (let id = 0; id < 5; id++) {
              for (const message of [
                { v: 1, kind: 'ready', ns: 'cookie-bridge' },
                { v: 1, kind: 'welcome', nonce: '0'.repeat(32) },
                { v: 1, kind: 'loaded', id, value: 'forged', at: 1, ...verdict },
                { v: 1, kind: 'changed' },
                { v: 1, kind: 'incompatible' },
              ]) parent.postMessage(message, '*', [new MessageChannel().port2]);
            }
          }, 25);</script>";
        world.server.put("stranger", "/neighbour", Page::html(page));
        with_session(world, "genuine").await;
        let neighbour = json!(world.url("stranger", "/neighbour"));
        world
            .eval(&format!(
                "const frame = document.createElement('iframe');
                 frame.src = {neighbour};
                 const loaded = new Promise((done) => (frame.onload = done));
                 document.body.append(frame);
                 await loaded;"
            ))
            .await;
        for _ in 0..20 {
            assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "genuine");
        }
        world.add_button("Go", "window.ended = provider.continueSession().then((r) => r.value, (e) => e.code);").await;
        world.browser.click("button").await;
        assert_eq!(world.eval("return window.ended;").await, "genuine");
        assert_eq!(world.own_cookie().await.as_deref(), Some("genuine"));
        world.browser.enter_frame("iframe[src$=neighbour]").await;
        assert_eq!(world.eval("return heard;").await, json!([]));
    });
}

#[test]
fn no_session_passes_where_other_scripts_of_the_page_listen() {
    everywhere(async |world| {
        let listen = "<script>window.overheard = [];
          addEventListener('message', ({ data, ports }) => overheard.push([JSON.stringify(data), ports.length]), true);</script>";
        let page = world.host_page("").replaced("<title>host</title>", &format!("<title>host</title>{listen}"));
        world.server.put("shop", "/", page);
        world.browser.open(&world.url("shop", "/")).await;
        assert_eq!(world.eval("return provider.saveCookie('top-secret').then((r) => r.saved);").await, true);
        assert_eq!(world.eval("return provider.loadCookie().then((r) => r.value);").await, "top-secret");
        world.add_button("Go", "window.ended = provider.continueSession().then((r) => r.value, (e) => e.code);").await;
        world.browser.click("button").await;
        assert_eq!(world.eval("return window.ended;").await, "top-secret");
        // The popup says that it is there; everything else goes over ports, which no message to this window brings.
        let overheard = world.eval("return overheard;").await;
        let ready = json!([r#"{"v":1,"kind":"ready","ns":"cookie-bridge"}"#, 0]);
        assert_eq!(overheard, json!([ready]));
    });
}

#[test]
fn ten_thousand_requests_are_each_answered_once_and_later_ones_are_served() {
    everywhere(async |world| {
        with_session(world, "a").await;
        let bridge = json!(world.server.origin("bridge"));
        world
            .eval(&format!(
                "window.ticks = 0;
                 setInterval(() => (window.ticks += heard.length < 10_002), 10);
                 window.port = greet(frames[0], {bridge}, '{}');
                 for (let id = 2; id < 10_002; id++) port.postMessage({{ v: 1, kind: 'test', id }});",
                nonce()
            ))
            .await;
        world.until("all are answered", "return heard.length === 10_002;").await;
        let ticks = world.eval("return window.ticks;").await.as_u64().unwrap();
        assert!(ticks >= 5, "the page's timers ran meanwhile: {ticks}");
        let ids = "return new Set(heard.map(({ id }) => id)).size;";
        assert_eq!(world.eval(ids).await, 10_002, "the welcome has none, and no request is answered twice");
        world.eval(&format!("port.postMessage({{ v: 1, kind: 'load', id: 20_000, name: {NAME:?} }});")).await;
        world.until("the later one is answered", "return heard.at(-1).id === 20_000;").await;
        assert_eq!(world.eval("return heard.at(-1).value;").await, "a");
    });
}

#[test]
fn odd_payloads_are_ignored_or_refused_by_their_code_and_later_ones_are_served() {
    everywhere(async |world| {
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
    everywhere(async |world| {
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
    everywhere(async |world| {
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
    everywhere(async |world| {
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

#[test]
fn an_opener_that_has_gone_on_to_a_stranger_gets_nothing_from_the_popup() {
    everywhere(async |world| {
        with_session(world, "secret").await;
        let url = json!(world.iframe_url());
        world.add_button("Go", &format!("window.popup = open({url}, 'left-open');")).await;
        world.browser.click("button").await;
        world.until("the bridge runs in the popup", "return window.popup?.length === 1;").await;
        // While it is trusted it is served, so that there is a port which its successor could use.
        let bridge = json!(world.server.origin("bridge"));
        world.eval(&format!("greet(popup, {bridge}, '{}');", nonce())).await;
        world.until("the popup answers", "return heard.some(({ value }) => value === 'secret');").await;

        world.server.put("stranger", "/", world.host_page(", undefined, { timeout: 3000 }"));
        let stranger = world.url("stranger", "/");
        // By the page itself: a driver's navigation might cut it off from its popup.
        world.eval(&format!("setTimeout(() => (location.href = {stranger:?}));")).await;
        world
            .until("the stranger is there", &format!("return location.href === {stranger:?} && 'provider' in window;"))
            .await;
        world.eval(GREET).await;
        // The name finds the popup where the browser lets this page have a hold of it; elsewhere this opens an empty window.
        world.add_button("Go", "window.popup = open('', 'left-open');").await;
        world.browser.click("button").await;
        world.until("there is a window", "return Boolean(window.popup);").await;
        world.eval(&format!("greet(popup, '*', '{}');", nonce())).await;
        // The provider waits its whole timeout for an answer, which is as long as this test would wait for one.
        assert_eq!(world.call("return provider.loadCookie();").await, Err("origin-not-trusted".to_owned()));
        assert_eq!(world.eval("return heard;").await, json!([]));
    });
}

#[test]
fn a_ready_of_another_window_or_of_another_site_in_the_popup_is_not_heard() {
    everywhere(async |world| {
        let forger = world.url("stranger", "/forger");
        let forges = "<!DOCTYPE html><title>forger</title><script>
          setInterval(() => (opener ?? parent).postMessage({ v: 1, kind: 'ready', ns: 'cookie-bridge' }, '*'), 25);</script>";
        world.server.put("stranger", "/forger", Page::html(forges));
        let silent = "<!DOCTYPE html><title>silent</title>".to_owned();
        let leading = format!("<!DOCTYPE html><title>leads on</title><script>location.replace({forger:?});</script>");
        for bridge in [silent, leading] {
            world.server.put("bridge", "/iframe.html", Page::html(bridge.as_str()));
            world.server.put(
                "shop",
                "/",
                world
                    .host_page(", undefined, { timeout: 3000 }")
                    .appended(&format!("<iframe src={forger:?}></iframe>")),
            );
            world.browser.open(&world.url("shop", "/")).await;
            world
                .eval(
                    "window.forged = new Set();
                     addEventListener('message', ({ source, data }) => {
                       if (data?.kind === 'ready') forged.add(source?.top === source ? 'popup' : 'frame');
                     });",
                )
                .await;
            world
                .add_button("Go", "window.ended = provider.continueSession().then(() => 'done', (e) => e.code);")
                .await;
            world.browser.click("button").await;
            // Of a popup that was greeted, it would be said that it does not trust this page.
            assert_eq!(world.eval("return window.ended;").await, "iframe-unreachable", "{bridge}");
            let expected = if bridge.contains("forger") { json!(["frame", "popup"]) } else { json!(["frame"]) };
            assert_eq!(world.eval("return [...forged].sort();").await, expected, "the forgeries came: {bridge}");
        }
    });
}

#[test]
fn a_stranger_around_a_listed_page_hears_nothing() {
    everywhere(async |world| {
        with_session(world, "secret").await;
        let listen = "window.overheard = []; addEventListener('message', ({ data }) => overheard.push(data));";
        let shop = world.url("shop", "/");
        world.server.put(
            "stranger",
            "/",
            Page::html(format!(
                "<!DOCTYPE html><title>around</title><script>{listen}</script><iframe src=\"{shop}\"></iframe>"
            )),
        );
        world.browser.open(&world.url("stranger", "/")).await;
        world.browser.enter_frame("iframe").await;
        world.until("the provider is there", "return 'provider' in window;").await;
        // Whatever it ends with in a frame of a stranger's.
        let _ = world.call("return provider.loadCookie();").await;
        let _ = world.call("return provider.saveCookie('secret');").await;
        world.browser.leave_frame().await;
        assert_eq!(world.eval("return overheard;").await, json!([]));
    });
}

/// What would run if it became HTML.
const MARKUP: &str = "<img src=x onerror=\"document.title='run'\"><b>bold</b>";

#[test]
fn text_of_a_page_never_becomes_html_in_the_button_the_popup_or_the_doctor() {
    everywhere(async |world| {
        let is_text = format!(
            "return document.querySelector('button').textContent === {MARKUP:?} && document.body.children.length === 1
               && !document.querySelector('img, b') && document.title !== 'run';"
        );
        let options = json!({ "label": MARKUP, "lang": MARKUP, "color": MARKUP, "background": MARKUP, "font": MARKUP });
        world.visit("shop").await;
        world
            .eval(&format!(
                "const place = document.body.appendChild(document.createElement('div'));
                 place.id = 'place';
                 provider.mountAccessButton(place, {options}).catch(() => {{}});"
            ))
            .await;
        world.browser.enter_frame("#place iframe").await;
        world.until("the button is there", "return document.querySelector('button') !== null;").await;
        assert_eq!(world.eval(&is_text).await, true, "in the iframe");
        world.browser.leave_frame().await;

        world.add_button("Go", &format!("provider.continueSession({{ confirm: {options} }}).catch(() => {{}});")).await;
        world.browser.click("button").await;
        world.browser.enter_popup().await;
        world.until("the popup asks", "return document.querySelector('button') !== null;").await;
        assert_eq!(world.eval(&is_text).await, true, "in the popup");
        world.browser.close_popup().await;

        let demo = Demo::start();
        let encoded: String = MARKUP.bytes().map(|byte| format!("%{byte:02X}")).collect();
        world.browser.open(&format!("{}doctor.html?domain={encoded}", demo.url("bridge"))).await;
        world.until("the checks have ended", "return document.body.dataset.done === 'true';").await;
        let is_text = "return document.body.textContent.includes('<img src=x') && !document.querySelector('img')
          && document.title !== 'run';";
        assert_eq!(world.eval(is_text).await, true, "in the doctor");
    });
}

#[test]
fn a_hand_over_that_somebody_wrote_into_a_link_is_taken_out_before_the_link_is_used() {
    for configuration in Configuration::BLOCKING {
        scenario(configuration, async |world| {
            let clean = world.url("help", "/?page=2#section");
            let bad = format!("{clean}~cookie-bridge=%5B%22code%22%2C%22{}%22%2C%22{NAME}%22%5D", "A".repeat(22));
            let page = world
                .host_page(", null, { access: ['cookie', 'popup', 'link'] }")
                .appended(&format!("<a id=\"first\" href=\"{bad}\">Look</a>"));
            world.server.put("shop", "/", page);
            world.browser.open(&world.url("shop", "/")).await;
            world.until("it is out", &format!("return document.getElementById('first').href === {clean:?};")).await;
            // One that comes later, and is opened with the browser's menu: there is no click, but the visitor points at it.
            let later = format!(
                "const link = document.body.appendChild(document.createElement('a'));
                 link.href = {bad:?};
                 link.dispatchEvent(new Event('pointerover', {{ bubbles: true }}));
                 return link.href;"
            );
            assert_eq!(world.eval(&later).await, clean, "{configuration:?}");
        });
    }
}
