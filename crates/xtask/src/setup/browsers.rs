//! What the tests run besides what is built: browsers with their drivers, and the programs that the bridge server works with.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{crates_io, debian};

/// Firefox's driver, of which Debian has no package.
const GECKODRIVER: &str = "0.37.1";

pub(crate) struct TestPrograms {
    geckodriver: PathBuf,
}

impl TestPrograms {
    pub(crate) fn ensure() -> Result<Self> {
        debian::Missing::find(&[
            ("chromium", "chromium"),
            ("chromedriver", "chromium-driver"),
            ("firefox-esr", "firefox-esr"),
            ("WebKitWebDriver", "webkit2gtk-driver"),
            ("Xvfb", "xvfb"),
            ("dbus-daemon", "dbus"),
            ("setpriv", "util-linux"),
            ("redis-server", "redis-server"),
            ("nginx", "nginx-light"),
            ("caddy", "caddy"),
            ("python3", "python3"),
        ])
        .install()?;
        Ok(Self { geckodriver: crates_io::ensure_program("geckodriver", GECKODRIVER)? })
    }

    /// Passes on where the programs are that are not on the PATH.
    pub(crate) fn pass_to(&self, tests: &mut Command) {
        tests.env("GECKODRIVER", &self.geckodriver);
    }
}
