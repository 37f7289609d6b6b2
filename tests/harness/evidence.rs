//! What a run leaves in `target/end-to-end/`: times, results for the table of browsers, pictures, and what explains a failure.

use std::any::Any;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::configuration::Configuration;
use crate::run;
use crate::wait::wait_for;
use crate::world::World;

/// Appends the time of one run of a scenario to the scenario's file in `times/`. `cargo xtask test` prints the slowest.
pub(crate) fn record_time(scenario: &str, configuration: Configuration, took: Duration) {
    let folder = folder().join("times");
    let line = format!("{}\t{scenario}\t{configuration:?}\n", took.as_millis());
    let append = || {
        std::fs::create_dir_all(&folder)?;
        let mut file = std::fs::File::options().create(true).append(true).open(folder.join(scenario))?;
        file.write_all(line.as_bytes())
    };
    append().expect("the time is recorded");
}

/// Notes why a scenario failed in the scenario's file in `failures/`. `cargo xtask test` prints it at the end, where the start of a long output is
/// cut off.
pub(crate) fn record_failure(scenario: &str, configuration: Configuration, panic: &(dyn Any + Send)) {
    let message = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    let folder = folder().join("failures");
    let text = format!("{scenario} in {configuration:?}: {}\n", message.unwrap_or("panicked"));
    if let Err(error) = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(scenario), text)) {
        eprintln!("the failure is not recorded: {error}");
    }
}

impl World {
    /// Records what this configuration does, for the table in `docs/browser-support.md`, which `cargo xtask test` compares.
    pub fn record(&self, what: &str, result: &str) {
        let folder = folder().join("support");
        std::fs::create_dir_all(&folder).expect("a folder for results");
        let configuration = self.browser.configuration().name();
        let write = |what: &str, text: &str| {
            std::fs::write(folder.join(format!("{configuration}.{what}")), text).expect("the result is recorded");
        };
        write(what, result);
        write("version", &self.browser.version());
    }

    /// Leaves a picture of the page, for people to look at.
    pub async fn keep_picture(&self, name: &str) {
        let folder = folder();
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let file = folder.join(format!("{name}-{:?}.png", self.browser.configuration()).to_lowercase());
        // Firefox takes none while a frame of the page is being replaced.
        let keep = async || self.browser.keep_picture(&file).await.inspect_err(|error| println!("{error:#}")).ok();
        wait_for("the picture is kept", keep).await;
    }

    /// Leaves a picture, the console and the driver's log of a scenario that failed.
    pub(crate) async fn keep_evidence(&self) {
        let folder = folder().join(run::name().replace("::", "-"));
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

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/end-to-end")
}
