//! Pages of real frameworks: their sources are in `tests/frameworks`, and `cargo xtask` builds them in `.tools/frameworks`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::page::Page;
use crate::sites::Server;
use crate::world::World;

/// The bridge's address in the sources.
const IFRAME_URL: &str = "https://bridge.example/iframe.html";

/// Stands first in each page.
const RECORDER: &str = include_str!("../frameworks/recorder.js");

impl Server {
    /// Puts up all files of a folder that is built, for example `next/site`.
    pub fn put_built(&self, site: &str, folder: &str) {
        let folder = built().join(folder);
        self.put_files(site, &folder, &folder);
    }

    /// Puts up all files of a folder that is served as it is, for example `turbo`.
    pub fn put_sources(&self, site: &str, folder: &str) {
        let folder = repository().join("tests/frameworks").join(folder);
        self.put_files(site, &folder, &folder);
    }

    /// Puts up a file of an npm package.
    pub fn put_library(&self, site: &str, path: &str, file: &str) {
        self.put(site, path, Page::script(read(&built().join("node_modules").join(file))));
    }

    /// Puts up Prototype.js, which npm does not have, from Debian's package `libjs-prototype`.
    pub fn put_prototype(&self, site: &str, path: &str) {
        self.put(site, path, Page::script(read(Path::new("/usr/share/javascript/prototype/prototype.js"))));
    }

    fn put_files(&self, site: &str, root: &Path, folder: &Path) {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| missing(folder, &error));
        for entry in entries {
            let file = entry.unwrap_or_else(|error| missing(folder, &error)).path();
            if file.is_dir() {
                self.put_files(site, root, &file);
                continue;
            }
            let path = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
            // As web servers do for static pages.
            let address = path.strip_suffix(".html").unwrap_or(&path);
            let address = if address == "index" { "" } else { address };
            self.put(site, &format!("/{address}"), self.framework_file(&path, &read(&file)));
        }
    }

    fn framework_file(&self, path: &str, content: &str) -> Page {
        let content = content.replace(IFRAME_URL, &format!("{}/iframe.html", self.origin("bridge")));
        match Path::new(path).extension().and_then(|ending| ending.to_str()) {
            Some("html") => Page::html(content.replacen("<head>", &format!("<head><script>{RECORDER}</script>"), 1)),
            Some("js") => Page::script(content),
            _ => Page::plain(content),
        }
    }
}

impl World {
    /// What the page of a framework, the framework, the provider and the bridge have complained about on the console or left uncaught.
    pub async fn complaints(&self) -> Vec<String> {
        let mut all: Vec<String> =
            serde_json::from_value(self.eval("return recorder.complaints;").await).expect("a list of strings");
        all.extend(self.errors_on_console().await);
        all
    }

    /// The errors on Chromium's console since the last look: those of frames and of the browser itself, too.
    pub async fn errors_on_console(&self) -> Vec<String> {
        let console = self.browser.console().await;
        let entries = console.as_array().map(Vec::as_slice).unwrap_or_default();
        let errors = entries.iter().filter(|entry| entry.get("level").and_then(Value::as_str) == Some("SEVERE"));
        errors.map(|entry| entry.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()).collect()
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn built() -> PathBuf {
    repository().join(".tools/frameworks")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| missing(file, &error))
}

fn missing(path: &Path, error: &std::io::Error) -> ! {
    panic!("{}: {error}; `cargo xtask scenario frameworks` builds the pages", path.display())
}
