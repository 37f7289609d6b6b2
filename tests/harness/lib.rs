//! What the scenarios stand on: a browser in a known configuration, a server with sites that a scenario fills, and what is kept when
//! one fails.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop and say where")]

mod bridge;
mod browser;
mod demo;
mod driver;
mod hosts;
mod sites;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use futures::FutureExt;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

pub use bridge::BridgeServer;
pub use browser::{Browser, Configuration};
pub use demo::Demo;
pub use driver::free_port;
pub use hosts::ForeignHost;
pub use sites::{Gate, Page, Server};

/// One scenario at work.
pub struct World {
    /// The browser.
    pub browser: Browser,
    /// The sites.
    pub server: Server,
}

/// What a test of the jar answers where there is no bridge.
#[must_use]
pub fn unreachable(code: &str) -> Value {
    let (jar, no) = ("unreachable", false);
    json!({ "jar": jar, "readable": no, "canRequestAccess": no, "canContinue": no, "code": code })
}

/// The host pages' session cookie.
pub const NAME: &str = "chat-session";

/// How long a scenario may take before it counts as stuck.
const LIMIT: Duration = Duration::from_secs(240);

/// What all scenarios run on. Its threads live as long as the process, and so do the drivers that they start.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime")
});

/// How many scenarios are at work.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// Runs a scenario in one configuration of a browser. The browser may have run others before; the sites are the scenario's own, so it
/// knows nothing of theirs. If the scenario fails, what a person would want to see is left in `target/end-to-end/`.
pub fn scenario(configuration: Configuration, act: impl AsyncFnOnce(&World)) {
    run(configuration, Browser::take(configuration), act);
}

/// As `scenario`, in a browser that has seen nothing yet, for scenarios whose sites other scenarios use, too.
pub fn scenario_in_a_new_browser(configuration: Configuration, act: impl AsyncFnOnce(&World)) {
    run(configuration, Browser::start(configuration), act);
}

fn run(configuration: Configuration, browser: impl Future<Output = Result<Browser>>, act: impl AsyncFnOnce(&World)) {
    AT_WORK.fetch_add(1, Ordering::Relaxed);
    let outcome = RUNTIME.block_on(async {
        let server = Server::start().await.expect("the sites' server starts");
        let browser = browser.await.expect("the browser starts");
        let world = World { browser, server };
        // A driver that hangs must not hold up the others.
        let limited = async {
            let done = tokio::time::timeout(LIMIT, act(&world)).await;
            done.unwrap_or_else(|_| panic!("{configuration:?}: not done after {} s", LIMIT.as_secs()));
        };
        let outcome = AssertUnwindSafe(limited).catch_unwind().await;
        if outcome.is_err() {
            let _ = tokio::time::timeout(LIMIT, world.keep_evidence()).await;
            let _ = tokio::time::timeout(LIMIT, world.browser.close()).await;
        } else {
            world.browser.give_back().await;
        }
        outcome
    });
    if AT_WORK.fetch_sub(1, Ordering::Relaxed) == 1 {
        // Nothing tells the last scenario that it is the last. If another one begins, it does so now.
        std::thread::sleep(Duration::from_millis(100));
        if AT_WORK.load(Ordering::Relaxed) == 0 {
            RUNTIME.block_on(Browser::close_idle());
        }
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Runs a scenario in each engine, with third-party cookies allowed.
pub fn everywhere(act: impl AsyncFn(&World)) {
    in_each(Configuration::ALLOWING, act);
}

/// Runs a scenario in each of these configurations.
pub fn in_each(configurations: impl IntoIterator<Item = Configuration>, act: impl AsyncFn(&World)) {
    for configuration in configurations {
        // Seen only if the test fails.
        println!("in {configuration:?}");
        scenario(configuration, &act);
    }
}

impl World {
    /// The address of a path on a site: `shop`, `help`, `bridge`, or a stranger.
    pub fn url(&self, site: &str, path: &str) -> String {
        format!("{}{path}", self.server.origin(site))
    }

    /// The bridge's address.
    pub fn iframe_url(&self) -> String {
        self.url("bridge", "/iframe.html")
    }

    /// A host page with the provider script in its head, and `provider` made with these further arguments.
    pub fn host_page(&self, arguments: &str) -> Page {
        self.host_page_for(&self.iframe_url(), arguments)
    }

    /// Such a page, whose bridge is elsewhere.
    pub fn host_page_for(&self, iframe_url: &str, arguments: &str) -> Page {
        let provider = format!("new CookieProvider({NAME:?}, {iframe_url:?}{arguments})");
        Page::html(format!(
            "<!DOCTYPE html><title>host</title><script src=\"/cookie-provider.js\"></script>\
             <script>window.provider = {provider};</script><p>A host page.</p>"
        ))
    }

    /// Opens the plain host page of a site.
    pub async fn visit(&self, site: &str) {
        self.server.put(site, "/", self.host_page(""));
        self.browser.open(&self.url(site, "/")).await;
    }

    /// Runs the body of an async function in the page: `Ok` with what it returns, `Err` with the `code` of what it throws or, if the
    /// page was left meanwhile, with what the driver says.
    pub async fn call(&self, body: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then(
               (value) => done({{ value: value ?? null }}),
               (error) => done({{ error: error.code ?? String(error) }}),
             );"
        );
        let outcome = self.browser.execute_async(&script).await.map_err(|error| error.to_string())?;
        match outcome.get("error").and_then(Value::as_str) {
            Some(code) => Err(code.to_owned()),
            None => Ok(outcome.get("value").cloned().unwrap_or_default()),
        }
    }

    /// As `call`, for what must succeed.
    pub async fn eval(&self, body: &str) -> Value {
        self.call(body).await.unwrap_or_else(|error| panic!("{error} from: {body}"))
    }

    /// Waits until the body of an async function returns something true.
    pub async fn until(&self, what: &str, body: &str) {
        let is_true = async || self.call(body).await.is_ok_and(|value| value.as_bool() == Some(true));
        wait_for(what, async || is_true().await.then_some(())).await;
    }

    /// Adds a button to the page that does this, for what a browser allows only after a click.
    pub async fn add_button(&self, label: &str, action: &str) {
        let add = format!(
            "const button = document.body.appendChild(document.createElement('button'));
             button.textContent = {label:?};
             button.onclick = () => {{ {action} }};"
        );
        self.eval(&add).await;
    }

    /// Clicks the bridge's button in the frame or popup that was entered, once the bridge can know that it is seen.
    pub async fn click_bridge_button(&self) {
        self.until_bridge_button_is("seen").await;
        self.browser.click("button").await;
    }

    /// Waits until the bridge can know that its button is `seen` or `covered`.
    pub async fn until_bridge_button_is(&self, state: &str) {
        let look = format!(
            "const button = document.querySelector('button');
             if (!button) return false;
             return new Promise((done) => {{
               const look = (entries) => done((entries.at(-1).isVisible ?? entries.at(-1).isIntersecting) === {});
               new IntersectionObserver(look, {{ threshold: [0, 0.5, 0.9], trackVisibility: true, delay: 100 }}).observe(button);
             }});",
            state == "seen"
        );
        self.until(&format!("the button is {state}"), &look).await;
    }

    /// Waits until a page of a site asked for a path, which it can do while it is in the background.
    pub async fn until_asked(&self, site: &str, path: &str) {
        let is_asked = || self.server.asked(site).iter().any(|asked| asked == path);
        wait_for(&format!("{site} is asked for {path}"), async || is_asked().then_some(())).await;
    }

    /// Sets the page's own session cookie, as a chat widget would.
    pub async fn set_own_cookie(&self, value: &str) {
        self.eval(&format!("document.cookie = {};", json!(format!("{NAME}={value}; Path=/")))).await;
    }

    /// The page's own session cookie.
    pub async fn own_cookie(&self) -> Option<String> {
        let cookies = self.eval("return document.cookie;").await;
        let cookies = cookies.as_str().expect("a string").to_owned();
        cookies.split("; ").find_map(|pair| pair.strip_prefix(NAME)?.strip_prefix('=').map(str::to_owned))
    }

    /// Notes what this configuration does, for the table in `docs/browser-support.md`, which `cargo xtask test` compares with.
    pub fn record(&self, what: &str, result: &str) {
        let folder = evidence_folder().join("support");
        std::fs::create_dir_all(&folder).expect("a folder for results");
        let configuration = self.browser.configuration().name();
        let write = |what: &str, text: &str| {
            std::fs::write(folder.join(format!("{configuration}.{what}")), text).expect("the result is noted");
        };
        write(what, result);
        write("version", &self.browser.version());
    }

    /// Leaves a picture of the page in `target/end-to-end/`, for people to look at.
    pub async fn keep_picture(&self, name: &str) {
        let folder = evidence_folder();
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let file = folder.join(format!("{name}-{:?}.png", self.browser.configuration()).to_lowercase());
        // Firefox takes none while a frame of the page is being replaced.
        let keep = async || self.browser.keep_picture(&file).await.inspect_err(|error| println!("{error:#}")).ok();
        wait_for("the picture is kept", keep).await;
    }

    async fn keep_evidence(&self) {
        let name = std::thread::current().name().unwrap_or("scenario").replace("::", "-");
        let folder = evidence_folder().join(name);
        if std::fs::create_dir_all(&folder).is_ok() {
            if let Err(error) = self.browser.keep_picture(&folder.join("screenshot.png")).await {
                eprintln!("no screenshot: {error:#}");
            }
            let _ = std::fs::write(folder.join("console.json"), self.browser.console().await.to_string());
            let _ = std::fs::write(folder.join("driver.log"), self.browser.driver_log());
            eprintln!("Screenshot, console and driver log are in {}", folder.display());
        }
    }
}

/// Waits until there is something to see.
pub(crate) async fn wait_for<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(seen) = look().await {
            return seen;
        }
        // Between two looks at a condition; no test relies on its length.
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never came to pass: {what}");
}

fn evidence_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/end-to-end")
}
