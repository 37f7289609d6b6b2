//! The bridge site as browsers get it.

use crate::support::*;
use bridge_server::site::Page;
use reqwest::Method;
use serde_json::json;

/// The doctor with its style and script inline, as the build puts it together; one module stands for all of them.
fn doctor() -> String {
    let style = concat!("<style>\n", include_str!("../../../../iframe-site/doctor/doctor.css"), "</style>");
    let script = concat!("<script>\n", include_str!("../../../../iframe-site/doctor/doctor.js"), "</script>");
    include_str!("../../../../iframe-site/doctor/doctor.html")
        .replace(r#"<link rel="stylesheet" href="doctor.css">"#, style)
        .replace(r#"<script data-cfasync="false" type="module" src="main.js"></script>"#, script)
}

#[tokio::test]
async fn the_page_comes_with_its_headers_and_the_sign_of_the_server() {
    let server = Setup::new().start();
    let answer = server.get("/iframe.html").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text.contains("<meta charset=\"utf-8\"><meta name=\"bridge-server\" content=\"1\">\n"),
        "{}",
        answer.text
    );
    let policy = answer.header("content-security-policy").unwrap();
    let ancestors = ["https://shop.example".to_owned(), "https://*.help.example".to_owned()];
    assert_eq!(policy, Page::read(IFRAME).content_security_policy(&ancestors, true));
    assert!(policy.ends_with("frame-ancestors 'self' https://shop.example https://*.help.example"), "{policy}");
    assert_eq!(policy.matches("'sha256-").count(), 2);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "public, max-age=300"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("activate-storage-access", "load"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert!(!answer.header("permissions-policy").unwrap().contains("storage-access"));
    for name in
        ["cross-origin-opener-policy", "x-frame-options", "strict-transport-security", "access-control-allow-origin"]
    {
        assert_eq!(answer.header(name), None, "{name}");
    }
}

#[tokio::test]
async fn a_grant_is_put_into_force_for_the_bridge_page_alone_and_also_if_it_has_not_changed() {
    let setup = Setup::new();
    setup.write("doctor.html", &doctor());
    let server = setup.start();
    let tag = server.get("/iframe.html").await.header("etag").unwrap().to_owned();
    let again = server.send(Method::GET, "/iframe.html", &[("if-none-match", &tag)], String::new()).await;
    // Firefox takes the header of this response, not the one of the page that it has kept.
    assert_eq!((again.status, again.header("activate-storage-access")), (304, Some("load")));
    for path in ["/doctor.html", "/cookie-provider.js", "/nothing.html"] {
        assert_eq!(server.get(path).await.header("activate-storage-access"), None, "{path}");
    }
}

#[tokio::test]
async fn the_doctors_scripts_and_styles_are_allowed_and_no_others() {
    let setup = Setup::new();
    setup.write("doctor.html", &doctor());
    let answer = setup.start().get("/doctor.html").await;
    let policy = answer.header("content-security-policy").unwrap();
    let directive =
        |name: &str| policy.split("; ").find_map(|directive| directive.strip_prefix(name)).unwrap().trim().to_owned();
    let scripts = directive("script-src");
    assert!(scripts.starts_with("'sha256-") && scripts.ends_with("=' 'wasm-unsafe-eval' 'self'"), "{scripts}");
    assert!(directive("style-src").starts_with("'sha256-"));
    assert_eq!((directive("connect-src").as_str(), directive("frame-src").as_str()), ("'self'", "'self'"));
    assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-hashes"));
}

#[tokio::test]
async fn no_page_of_a_site_without_webassembly_is_allowed_any() {
    let setup = Setup::new();
    setup.write("doctor.html", &doctor());
    let script = "<script>/* Cookie Bridge without WebAssembly */\nstart()</script></body>";
    setup.write("iframe.html", &format!("{IFRAME}{script}"));
    let server = setup.start();
    for page in ["/iframe.html", "/doctor.html"] {
        let answer = server.get(page).await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("wasm"), "{policy}");
    }
}

#[tokio::test]
async fn the_script_may_be_included_by_every_page_and_is_asked_for_again_only_if_it_changed() {
    let server = Setup::new().start();
    let answer = server.get("/cookie-provider.js").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "// the provider"));
    assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"));
    let tag = answer.header("etag").unwrap();
    for known in [tag.to_owned(), format!("\"other\", {}", tag.trim_start_matches("W/")), "*".to_owned()] {
        let again = server.send(Method::GET, "/cookie-provider.js", &[("if-none-match", &known)], String::new()).await;
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", Some(tag)));
    }
    let with_integrity = server.send(Method::GET, "/cookie-provider.js", &[("origin", SHOP)], String::new()).await;
    assert_eq!(with_integrity.header("access-control-allow-origin"), Some(SHOP));
    let head = server.send(Method::HEAD, "/iframe.html", &[], String::new()).await;
    assert!(head.status == 200 && head.text.is_empty() && head.header("content-security-policy").is_some());
}

#[tokio::test]
async fn a_file_is_compressed_for_who_takes_brotli() {
    let setup = Setup::new();
    let script = "const session = 1;\n".repeat(100);
    setup.write("cookie-provider.js", &script);
    let server = setup.start();
    let plain = server.send(Method::GET, "/cookie-provider.js", &[("accept-encoding", "gzip")], String::new()).await;
    assert_eq!((plain.text, plain.headers.get("content-encoding")), (script.clone(), None));
    let request = server.client.get(format!("{}/cookie-provider.js", server.url)).header("accept-encoding", "gzip, br");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "br");
    assert!(answer.headers().get_all("vary").iter().any(|vary| vary == "Accept-Encoding"));
    let mut text = Vec::new();
    brotli::BrotliDecompress(&mut &*answer.bytes().await.unwrap(), &mut text).unwrap();
    assert_eq!(text, script.as_bytes());
}

#[tokio::test]
async fn nothing_but_the_files_of_the_folder_is_served() {
    let setup = Setup::new();
    setup.write(".secret", "secret");
    std::fs::write(setup.folder.path().join("outside.html"), "outside").unwrap();
    let server = setup.start();
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    for path in [
        "/",
        "/.secret",
        "/../outside.html",
        "/%2e%2e/outside.html",
        "/..%2foutside.html",
        "//etc/passwd",
        "/site/iframe.html",
    ] {
        // Sent by hand, because a client would normalise the path.
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: bridge\r\nconnection: close\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(!answer.contains("secret") && !answer.contains("outside\r"), "{path}: {answer}");
    }
    assert_eq!(server.send(Method::POST, "/iframe.html", &[("origin", SHOP)], String::new()).await.status, 404);
}

#[tokio::test]
async fn a_changed_list_counts_after_a_hang_up_and_one_that_cannot_be_read_changes_nothing() {
    let setup = Setup::new();
    let server = setup.start();
    let body = json!({ "reference": reference("7"), "name": "chat" });
    let other = "https://new.example";
    assert_eq!(server.post(other, "/session/load", body.clone()).await.status, 403);

    setup.write("iframe.html", &IFRAME.replace("https://shop.example", "https://new.example\", \"http://bad.example"));
    server.signal("HUP");
    server.logged("the site was reloaded").await;
    assert_eq!(server.post(other, "/session/load", body.clone()).await.status, 200);
    assert_eq!(server.post(SHOP, "/session/load", body.clone()).await.status, 403);
    let policy = server.get("/iframe.html").await;
    let policy = policy.header("content-security-policy").unwrap();
    assert!(policy.ends_with("frame-ancestors 'self' https://new.example https://*.help.example"), "{policy}");
    assert!(server.log().contains(r#"TRUSTED_DOMAINS: \"http://bad.example\" must be https"#), "{}", server.log());

    setup.write("iframe.html", "<script>const TRUSTED_DOMAINS = load()</script>");
    server.signal("HUP");
    server.logged("the site stays as it was").await;
    assert_eq!(server.post(other, "/session/load", body).await.status, 200);
}

#[tokio::test]
async fn a_certificate_makes_it_https_and_says_so_to_browsers() {
    let setup = Setup::new();
    let (setup, certificate) = setup.with_tls();
    let server = setup.start();
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let trusted = reqwest::Certificate::from_der(&certificate).unwrap();
    let client = client([trusted]);
    let answer =
        client.get(format!("{}/iframe.html", server.url.replace("127.0.0.1", "localhost"))).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
}

#[tokio::test]
async fn to_host_the_bridge_alone_needs_neither_keys_nor_a_store() {
    let setup = Setup::new().in_shell("unset BRIDGE_REFERENCE_KEY BRIDGE_ENCRYPTION_KEY");
    let text = setup.fail();
    assert!(text.contains("there is no key") && text.contains("--store none"), "{text}");
    let server = setup.with("--store", "none").start();
    let page = server.get("/iframe.html").await;
    assert_eq!(page.text, IFRAME, "without the sign of a server that stores sessions");
    assert!(page.header("content-security-policy").is_some());
    let body = json!({ "reference": reference("7"), "name": "chat" });
    for path in ["/session/load", "/session/save", "/session/clear", "/forget", "/check/x", "/store/x"] {
        assert_eq!(server.post(SHOP, path, body.clone()).await.status, 404, "{path}");
    }
    assert_eq!(server.get("/health").await.ok(), json!({ "store": "none" }));
    server.signal("HUP");
    server.logged("the site was reloaded").await;
    assert_eq!(server.get("/iframe.html").await.text, IFRAME);
    let files: Vec<_> =
        std::fs::read_dir(setup.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["site"], "and there is no database");
}
