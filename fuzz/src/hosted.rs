//! The bridge server without a network, and what must hold for every response.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::OnceLock;
use std::time::Duration;

use arbitrary::Arbitrary;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use bridge_server::{ErrorCode, Options, hosted};
use clap::Parser;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
pub enum Page {
    Shop,
    Help,
    Reader,
    Stranger,
    Null,
    Backend,
}

impl Page {
    pub fn origin(self) -> Option<&'static str> {
        match self {
            Self::Shop => Some("https://shop.example"),
            Self::Help => Some("https://www.help.example"),
            Self::Reader => Some("https://reader.example"),
            Self::Stranger => Some("https://shop.example.evil.test"),
            Self::Null => Some("null"),
            Self::Backend => None,
        }
    }

    /// The rights that `SITE` gives, written independently of the product: may it load the session of this name, and save it?
    pub fn rights(self, name: &str) -> Option<(bool, bool)> {
        match self {
            Self::Shop | Self::Help => Some((true, true)),
            Self::Reader => Some((name == "sid", false)),
            _ => None,
        }
    }
}

const SITE: &str = r#"<!DOCTYPE html><script>const TRUSTED_DOMAINS = ["https://shop.example", 'https://*.help.example',
    { origin: "https://reader.example", cookies: ["sid"], access: ["load"] }];</script>"#;

struct Hosted {
    runtime: Runtime,
    router: Router,
    _folder: TempDir,
}

impl Hosted {
    fn start() -> Self {
        // In memory if possible, because the disk is not under test.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::create_dir(path("site")).unwrap();
        for (name, content) in
            [("site/iframe.html", SITE), ("reference", &"11".repeat(32)), ("encryption", &"33".repeat(32))]
        {
            std::fs::write(path(name), content).unwrap();
            std::fs::set_permissions(path(name), Permissions::from_mode(0o600)).unwrap();
        }
        let options = [
            "bridge-server",
            "--site",
            &path("site"),
            "--store",
            &format!("sqlite:{}", path("bridge.db")),
            "--reference-key-file",
            &path("reference"),
            "--encryption-key-file",
            &path("encryption"),
            "--requests-per-minute-per-address",
            "4000000000",
            "--pages-per-minute-per-address",
            "4000000000",
            "--requests-per-minute-per-reference",
            "4000000000",
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let router = runtime.block_on(async { hosted(Options::parse_from(options)) }).unwrap();
        Self { runtime, router, _folder: folder }
    }
}

/// Sends a request and checks what must hold for every response. If the parts make no request, returns status 408, which the server never sends.
pub fn send(page: Page, method: &str, route: &str, body: String) -> (StatusCode, Value) {
    static HOSTED: OnceLock<Hosted> = OnceLock::new();
    let Hosted { runtime, router, .. } = HOSTED.get_or_init(Hosted::start);
    let mut request = Request::builder().method(method).uri(route);
    if let Some(origin) = page.origin() {
        request = request.header("origin", origin);
    }
    let Ok(mut request) = request.body(Body::from(body)) else { return (StatusCode::REQUEST_TIMEOUT, Value::Null) };
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
    let asked = async {
        let response = router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, head.headers, to_bytes(body, usize::MAX).await.unwrap())
    };
    let answered = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(8), asked).await });
    let (status, headers, body) = answered.expect("no answer");
    let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
    // An empty reference makes a path of a file that does not exist.
    let is_open = route.ends_with('/') || matches!(route, "/health" | "/iframe.html" | "/../iframe.html");
    an_answer_is_sound(page, route, is_open, status, &headers, &body, &answer);
    (status, answer)
}

fn an_answer_is_sound(
    page: Page,
    route: &str,
    is_open: bool,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    answer: &Value,
) {
    assert!(!status.is_server_error(), "{route}: {status}");
    assert_eq!(headers.get("x-content-type-options").map(|value| value.as_bytes()), Some(b"nosniff".as_slice()));
    let allowed = headers.get("access-control-allow-origin").and_then(|value| value.to_str().ok());
    assert_eq!(allowed, page.origin().filter(|_| page.rights("sid").is_some()), "{route}");
    if matches!(page, Page::Stranger | Page::Null) && !is_open {
        assert_eq!((status, body.len()), (StatusCode::FORBIDDEN, 0), "{route}: a stranger is told something");
    }
    if let Some(code) = answer["code"].as_str() {
        let error = ErrorCode::ALL.iter().find(|error| error.code() == code).expect("a code that is documented");
        assert_eq!(error.status(), status);
    }
}
