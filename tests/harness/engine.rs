use std::env::VarError;

use crate::configuration::Configuration;

/// What a browser is built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium's own.
    Chromium,
    /// Firefox's, Gecko.
    Firefox,
    /// WebKitGTK's.
    Webkit,
}

/// Names the only engine that scenarios run in: `chromium`, `firefox` or `webkit`.
const CHOICE: &str = "COOKIE_BRIDGE_ENGINE";

impl Engine {
    /// The engine that was chosen for this run, if it is not for all.
    fn chosen() -> Option<Self> {
        match std::env::var(CHOICE).as_deref() {
            Err(VarError::NotPresent) => None,
            Ok("chromium") => Some(Self::Chromium),
            Ok("firefox") => Some(Self::Firefox),
            Ok("webkit") => Some(Self::Webkit),
            other => panic!("{CHOICE} must be chromium, firefox or webkit, not {other:?}"),
        }
    }
}

/// Those of a scenario's configurations that are of the chosen engine. If there are none, it is skipped, which it says.
pub(crate) fn chosen(configurations: impl IntoIterator<Item = Configuration>) -> Vec<Configuration> {
    let mut configurations: Vec<Configuration> = configurations.into_iter().collect();
    let Some(engine) = Engine::chosen() else { return configurations };
    let all = format!("{configurations:?}");
    configurations.retain(|configuration| configuration.engine() == engine);
    if configurations.is_empty() {
        let scenario = crate::run::name();
        say(&format!("SKIPPED {scenario}: {CHOICE} allows only {engine:?}, and this scenario runs only in {all}\n"));
    }
    configurations
}

/// Writes past libtest, which shows the output of no test that passed.
fn say(line: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(line.as_bytes());
}
