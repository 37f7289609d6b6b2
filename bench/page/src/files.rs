//! What the sites serve. Each site has the same files: nobody opens the host pages of the bridge, or embeds the embedded page of a shop.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use bridge_server::site::Site;
use demo_server::with_trusted_domains;

use crate::contestant::{CONTESTANTS, Contestant, Kind};

/// What a host page does, by the script's name.
const ACTS: [&str; 3] = ["load", "save", "blocked"];

/// The page that only empties a site's cookies and storage.
pub(crate) const EMPTY: &str = "/empty.html";

/// The files of every site, by path.
pub(crate) struct Files(HashMap<String, File>);

/// A file as it is sent.
pub(crate) struct File {
    /// What its owner should send with it, `Cache-Control` among it.
    pub(crate) headers: HeaderMap,
    /// After brotli, which every browser takes over https.
    pub(crate) compressed: Bytes,
}

impl Files {
    /// Reads the contestants' pages, and their scripts from this folder. `origins` takes the sites' placeholders to the sites' origins.
    pub(crate) fn read(scripts: &Path, origins: &[(&str, String)]) -> Result<Self> {
        let at_home =
            |text: String| origins.iter().fold(text, |text, (placeholder, origin)| text.replace(placeholder, origin));
        let mut files = Self(HashMap::new());
        files.add(EMPTY.to_owned(), "<!DOCTYPE html><title>Empty</title><link rel=\"icon\" href=\"data:,\">", PAGE)?;
        let page = read(&peers().join("page.html"))?;
        for contestant in CONTESTANTS {
            let has_script = files.add_scripts(contestant, scripts)?;
            let client = if has_script { "<script src=\"client.js\"></script>" } else { "" };
            for act in ACTS {
                let file = peers().join(contestant.name).join(format!("{act}.js"));
                // Only the provider does anything where third-party cookies are blocked.
                if file.exists() {
                    let page = page.replace("<!-- client -->", client).replace("/* act */", read(&file)?.trim());
                    files.add(contestant.path(&format!("{act}.html")), &at_home(page), PAGE)?;
                }
            }
            let embedded = contestant.path(contestant.embedded());
            if contestant.kind == Kind::Ours {
                files.0.insert(embedded, bridge_page(origins)?);
            } else {
                let hub = read(&peers().join(contestant.name).join(contestant.embedded()))?;
                files.add(embedded, &at_home(hub), HUB)?;
            }
        }
        Ok(files)
    }

    /// The file at a path of any site.
    pub(crate) fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// How many bytes the file is, after brotli.
    pub(crate) fn size(&self, path: &str) -> Option<usize> {
        self.get(path).map(|file| file.compressed.len())
    }

    /// Whether the host page has a script.
    fn add_scripts(&mut self, contestant: Contestant, scripts: &Path) -> Result<bool> {
        for script in ["client.js", "hub.js"] {
            let file = scripts.join(contestant.name).join(script);
            if file.exists() {
                self.add(contestant.path(script), &read(&file)?, SCRIPT)?;
            }
        }
        Ok(self.get(&contestant.path("client.js")).is_some())
    }

    fn add(&mut self, path: String, content: &str, headers: [(header::HeaderName, &'static str); 2]) -> Result<()> {
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        self.0.insert(path, File::of(content.as_bytes(), HeaderMap::from_iter(headers))?);
        Ok(())
    }
}

/// The caching is that of the bridge server, for what it serves itself: an embedded page and a script are kept for five minutes. A host page is
/// validated each time.
const PAGE: [(header::HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
const HUB: [(header::HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=300")];
const SCRIPT: [(header::HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=300")];

impl File {
    fn of(content: &[u8], mut headers: HeaderMap) -> Result<Self> {
        let mut compressed = Vec::new();
        brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22).write_all(content)?;
        if !headers.contains_key(header::ETAG) {
            // Nothing changes while the server runs, so any constant will do.
            headers.insert(header::ETAG, HeaderValue::from_static("\"1\""));
        }
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        Ok(Self { headers, compressed: compressed.into() })
    }
}

/// The bridge page with the list of its owner, and with all headers that the bridge server sends.
fn bridge_page(origins: &[(&str, String)]) -> Result<File> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist/iframe-site/iframe.html");
    let is_listed = |(placeholder, _): &&(&str, String)| *placeholder != "https://bridge.example";
    let listed: Vec<&String> = origins.iter().filter(is_listed).map(|(_, origin)| origin).collect();
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("iframe.html"), with_trusted_domains(&read(&built)?, &listed)?)?;
    let site = Site::load(folder.path(), true)?;
    let page = site.file("iframe.html").context("the bridge site has no iframe.html")?;
    File::of(&page.content, page.headers.clone())
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} is not there", file.display()))
}
