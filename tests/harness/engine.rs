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
        let choice = std::env::var_os(CHOICE)?;
        match choice.to_str() {
            Some("chromium") => Some(Self::Chromium),
            Some("firefox") => Some(Self::Firefox),
            Some("webkit") => Some(Self::Webkit),
            _ => panic!("{CHOICE} must be chromium, firefox or webkit, not {}", choice.display()),
        }
    }
}

/// Those of a scenario's cases that are of the chosen engine. If there are none, the scenario is skipped, which is printed.
pub(crate) fn chosen<T>(cases: impl IntoIterator<Item = (Configuration, T)>) -> Vec<(Configuration, T)> {
    let mut cases: Vec<(Configuration, T)> = cases.into_iter().collect();
    let Some(engine) = Engine::chosen() else { return cases };
    let all: Vec<Configuration> = cases.iter().map(|(configuration, _)| *configuration).collect();
    cases.retain(|(configuration, _)| configuration.engine() == engine);
    if cases.is_empty() {
        let scenario = crate::run::name();
        say(&format!("SKIPPED {scenario}: {CHOICE} allows only {engine:?}, and this scenario runs only in {all:?}\n"));
    }
    cases
}

/// Writes past libtest, which shows the output of no test that passed.
fn say(line: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(line.as_bytes());
}
