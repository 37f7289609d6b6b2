use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::wd::{Capabilities, TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

/// A browser and how it treats cookies.
#[derive(Clone, Copy, Debug)]
pub enum Configuration {
    /// Third-party cookies allowed.
    ChromiumAllow,
    /// Third-party cookies blocked.
    ChromiumBlock,
    /// A private window, which blocks them too.
    ChromiumIncognito,
    /// All cookies blocked.
    ChromiumBlockAll,
}

/// A running browser with its driver and its own profile.
pub struct Browser {
    client: Client,
    driver: Driver,
    _profile: TempDir,
}

impl Browser {
    pub(crate) async fn launch(configuration: Configuration) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let driver = Driver::start(&profile.path().join("driver.log"))?;
        let capabilities = configuration.capabilities(profile.path());
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port))
            .await
            .with_context(|| format!("no session; the driver says:\n{}", driver.log()))?;
        let limit = Some(Duration::from_secs(60));
        client.update_timeouts(TimeoutConfiguration::new(limit, limit, None)).await?;
        Ok(Self { client, driver, _profile: profile })
    }

    /// Loads an address.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("cannot open {url}: {error}"));
    }

    /// Goes on inside the frame that the CSS selector finds.
    pub async fn enter_frame(&self, selector: &str) {
        let frame = self.client.find(Locator::Css(selector)).await;
        frame.unwrap_or_else(|error| panic!("{selector}: {error}")).enter_frame().await.expect("a frame");
    }

    /// Goes back to the page itself.
    pub async fn leave_frame(&self) {
        self.client.enter_parent_frame().await.expect("a page around the frame");
    }

    /// Clicks the first element that the CSS selector finds, once it is there.
    pub async fn click(&self, selector: &str) {
        let element = self.client.wait().for_element(Locator::Css(selector)).await;
        element.unwrap_or_else(|error| panic!("{selector}: {error}")).click().await.expect("a click");
    }

    /// Types into the first element that the CSS selector finds, once it is there.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let element = self.client.wait().for_element(Locator::Css(selector)).await;
        element.unwrap_or_else(|error| panic!("{selector}: {error}")).send_keys(text).await.expect("keys");
    }

    /// The cookies of the open page, with their attributes, as the driver tells them.
    pub async fn cookies(&self) -> Vec<Value> {
        let cookies =
            self.client.issue_cmd(Raw { method: Method::GET, path: "cookie", body: None }).await.expect("cookies");
        cookies.as_array().expect("a list").clone()
    }

    /// A picture of the page.
    pub async fn screenshot(&self) -> Option<Vec<u8>> {
        self.client.screenshot().await.ok()
    }

    pub(crate) async fn execute_async(&self, script: &str) -> Value {
        let result = self.client.execute_async(script, Vec::new()).await;
        result.unwrap_or_else(|error| panic!("{error} from: {script}"))
    }

    /// What the page and its frames wrote to the console since the last look.
    pub async fn console(&self) -> Value {
        // Chromium's driver only.
        let body = Some(json!({ "type": "browser" }));
        let log = self.client.issue_cmd(Raw { method: Method::POST, path: "se/log", body }).await;
        log.unwrap_or_else(|error| Value::from(error.to_string()))
    }

    pub(crate) fn driver_log(&self) -> String {
        self.driver.log()
    }

    pub(crate) async fn close(self) {
        // The driver ends with its handle; a session that is already gone is no failure.
        let _ = self.client.close().await;
    }
}

impl Configuration {
    fn capabilities(self, profile: &Path) -> Capabilities {
        let mut arguments: Vec<String> = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--window-size=1280,900",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let mut preferences = json!({});
        match self {
            // Debian's build blocks by default, others allow: never leave it to the default.
            Self::ChromiumAllow => preferences["profile.cookie_controls_mode"] = json!(0),
            Self::ChromiumBlock => preferences["profile.cookie_controls_mode"] = json!(1),
            Self::ChromiumIncognito => arguments.push("--incognito".to_owned()),
            Self::ChromiumBlockAll => preferences["profile.default_content_setting_values.cookies"] = json!(2),
        }
        let all = json!({
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "unhandledPromptBehavior": "ignore",
            // A page is there before its iframe is, and scenarios look at what happens between.
            "pageLoadStrategy": "eager",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": arguments, "prefs": preferences },
        });
        all.as_object().cloned().unwrap_or_default()
    }
}

/// A driver process on a port of its own choice; it ends with this value.
struct Driver {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Driver {
    fn start(log: &Path) -> Result<Self> {
        let mut process = Command::new("chromedriver")
            .args(["--port=0", "--log-level=INFO"])
            .arg(format!("--log-path={}", log.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("chromedriver is not there; `cargo xtask test` installs it")?;
        let output = process.stdout.take().context("chromedriver has no output")?;
        let mut driver = Self { process, port: 0, log: log.to_owned() };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| line.split("started successfully on port ").nth(1)?.trim_end_matches('.').parse().ok());
        driver.port = port.with_context(|| format!("chromedriver named no port:\n{}", driver.log()))?;
        Ok(driver)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command that fantoccini has no method for.
#[derive(Debug)]
struct Raw {
    method: Method,
    /// Below `/session/{id}/`.
    path: &'static str,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.as_ref().map(Value::to_string))
    }
}
