//! The built pages of the shops.

use std::path::PathBuf;

use anyhow::{Context, Result};
use axum::Router;
use demo_server::served;

/// The pages, in which the sites' names end with a suffix.
pub(crate) struct Pages {
    suffix: String,
}

impl Pages {
    pub(crate) fn new(suffix: String) -> Self {
        Self { suffix }
    }

    /// The text with the sites' names as they are in this demo.
    pub(crate) fn renamed(&self, text: &str) -> String {
        text.replace(".localhost", &format!("{}.localhost", self.suffix))
    }

    /// A shop's site: its page, the provider script, the return page of links, and the bridge's doctor in a page of the shop.
    pub(crate) fn of_shop(&self, page: &str, bridge: &str) -> Result<Router> {
        let doctor = format!(
            "<!DOCTYPE html><title>Doctor</title><body style=\"margin:0\">\
             <iframe src=\"{bridge}/doctor.html\" style=\"border:0;width:100%;height:100vh\"></iframe>"
        );
        Ok(Router::new()
            .route("/doctor", served("text/html", doctor))
            .route("/", served("text/html", self.renamed(&file(page)?)))
            .route("/cookie-provider.js", served("text/javascript", file("cookie-provider.js")?))
            .route("/.well-known/cookie-bridge.html", served("text/html", return_page("cookie-bridge.html")?))
            .route("/.well-known/cookie-bridge.js", served("text/javascript", return_page("cookie-bridge.js")?)))
    }

    /// The pages for one chat system each, and their scripts.
    pub(crate) fn of_chats(&self) -> Result<Router> {
        let mut router = Router::new();
        for file in std::fs::read_dir(dist("provider-demo/chats"))? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).context("a file's name")?;
            let content = self.renamed(&std::fs::read_to_string(&path)?);
            router = match name.rsplit_once('.') {
                Some((page, "html")) => router.route(&format!("/{page}"), served("text/html", content)),
                Some((_, "css")) => router.route(&format!("/chats/{name}"), served("text/css", content)),
                _ => router.route(&format!("/chats/{name}"), served("text/javascript", content)),
            };
        }
        Ok(router.route("/chat-adapters.js", served("text/javascript", file("chat-adapters.js")?)))
    }
}

/// The content of a built file.
pub(crate) fn file(path: &str) -> Result<String> {
    let path = dist(path);
    std::fs::read_to_string(&path).with_context(|| format!("{} is not there; run `cargo xtask build`", path.display()))
}

fn return_page(name: &str) -> Result<String> {
    file(&format!("return-page/.well-known/{name}"))
}

fn dist(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dist").join(path)
}
