mod input;
mod life;
mod prompt;
mod raw;
mod windows;

use std::path::Path;
use std::sync::atomic::AtomicUsize;

use anyhow::Result;
use fantoccini::Client;
use fantoccini::wd::WindowHandle;
use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OwnedSemaphorePermit;

use crate::configuration::Configuration;
use crate::driver::Driver;
use crate::engine::Engine;
use raw::Raw;

/// A running browser with its driver and its own profile.
pub struct Browser {
    client: Client,
    driver: Driver,
    configuration: Configuration,
    /// The window that it has opened by itself.
    home: WindowHandle,
    /// How often the visitor has clicked.
    clicks: AtomicUsize,
    /// Held while a scenario uses a browser that others wait for.
    seat: Option<OwnedSemaphorePermit>,
    _profile: TempDir,
}

impl Browser {
    /// Its name and version, from its driver.
    pub fn version(&self) -> String {
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

    /// Whether a frame receives events of cookies that another page changed (Cookie Store API), even in the background.
    pub fn tells_frames_of_cookies(&self) -> bool {
        self.configuration.engine() == Engine::Chromium
    }

    /// The cookies of the open page, with their attributes, from the driver.
    pub async fn cookies(&self) -> Vec<Value> {
        let cookies =
            self.client.issue_cmd(Raw { method: Method::GET, path: "cookie", body: None }).await.expect("cookies");
        cookies.as_array().expect("a list").clone()
    }

    /// The memory of all its processes, in bytes.
    pub fn memory(&self) -> u64 {
        self.driver.memory().expect("the memory of processes")
    }

    /// Writes a picture of what a person would see into a PNG file. WebKit's is of its screen, because its driver's command hangs.
    pub(crate) async fn keep_picture(&self, file: &Path) -> Result<()> {
        match self.driver.screen_picture() {
            Some(picture) => picture?.save(file)?,
            None => std::fs::write(file, self.client.screenshot().await?)?,
        }
        Ok(())
    }

    /// Runs the body of an async function in the page or the frame that was entered: `Ok` with what it returns, `Err` with the `code` of what it
    /// throws or, if the page was left meanwhile, with the driver's error.
    pub async fn call(&self, body: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {body} }})().then(
               (value) => done({{ value: value ?? null }}),
               (error) => done({{ error: error.code ?? String(error) }}),
             );"
        );
        let outcome = self.client.execute_async(&script, Vec::new()).await.map_err(|error| error.to_string())?;
        match outcome.get("error").and_then(Value::as_str) {
            Some(code) => Err(code.to_owned()),
            None => Ok(outcome.get("value").cloned().unwrap_or_default()),
        }
    }

    /// A command of Chromium's developer tools, to the tab that is at work.
    pub async fn devtools(&self, command: &str, parameters: Value) {
        let body = Some(json!({ "cmd": command, "params": parameters }));
        let send = Raw { method: Method::POST, path: "goog/cdp/execute", body };
        self.client.issue_cmd(send).await.unwrap_or_else(|error| panic!("{command}: {error}"));
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

    /// Closes it.
    pub async fn close(self) {
        // The driver ends with its handle; a session that is already gone is no failure.
        let _ = self.client.close().await;
    }
}
