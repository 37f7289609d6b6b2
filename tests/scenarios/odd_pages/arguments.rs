//! What a page passes, and the documents in which it makes a provider: no constructor throws, and every call ends.

use end_to_end::{Engine, NAME, Page, everywhere, everywhere_in_a_soak_and_else_in};
use serde_json::json;

/// Makes all kinds of values, and what calls end with for each of them in each place. What throws is a failure.
const TRY_ALL: &str = r"
  const thrower = () => { throw new Error('the page'); };
  const revoked = () => { const { proxy, revoke } = Proxy.revocable(function () {}, {}); revoke(); return proxy; };
  const cycle = {}; cycle.self = cycle;
  const values = {
    nothing: undefined, null: null, number: 7, bigint: 7n, symbol: Symbol('s'), text: 'text', huge: 'x'.repeat(1e7), function: () => {},
    array: [], cycle, bare: Object.create(null), revoked: revoked(), throwing: new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower }),
    getters: Object.defineProperties({}, Object.fromEntries(
      ['timeout', 'maxAge', 'access', 'server', 'reference', 'confirm', 'accessElement', 'accessButton', 'label'].map(
        (key) => [key, { get: thrower, enumerable: true }]))),
    words: { toString: thrower, valueOf: thrower, toJSON: thrower, [Symbol.toPrimitive]: thrower },
    element: document.createElement('p'), window, document, date: new Date(NaN), promise: Promise.resolve(1),
  };
  const short = { timeout: 300, access: ['cookie', 'storage-access', 'popup', 'store'] };
  const made = {};
  for (const [name, value] of Object.entries(values)) {
    made['name: ' + name] = () => new CookieProvider(value, URL_OF_BRIDGE, undefined, short);
    made['address: ' + name] = () => new CookieProvider(NAME, value, undefined, short);
    made['callback: ' + name] = () => new CookieProvider(NAME, URL_OF_BRIDGE, value, short);
    made['options: ' + name] = () => new CookieProvider(NAME, URL_OF_BRIDGE, undefined, value);
    for (const option of ['timeout', 'maxAge', 'access', 'server', 'reference'])
      made[option + ': ' + name] = () => new CookieProvider(NAME, URL_OF_BRIDGE, undefined, { ...short, [option]: value });
  }
  made['no arguments'] = () => new CookieProvider();
  const failed = [];
  // A call that does not end holds up the scenario, which is limited.
  const end = async (what, call) => {
    try {
      await call();
    } catch (error) {
      if (!error.code) failed.push(what + ' ended with ' + error);
    }
  };
  for (const [what, make] of Object.entries(made)) {
    let provider;
    try { provider = make(); } catch (error) { failed.push(what + ' threw ' + error); continue; }
    await end(what + ', load', () => provider.loadCookie());
    provider.destroy();
  }
  const provider = new CookieProvider(NAME, URL_OF_BRIDGE, undefined, { timeout: 5000 });
  await provider.cookieTest();
  for (const [name, value] of Object.entries(values)) {
    await end('save: ' + name, () => provider.saveCookie(value ?? 1));
    await end('lifetime: ' + name, () => provider.saveCookie('a', value));
    await end('trusts: ' + name, () => provider.isTrusted(value));
    await end('test: ' + name, () => provider.cookieTest(value));
    if (name !== 'element') await end('mount: ' + name, () => provider.mountAccessButton(value));
    await end('continue: ' + name, () => provider.continueSession(value));
    try { provider.on(value, value)(); } catch (error) { failed.push('on: ' + name + ' threw ' + error); }
  }
  return failed;";

#[test]
fn no_argument_makes_a_constructor_or_a_call_throw_and_every_call_ends() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        world.visit("shop").await;
        let url = json!(world.iframe_url());
        let failed = world.eval(&format!("const NAME = {NAME:?}, URL_OF_BRIDGE = {url}; {TRY_ALL}")).await;
        assert_eq!(failed, json!([]), "{failed:#}");
    });
}

/// A document that makes a provider, calls it, and reports to the page that it is in.
fn document(script: &str, url: &str) -> String {
    format!(
        "<script src=\"{script}\"></script><script>
           let provider;
           const tell = (what) => parent.postMessage({{ told: what }}, '*');
           try {{
             provider = new CookieProvider({NAME:?}, {url:?}, undefined, {{ timeout: 3000 }});
             Promise.all([provider.loadCookie(), provider.saveCookie('a')]).then(
               () => tell('works'), (error) => tell(error.code || String(error)));
           }} catch (error) {{ tell('threw ' + error); }}
         </script>"
    )
}

#[test]
fn in_any_kind_of_document_a_provider_is_made_and_its_calls_end() {
    everywhere(async |world| {
        let (script, url) = (world.url("shop", "/cookie-provider.js"), world.iframe_url());
        let inner = document(&script, &url);
        let xhtml = format!(
            "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>x</title></head><body>{}</body></html>",
            inner.replace("=>", "=&gt;").replace("&&", "&amp;&amp;")
        );
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\">{}</svg>",
            inner.replace(" src=", " href=").replace("=>", "=&gt;")
        );
        world.server.put("shop", "/xhtml", Page::html(xhtml).header("content-type", "application/xhtml+xml"));
        world.server.put("shop", "/svg", Page::html(svg).header("content-type", "image/svg+xml"));
        world.server.put("shop", "/inner", Page::html(format!("<!DOCTYPE html>{inner}")));
        world.server.put(
            "shop",
            "/frameset",
            Page::html(format!("<!DOCTYPE html><html><head>{inner}</head><frameset></frameset></html>")),
        );
        world.server.put("shop", "/", Page::html("<!DOCTYPE html><title>outer</title>"));
        world.browser.open(&world.url("shop", "/")).await;
        for (what, attributes, expected) in [
            ("a document of a frame", json!({ "src": "/inner" }), vec!["works"]),
            ("a document without a body", json!({ "src": "/frameset" }), vec!["works"]),
            ("XHTML", json!({ "src": "/xhtml" }), vec!["works"]),
            // An SVG image has no cookies of its own in some engines.
            ("SVG", json!({ "src": "/svg" }), vec!["works", "iframe-unreachable", "start-failed"]),
            ("srcdoc", json!({ "srcdoc": inner }), vec!["works"]),
            (
                "sandboxed",
                json!({ "src": "/inner", "sandbox": "allow-scripts" }),
                vec!["origin-not-trusted", "iframe-unreachable"],
            ),
            (
                "sandboxed srcdoc",
                json!({ "srcdoc": inner, "sandbox": "allow-scripts" }),
                vec!["origin-not-trusted", "iframe-unreachable"],
            ),
            (
                "data:",
                json!({ "src": format!("data:text/html,{}", inner.replace('%', "%25").replace('#', "%23")) }),
                vec!["origin-not-trusted", "iframe-unreachable"],
            ),
        ] {
            let told = world
                .eval(&format!(
                    "return new Promise((told) => {{
                       addEventListener('message', ({{ data }}) => data?.told && told(data.told), {{ once: false }});
                       const frame = document.createElement('iframe');
                       Object.entries({attributes}).forEach(([name, value]) => frame.setAttribute(name, value));
                       document.body.append(frame);
                       setTimeout(() => told('nothing'), 20000);
                     }}).finally(() => document.querySelector('iframe').remove());"
                ))
                .await;
            let told = told.as_str().unwrap();
            assert!(expected.contains(&told), "{what}: {told}");
        }
    });
}

#[test]
fn a_provider_outlives_the_frame_that_made_it() {
    everywhere_in_a_soak_and_else_in(Engine::Firefox, async |world| {
        world.server.put("shop", "/inner", world.host_page(""));
        world.server.put("shop", "/", Page::html("<!DOCTYPE html><title>outer</title><iframe src='/inner'></iframe>"));
        world.browser.open(&world.url("shop", "/")).await;
        world.until("the frame has a provider", "return !!frames[0].provider;").await;
        let code = "const { provider } = frames[0];
             document.querySelector('iframe').remove();
             const thrown = [];
             for (const call of ['loadCookie', 'saveCookie', 'clearCookie', 'cookieTest', 'continueSession', 'destroy', 'isTrusted'])
               try { provider[call]('a'); } catch (error) { thrown.push(call + ' threw ' + error); }
             return thrown;";
        assert_eq!(world.eval(code).await, json!([]));
    });
}
