use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{IFRAME_PAGE, Page};

/// The headers of a file, for this server and for those that `check-site` writes configuration for.
///
/// There is no Cross-Origin-Opener-Policy, because the popup needs its opener, and no X-Frame-Options, because cross-origin pages embed the
/// bridge.
pub(crate) fn headers(
    name: &str,
    content: &[u8],
    ancestors: &[String],
    needs_wasm: bool,
) -> Vec<(&'static str, String)> {
    let is_page = content_type(name).starts_with("text/html");
    let (policy, others): (String, Vec<(&str, &str)>) = if is_page {
        let policy = Page::read(&String::from_utf8_lossy(content)).content_security_policy(ancestors, needs_wasm);
        // No page of the bridge needs these features. The default of storage-access must stay.
        let permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        // Each page view loads the bridge. The other pages are for the owner, who wants to see what has just been changed.
        let caching = if name == IFRAME_PAGE { A_FEW_MINUTES } else { ("Cache-Control", "no-cache") };
        let others = vec![
            ("Permissions-Policy", permissions),
            caching,
            // A page with a Cross-Origin-Embedder-Policy embeds only pages that have one, and that allow it.
            ("Cross-Origin-Embedder-Policy", "require-corp"),
            ANY_ORIGIN,
        ];
        (policy, others)
    } else {
        // Every host page includes the script.
        (NOTHING.to_owned(), vec![ANY_ORIGIN, A_FEW_MINUTES])
    };
    let activation = (name == IFRAME_PAGE).then_some(&ACTIVATION);
    let others = COMMON.iter().chain(&others).chain(activation).map(|(name, value)| (*name, (*value).to_owned()));
    std::iter::once((POLICY, policy)).chain(others).collect()
}

/// Where the visitor has granted the bridge storage access, the browser loads the bridge page with it, so that the page need not request it.
/// Without a grant the browser ignores the header, so the response is the same for every request and needs no `Vary`
/// (<https://privacycg.github.io/storage-access-headers/>). No other page uses the bridge's cookies.
const ACTIVATION: (&str, &str) = ("Activate-Storage-Access", "load");

/// A release, and an edited list, arrives so soon with visitors who have the file from before. Within that time a page view makes no request for it.
const A_FEW_MINUTES: (&str, &str) = ("Cache-Control", "public, max-age=300");

/// Lets pages of every origin load it, also those with a Cross-Origin-Embedder-Policy.
const ANY_ORIGIN: (&str, &str) = ("Cross-Origin-Resource-Policy", "cross-origin");

pub(crate) const POLICY: &str = "Content-Security-Policy";

/// The policy of files that are not pages.
pub(crate) const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Sent with every response.
pub(crate) const COMMON: [(&str, &str); 2] =
    [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")];

/// Sent with every response over TLS.
pub(crate) const TRANSPORT: (&str, &str) = ("Strict-Transport-Security", "max-age=31536000");

/// `mime_guess` has other types for four of these (`mjs`, `map`, `ts`, `md`) and no charset, so most of this table would remain.
pub(super) fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt" | "ts" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Adds the headers of every response, including errors.
pub(crate) fn add_common_headers(headers: &mut HeaderMap, is_tls: bool) {
    for (name, value) in COMMON.into_iter().chain(is_tls.then_some(TRANSPORT)) {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    // The API's responses are for one customer. Files have a `Cache-Control` of their own.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
