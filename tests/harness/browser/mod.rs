mod input;
mod life;
mod prompt;
mod raw;
mod windows;

use std::path::Path;
use std::sync::atomic::AtomicUsize;

use anyhow::Result;
use fantoccini::Client;
use fantoccini::error::CmdError;
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
