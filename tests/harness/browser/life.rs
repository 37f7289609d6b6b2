//! From its start to its end, with scenarios of one configuration in between.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::ClientBuilder;
use fantoccini::wd::TimeoutConfiguration;
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::sync::Semaphore;

use super::Browser;
use crate::configuration::{Configuration, Surface};
use crate::driver::Driver;

/// Browsers that wait for their next scenario, because to start one takes as long as most scenarios.
static IDLE: Mutex<Vec<Browser>> = Mutex::new(Vec::new());

/// How many more browsers of a configuration scenarios may use at once.
static SEATS: Mutex<Vec<(Configuration, Arc<Semaphore>)>> = Mutex::new(Vec::new());

fn seats(configuration: Configuration) -> Arc<Semaphore> {
    let mut seats = SEATS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, found)) = seats.iter().find(|(of, _)| *of == configuration) {
        return Arc::clone(found);
    }
    // Few scenarios use the other configurations, and a second browser costs more than it saves.
    let is_common =
        Configuration::ALLOWING.contains(&configuration) || Configuration::BLOCKING.contains(&configuration);
    let new = Arc::new(Semaphore::new(if is_common { 2 } else { 1 }));
    seats.push((configuration, Arc::clone(&new)));
    new
}

impl Browser {
    /// One that waits, or a new one; if too many of this configuration are in use, the next one that a scenario gives back.
    pub(crate) async fn take(configuration: Configuration) -> Result<Self> {
        let seat = seats(configuration).acquire_owned().await?;
        let idle = {
            let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
            let position = idle.iter().position(|browser| browser.configuration == configuration);
            position.map(|position| idle.swap_remove(position))
        };
        let browser = match idle {
            Some(browser) => browser,
            None => Self::start(configuration, Surface::Headless).await?,
        };
        Ok(Self { seat: Some(seat), ..browser })
    }

    /// A new one.
    pub(crate) async fn start(configuration: Configuration, surface: Surface) -> Result<Self> {
        // On a thread that lives as long as the process: the system ends a driver with the thread that started it.
        tokio::spawn(Self::launch(configuration, surface, &[])).await?
    }

    /// A new one without a window that no scenario uses; if it is Chromium, with further arguments.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_alone(configuration: Configuration, arguments: Vec<String>) -> Result<Self> {
        tokio::spawn(async move { Self::launch(configuration, Surface::Headless, &arguments).await }).await?
    }

    /// Leaves it to the next scenario, with only its first window, empty. A browser that does not manage that in time is closed.
    pub(crate) async fn give_back(mut self) {
        match tokio::time::timeout(Duration::from_secs(10), self.tidy_up()).await {
            Ok(Ok(())) => {
                let seat = self.seat.take();
                IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(self);
                drop(seat);
            }
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

    /// Closes the browsers that wait.
    pub(crate) async fn close_idle() {
        let idle = std::mem::take(&mut *IDLE.lock().unwrap_or_else(PoisonError::into_inner));
        futures::future::join_all(idle.into_iter().map(Self::close)).await;
    }

    /// One launch of Firefox in dozens fails, so each is tried twice. The failure is printed.
    async fn launch(configuration: Configuration, surface: Surface, arguments: &[String]) -> Result<Self> {
        match Self::launch_once(configuration, surface, arguments).await {
            Ok(browser) => Ok(browser),
            Err(error) => {
                eprintln!("{configuration:?} did not start and is started again: {error:#}");
                Self::launch_once(configuration, surface, arguments).await
            }
        }
    }

    async fn launch_once(configuration: Configuration, surface: Surface, arguments: &[String]) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let driver = Driver::start(configuration.engine(), surface, profile.path())?;
        let capabilities = configuration.capabilities(surface, profile.path(), arguments);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", driver.port()))
            .await
            .with_context(|| format!("no session; the driver's log:\n{}", driver.log()))?;
        let limit = Some(Duration::from_secs(60));
        client.update_timeouts(TimeoutConfiguration::new(limit, limit, None)).await?;
        let home = client.window().await?;
        Ok(Self { client, driver, configuration, home, clicks: AtomicUsize::new(0), seat: None, _profile: profile })
    }
}
