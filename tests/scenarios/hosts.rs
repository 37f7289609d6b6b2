//! The bridge behind web servers of other people: nginx and Caddy, with the files that `check-site` writes.

use end_to_end::{Engine, ForeignHost, World, everywhere_in_a_soak_and_else_in};
use serde_json::{Value, json};

/// A page of a site whose bridge is on this host.
async fn visit(world: &World, host: &ForeignHost, site: &str, options: &Value) {
    world.server.put(site, "/", world.host_page_for(&host.iframe_url(), &format!(", null, {options}")));
    world.browser.open(&world.url(site, "/")).await;
}

async fn the_bridge_works_there(world: &World, host: &ForeignHost) {
    visit(world, host, "shop", &json!({})).await;
    let saved = world.eval("return provider.saveCookie('a');").await;
    assert_eq!(saved, json!({ "saved": true, "via": "cookie", "jar": "shared" }));
    visit(world, host, "help", &json!({})).await;
    let loaded = world.eval("return provider.loadCookie();").await;
    assert_eq!(loaded, json!({ "loaded": true, "value": "a", "via": "cookie", "jar": "shared", "code": null }));

    // The largest sessions of three products together are more than a web server's usual 8 KB for one line.
    let large = |call: &str| {
        let url = json!(host.iframe_url());
        format!(
            "const done = [];
             for (const name of ['one', 'two', 'three']) {{
               const provider = new CookieProvider(name, {url});
               done.push(await provider.{call});
               provider.destroy();
             }}
             return done;"
        )
    };
    let saved = world.eval(&large("saveCookie('x'.repeat(4000)).then((result) => result.saved)")).await;
    assert_eq!(saved, json!([true, true, true]));
    visit(world, host, "shop", &json!({})).await;
    let loaded = world.eval(&large("loadCookie().then((result) => result.value.length)")).await;
    assert_eq!(loaded, json!([4000, 4000, 4000]));

    // A site that is not in the list may not even show it.
    visit(world, host, "stranger", &json!({ "timeout": 1500 })).await;
    assert_eq!(world.call("return provider.loadCookie();").await, Err("iframe-unreachable".to_owned()));

    // On the bridge's own site: every header as written, the scripts run, and nothing else is served.
    world.browser.open(&format!("{}/iframe.html", host.origin())).await;
    world.until("the bridge runs", "return frames.length === 1;").await;
    let headers = world
        .eval(
            "const names = ['content-security-policy', 'cross-origin-opener-policy', 'x-content-type-options',
               'referrer-policy', 'permissions-policy', 'cache-control', 'activate-storage-access'];
             const { headers } = await fetch('/iframe.html', { method: 'HEAD' });
             return Object.fromEntries(names.map((name) => [name, headers.get(name)]));",
        )
        .await;
    let policy = headers["content-security-policy"].as_str().expect("a policy");
    let ancestors = format!("frame-ancestors 'self' {} {}", world.server.origin("shop"), world.server.origin("help"));
    assert!(policy.contains("'sha256-") && policy.ends_with(&ancestors), "{policy}");
    assert_eq!(headers["cross-origin-opener-policy"], Value::Null);
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["cache-control"], "public, max-age=300");
    assert_eq!(headers["activate-storage-access"], "load");
    assert!(!headers["permissions-policy"].as_str().expect("a policy").contains("storage-access"));
    let others = world.eval("const { status } = await fetch('/nothing.html'); return status;").await;
    assert_eq!(others, 404);
    world.browser.open(&format!("{}/doctor.html", host.origin())).await;
    world.until("the doctor works", "return document.body.innerText.includes('The bridge works');").await;
}

#[test]
fn the_bridge_works_behind_nginx_with_the_file_that_was_written_for_it() {
    everywhere_in_a_soak_and_else_in(Engine::Chromium, async |world| {
        let host = ForeignHost::nginx(world);
        the_bridge_works_there(world, &host).await;
    });
}

#[test]
fn the_bridge_works_behind_caddy_with_the_file_that_was_written_for_it() {
    everywhere_in_a_soak_and_else_in(Engine::Webkit, async |world| {
        let host = ForeignHost::caddy(world);
        the_bridge_works_there(world, &host).await;
    });
}
