//! The table of docs/browser-support.md, from what the end-to-end tests noted.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::command::root;

const CONFIGURATIONS: [(&str, &str); 13] = [
    ("chromium-allow", "third-party cookies allowed"),
    ("chromium-block", "third-party cookies blocked"),
    ("chromium-incognito", "incognito window"),
    ("chromium-block-all", "all cookies blocked"),
    ("firefox-allow", "third-party cookies allowed"),
    ("firefox-default", "Total Cookie Protection, the default"),
    ("firefox-strict", "strict tracking protection"),
    ("firefox-private", "private window"),
    ("firefox-block", "third-party cookies blocked"),
    ("firefox-no-storage-access", "the default, without the Storage Access API"),
    ("webkit-allow", "third-party cookies allowed"),
    ("webkit-default", "WebKitGTK's default"),
    ("webkit-itp", "intelligent tracking prevention, as in Safari"),
];

const COLUMNS: [(&str, &str); 6] = [
    ("jar", "`cookieTest`"),
    ("cookie", "`cookie`"),
    ("storage-access-first", "`storage-access`, first visit"),
    ("storage-access-later", "`storage-access`, later visits"),
    ("link", "`link`"),
    ("popup", "`popup`"),
];

const START: &str = "<!-- What follows is written by `cargo xtask test --write-browser-support`. -->";

/// Compares the table with the run's, or writes it.
pub(crate) fn check(write: bool) -> Result<()> {
    let file = root().join("docs/browser-support.md");
    let page = fs::read_to_string(&file)?;
    let (text, before) = page.split_once(START).with_context(|| format!("{} has no {START}", file.display()))?;
    let folder = root().join("target/end-to-end/support");
    let table = table(&folder)?;
    if write {
        fs::write(&file, [text, START, "\n\n", &table, "\n", &versions(&folder)?].concat())?;
    } else if !before.contains(&table) {
        bail!(
            "docs/browser-support.md does not say what was measured:\n\n{table}\n\
             If that is right, repeat with --write-browser-support."
        );
    }
    Ok(())
}

fn table(folder: &Path) -> Result<String> {
    let mut table = "| configuration | |".to_owned();
    for (_, title) in COLUMNS {
        table.push_str(&format!(" {title} |"));
    }
    table.push_str(&["\n|---|---|", &"---|".repeat(COLUMNS.len()), "\n"].concat());
    for (configuration, about) in CONFIGURATIONS {
        table.push_str(&format!("| {configuration} | {about} |"));
        for (column, _) in COLUMNS {
            table.push_str(&format!(" {} |", noted(folder, configuration, column)?));
        }
        table.push('\n');
    }
    Ok(table)
}

fn versions(folder: &Path) -> Result<String> {
    let mut versions = String::new();
    for configuration in ["chromium-allow", "firefox-allow", "webkit-allow"] {
        versions.push_str(&format!("- {}\n", noted(folder, configuration, "version")?));
    }
    Ok(["Measured with:\n\n", &versions].concat())
}

fn noted(folder: &Path, configuration: &str, what: &str) -> Result<String> {
    fs::read_to_string(folder.join(format!("{configuration}.{what}")))
        .with_context(|| format!("no scenario has noted what {configuration} does: {what}"))
}
