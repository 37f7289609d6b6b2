use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::actions::{InputSource, MOUSE_BUTTON_MIDDLE, MouseActions, PointerAction};
use fantoccini::error::CmdError;
use fantoccini::wd::{Capabilities, TimeoutConfiguration, WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

use crate::driver::{Driver, Engine};
use crate::wait_for;

/// A browser and how it treats cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configuration {
    /// Third-party cookies allowed.
    ChromiumAllow,
    /// Third-party cookies blocked.
    ChromiumBlock,
    /// A private window, which blocks them too.
    ChromiumIncognito,
    /// All cookies blocked.
    ChromiumBlockAll,
    /// Third-party cookies partitioned by top-level site, which is the default.
    FirefoxDefault,
    /// Strict tracking protection, with a visitor who says yes to every question for storage access.
    FirefoxStrict,
    /// A private window, with a visitor who says yes to every question for storage access.
    FirefoxPrivate,
    /// Third-party cookies blocked.
    FirefoxBlock,
    /// Third-party cookies allowed.
    FirefoxAllow,
    /// The default, with a visitor who says yes to every question for storage access.
    FirefoxGranting,
    /// The default, with a visitor who says no.
    FirefoxRefusing,
    /// Third-party cookies allowed.
    WebkitAllow,
    /// The default: frames may read what the site has as a first party.
    WebkitDefault,
    /// Intelligent tracking prevention, as in Safari.
    WebkitItp,
}

impl Configuration {
    /// One of each engine, with third-party cookies allowed.
    pub const ALLOWING: [Self; 3] = [Self::ChromiumAllow, Self::FirefoxAllow, Self::WebkitAllow];

    /// One of each engine, in which a frame's cookies are not shared.
    pub const BLOCKING: [Self; 3] = [Self::ChromiumBlock, Self::FirefoxDefault, Self::WebkitDefault];

    /// The name in `docs/browser-support.md`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ChromiumAllow => "chromium-allow",
            Self::ChromiumBlock => "chromium-block",
            Self::ChromiumIncognito => "chromium-incognito",
            Self::ChromiumBlockAll => "chromium-block-all",
            Self::FirefoxDefault | Self::FirefoxGranting | Self::FirefoxRefusing => "firefox-default",
            Self::FirefoxStrict => "firefox-strict",
            Self::FirefoxPrivate => "firefox-private",
            Self::FirefoxBlock => "firefox-block",
            Self::FirefoxAllow => "firefox-allow",
            Self::WebkitAllow => "webkit-allow",
            Self::WebkitDefault => "webkit-default",
            Self::WebkitItp => "webkit-itp",
        }
    }

    fn engine(self) -> Engine {
        match self {
            Self::ChromiumAllow | Self::ChromiumBlock | Self::ChromiumIncognito | Self::ChromiumBlockAll => {
                Engine::Chromium
            }
            Self::FirefoxDefault
            | Self::FirefoxStrict
            | Self::FirefoxPrivate
            | Self::FirefoxBlock
            | Self::FirefoxAllow
            | Self::FirefoxGranting
            | Self::FirefoxRefusing => Engine::Firefox,
            Self::WebkitAllow | Self::WebkitDefault | Self::WebkitItp => Engine::Webkit,
        }
    }

    fn capabilities(self, profile: &Path) -> Capabilities {
        let special = match self.engine() {
            Engine::Chromium => self.chromium(profile),
            Engine::Firefox => self.firefox(),
            Engine::Webkit => self.webkit(),
        };
        let common = json!({
            "acceptInsecureCerts": true,
            "unhandledPromptBehavior": "ignore",
        });
        [common, special].iter().filter_map(Value::as_object).flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    fn chromium(self, profile: &Path) -> Value {
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
        arguments.push(format!("--user-data-dir={}", profile.join("chromium").display()));
        let preferences = match self {
            // Debian's build blocks by default, others allow: never leave it to the default.
            Self::ChromiumAllow => json!({ "profile.cookie_controls_mode": 0 }),
            Self::ChromiumBlock => json!({ "profile.cookie_controls_mode": 1 }),
            Self::ChromiumBlockAll => json!({ "profile.default_content_setting_values.cookies": 2 }),
            _ => {
                arguments.push("--incognito".to_owned());
                json!({})
            }
        };
        json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            // A driver switches the popup blocker off, which no visitor does.
            "goog:chromeOptions": {
                "args": arguments, "prefs": preferences, "excludeSwitches": ["disable-popup-blocking"],
            },
        })
    }

    fn firefox(self) -> Value {
        let preference = match self {
            Self::FirefoxStrict => json!({
                "browser.contentblocking.category": "strict",
                "dom.storage_access.prompt.testing": true,
                "dom.storage_access.prompt.testing.allow": true,
            }),
            Self::FirefoxPrivate => json!({
                "browser.privatebrowsing.autostart": true,
                "dom.storage_access.prompt.testing": true,
                "dom.storage_access.prompt.testing.allow": true,
            }),
            Self::FirefoxBlock => json!({ "network.cookie.cookieBehavior": 1 }),
            Self::FirefoxAllow => json!({ "network.cookie.cookieBehavior": 0 }),
            Self::FirefoxGranting | Self::FirefoxRefusing => json!({
                "dom.storage_access.prompt.testing": true,
                "dom.storage_access.prompt.testing.allow": self == Self::FirefoxGranting,
            }),
            _ => json!({}),
        };
        // The console goes to the driver's log.
        let mut preferences = json!({
            "network.proxy.type": 0,
            "devtools.console.stdout.content": true,
            // A driver switches the popup blocker off, which no visitor does.
            "dom.disable_open_during_load": true,
        });
        if let (Some(all), Some(more)) = (preferences.as_object_mut(), preference.as_object()) {
            all.extend(more.clone());
        }
        json!({
            "browserName": "firefox",
            "moz:firefoxOptions": { "args": ["-headless"], "prefs": preferences },
        })
    }

    fn webkit(self) -> Value {
        // The console goes to the driver's log.
        let mut arguments = vec!["--automation", "--enable-write-console-messages-to-stdout=true"];
        match self {
            Self::WebkitAllow => arguments.push("--cookies-policy=always"),
            Self::WebkitItp => arguments.push("--enable-itp"),
            _ => {}
        }
        let binary = format!("/usr/lib/{}-linux-gnu/webkit2gtk-4.1/MiniBrowser", std::env::consts::ARCH);
        json!({ "webkitgtk:browserOptions": { "binary": binary, "args": arguments } })
    }
}

/// A running browser with its driver and its own profile.
pub struct Browser {
    client: Client,
    driver: Driver,
    configuration: Configuration,
    /// The window that it has opened by itself.
    home: WindowHandle,
    _profile: TempDir,
}

/// Browsers that wait for their next scenario, because to start one takes as long as most scenarios.
static IDLE: Mutex<Vec<Browser>> = Mutex::new(Vec::new());

impl Browser {
    /// One that waits, or a new one.
    pub(crate) async fn take(configuration: Configuration) -> Result<Self> {
        let idle = {
            let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
            let position = idle.iter().position(|browser| browser.configuration == configuration);
            position.map(|position| idle.swap_remove(position))
        };
        match idle {
            Some(browser) => Ok(browser),
            None => Self::start(configuration).await,
        }
    }

    /// A new one.
    pub(crate) async fn start(configuration: Configuration) -> Result<Self> {
        // On a thread that lives as long as the process: the system ends a driver with the thread that started it.
        tokio::spawn(Self::launch(configuration)).await?
    }

    /// Leaves it to the next scenario, with its first window, empty. A browser that cannot even do that is closed.
    pub(crate) async fn give_back(self) {
        match tokio::time::timeout(Duration::from_secs(10), self.tidy_up()).await {
            Ok(Ok(())) => IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(self),
            _ => {
                let _ = tokio::time::timeout(Duration::from_secs(10), self.close()).await;
            }
        }
    }

    async fn tidy_up(&self) -> Result<()> {
        for window in self.client.windows().await? {
            if window != self.home {
                self.client.switch_to_window(window).await?;
                self.client.close_window().await?;
            }
        }
        self.client.switch_to_window(self.home.clone()).await?;
        self.client.goto("about:blank").await?;
        Ok(())
    }

    /// Closes those that wait.
    pub(crate) async fn close_idle() {
        let idle = std::mem::take(&mut *IDLE.lock().unwrap_or_else(PoisonError::into_inner));
        futures::future::join_all(idle.into_iter().map(Self::close)).await;
    }

    /// One launch of Firefox in dozens dies of itself; a second one is allowed, and is said.
    async fn launch(configuration: Configuration) -> Result<Self> {
        match Self::launch_once(configuration).await {
            Ok(browser) => Ok(browser),
            Err(error) => {
                eprintln!("{configuration:?} did not start and is started again: {error:#}");
                Self::launch_once(configuration).await
            }
        }
    }

    async fn launch_once(configuration: Configuration) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let driver = Driver::start(configuration.engine(), profile.path())?;
        let capabilities = configuration.capabilities(profile.path());
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port()))
            .await
            .with_context(|| format!("no session; the driver says:\n{}", driver.log()))?;
        let limit = Some(Duration::from_secs(60));
        client.update_timeouts(TimeoutConfiguration::new(limit, limit, None)).await?;
        let home = client.window().await?;
        Ok(Self { client, driver, configuration, home, _profile: profile })
    }

    /// Its name and version, as its driver tells them.
    pub(crate) fn version(&self) -> String {
        let capabilities = self.client.capabilities();
        let text = |key: &str| capabilities.and_then(|all| all.get(key)?.as_str()).unwrap_or_default();
        format!("{} {}", text("browserName"), text("browserVersion"))
    }

    /// The configuration that it runs in.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        self.configuration
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

    /// Clicks the first element that the CSS selector finds with the middle button, which opens a link in a new tab.
    pub async fn middle_click(&self, selector: &str) {
        let element = self.client.wait().for_element(Locator::Css(selector)).await;
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
            .then(PointerAction::Down { button: MOUSE_BUTTON_MIDDLE })
            .then(PointerAction::Up { button: MOUSE_BUTTON_MIDDLE });
        self.client.perform_actions(mouse).await.expect("a middle click");
    }

    /// Presses Enter on the first element that the CSS selector finds.
    pub async fn press_enter(&self, selector: &str) {
        self.type_into(selector, "\u{e007}").await;
    }

    /// Types into the first element that the CSS selector finds, once it is there.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let element = self.client.wait().for_element(Locator::Css(selector)).await;
        element.unwrap_or_else(|error| panic!("{selector}: {error}")).send_keys(text).await.expect("keys");
    }

    /// Answers the browser's question for storage access with yes, for the frame that was entered, before it is asked. In Chromium and
    /// Firefox; not in a private window.
    pub async fn grant_storage_access(&self) {
        let body = Some(json!({ "descriptor": { "name": "storage-access" }, "state": "granted" }));
        let done = self.client.issue_cmd(Raw { method: Method::POST, path: "permissions", body }).await;
        done.expect("the permission is set");
    }

    /// Whether a frame hears of a cookie that another page has changed (Cookie Store API), even in the background.
    pub fn tells_frames_of_cookies(&self) -> bool {
        self.configuration.engine() == Engine::Chromium
    }

    /// Opens a new tab, and goes on there.
    pub async fn open_tab(&self) {
        let tab = self.client.new_window(true).await.expect("a new tab");
        self.client.switch_to_window(tab.handle).await.expect("the new tab");
    }

    /// The tab that is at work.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("a tab")
    }

    /// Goes on in another tab.
    pub async fn go_to_tab(&self, tab: &WindowHandle) {
        self.client.switch_to_window(tab.clone()).await.expect("the tab");
    }

    /// Goes on in the window that was opened last, once there is one.
    pub async fn enter_popup(&self) {
        let first = self.client.window().await.expect("a window");
        let popup = wait_for("a popup is opened", async || {
            let windows = self.client.windows().await.expect("windows");
            windows.into_iter().find(|window| *window != first)
        });
        self.client.switch_to_window(popup.await).await.expect("the popup");
    }

    /// Closes the tab that is at work; the scenario must go on in another.
    pub async fn close_tab(&self) {
        self.client.close_window().await.expect("the tab closes");
    }

    /// Closes the window and goes on in the one that is left.
    pub async fn close_popup(&self) {
        self.client.close_window().await.expect("the popup closes");
        self.leave_popup().await;
    }

    /// Goes on in the window that is left.
    pub async fn leave_popup(&self) {
        let windows = self.client.windows().await.expect("windows");
        let first = windows.into_iter().next().expect("a window is left");
        self.client.switch_to_window(first).await.expect("the first window");
    }

    /// The cookies of the open page, with their attributes, as the driver tells them.
    pub async fn cookies(&self) -> Vec<Value> {
        let cookies =
            self.client.issue_cmd(Raw { method: Method::GET, path: "cookie", body: None }).await.expect("cookies");
        cookies.as_array().expect("a list").clone()
    }

    /// The memory of all its processes, in bytes.
    pub fn memory(&self) -> u64 {
        self.driver.memory().expect("the memory of processes")
    }

    /// Writes a picture of what a person would see into a PNG file. WebKit's is of its screen: its driver's command for it hangs.
    pub(crate) async fn keep_picture(&self, file: &Path) -> Result<()> {
        match self.driver.screen_picture() {
            Some(picture) => picture?.save(file)?,
            None => std::fs::write(file, self.client.screenshot().await?)?,
        }
        Ok(())
    }

    pub(crate) async fn execute_async(&self, script: &str) -> Result<Value, CmdError> {
        self.client.execute_async(script, Vec::new()).await
    }

    pub(crate) async fn console(&self) -> Value {
        if self.configuration.engine() != Engine::Chromium {
            return Value::from("see driver.log");
        }
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
