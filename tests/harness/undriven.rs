use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;

use crate::capabilities::CHROMIUM;
use crate::process::{Process, ending_with_this_thread};

/// Chromium without a driver, and so without a debugger: while one is attached, it prerenders no page. What happens in it is seen by what its pages request.
pub struct Undriven {
    _process: Process,
    _profile: TempDir,
}

impl Undriven {
    /// Opens an address in a profile of its own, which allows third-party cookies.
    #[must_use]
    pub fn open(address: &str) -> Self {
        let profile = TempDir::new().expect("a folder for the profile");
        let folder = profile.path().join("Default");
        std::fs::create_dir(&folder).expect("a folder in the profile");
        let preferences = json!({ "profile": { "cookie_controls_mode": 0 } });
        std::fs::write(folder.join("Preferences"), preferences.to_string()).expect("a file in the profile");
        let mut command = ending_with_this_thread("chromium");
        command.args(CHROMIUM).args(["--headless=new", "--ignore-certificate-errors"]);
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg(address);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Self { _process: Process::start(&mut command).expect("Chromium starts"), _profile: profile }
    }
}
