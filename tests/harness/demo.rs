use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::process::{Process, ending_with_this_thread};
use crate::world::World;

/// The demo in a process of its own.
pub struct Demo {
    scheme: &'static str,
    suffix: String,
    port: String,
    _process: Process,
}

impl Demo {
    /// Starts it over https on a free port.
    #[must_use]
    pub fn start() -> Self {
        Self::over("https")
    }

    /// Starts it over http, as `cargo xtask demo` does.
    #[must_use]
    pub fn over_http() -> Self {
        Self::over("http")
    }

    fn over(scheme: &'static str) -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        // Sites of its own, because the browser may have seen those of another demo.
        let suffix = format!("-demo-{}", STARTED.fetch_add(1, Ordering::Relaxed));
        let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut command = ending_with_this_thread(repository.join("target/debug/demo-server"));
        command.args((scheme == "https").then_some("--https")).arg(format!("--suffix={suffix}"));
        let process = Process::start(command.stdout(Stdio::piped()));
        let mut process = process.expect("the demo is built; `cargo xtask test` does it");
        let prefix = format!("{scheme}://shop{suffix}.localhost:");
        let port = process.find_in_output(|line| {
            let rest = line.trim().strip_prefix(&prefix)?;
            Some(rest.split('/').next()?.to_owned())
        });
        let port = port.expect("the demo names its addresses");
        Self { scheme, suffix, port, _process: process }
    }

    /// The address of a shop.
    #[must_use]
    pub fn url(&self, shop: &str) -> String {
        self.page(shop, "")
    }

    /// The address of one of its pages.
    #[must_use]
    pub fn page(&self, shop: &str, page: &str) -> String {
        format!("{}://{}:{}/{page}", self.scheme, self.host(shop), self.port)
    }

    /// The host name of a shop.
    #[must_use]
    pub fn host(&self, shop: &str) -> String {
        format!("{shop}{}.localhost", self.suffix)
    }
}

/// What a visitor does in the demo's pages.
impl World {
    /// Waits until an element's text contains this.
    pub async fn says(&self, selector: &str, text: &str) {
        let look = format!("return document.querySelector({selector:?}).textContent.includes({text:?});");
        self.until(&format!("{selector} says {text}"), &look).await;
    }

    /// Sends a message in the chat.
    pub async fn send(&self, text: &str) {
        self.browser.type_into("#text", text).await;
        self.browser.click("#say button").await;
    }

    /// All messages that the chat shows, in their order.
    pub async fn messages(&self) -> Vec<String> {
        let look = "return [...document.querySelectorAll('.bubble')].map((bubble) => bubble.textContent);";
        serde_json::from_value(self.eval(look).await).expect("texts")
    }
}
