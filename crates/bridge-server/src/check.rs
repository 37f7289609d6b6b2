//! `bridge-server check-site`: reports every mistake in the allowlist of a built site, and writes the files with which other web servers
//! send the same headers as this one.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use bridge_protocol::TrustedDomains;

use crate::hosts::{self, Sent};
use crate::site::{IFRAME_PAGE, Page, SiteError, TrustedList, files, headers, iframe_page};

/// A mistake and its place in `iframe.html`. `Display` writes the form that editors and CI systems parse: `file:line:column: what`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file's path.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what } = self;
        write!(out, "{file}:{line}:{column}: {what}")
    }
}

/// The result of a check.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Every mistake. A site without one can be hosted.
    pub mistakes: Vec<Finding>,
    /// Legal, but perhaps not intended.
    pub notes: Vec<String>,
    /// The files for other web servers, by name.
    pub outputs: BTreeMap<&'static str, String>,
}

/// Checks the allowlist in the `iframe.html` of a folder.
///
/// # Errors
/// If the folder or a file in it cannot be read.
pub fn check_site(folder: &Path) -> Result<Report, SiteError> {
    let page = iframe_page(folder)?;
    let file = folder.join(IFRAME_PAGE).display().to_string();
    let list = match TrustedList::read(&page) {
        Ok(list) => list,
        Err(error @ (SiteError::NoList | SiteError::List(..))) => {
            let at = if let SiteError::List(at, _) = error { at } else { 0 };
            let mistakes = vec![finding(&file, &page, at, error.to_string())];
            return Ok(Report { mistakes, ..Report::default() });
        }
        Err(error) => return Err(error),
    };
    let mistakes = list.mistakes().into_iter();
    let mistakes: Vec<Finding> = mistakes.map(|(at, mistake)| finding(&file, &page, at, mistake.message())).collect();
    let (trusted, _) = list.policy();
    let ancestors = list.ancestors();
    let files = files(folder)?;
    let files = files.iter().filter(|(name, _)| !hosts::NAMES.contains(&name.as_str()));
    let sent: Vec<Sent<'_>> = files
        .map(|(name, content)| Sent { name, headers: headers(name, content, &ancestors, page.needs_wasm()) })
        .collect();
    let mut notes = notes(&trusted);
    notes.extend(hosts::notes(&sent));
    notes.extend(outdated(folder, &page.content_security_policy(&ancestors, page.needs_wasm())));
    Ok(Report { mistakes, notes, outputs: hosts::outputs(&sent) })
}

fn finding(file: &str, page: &Page, at: usize, what: String) -> Finding {
    let before = page.source().get(..at).unwrap_or_default();
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Finding { file: file.to_owned(), line, column, what }
}

/// An entry without `cookies` covers every session name, including those that other entries name.
fn notes(trusted: &TrustedDomains) -> Vec<String> {
    let mut names: Vec<&str> =
        trusted.rights().filter_map(|(_, rights)| rights.names()).flatten().map(|name| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Vec::new();
    }
    let open = trusted.rights().filter(|(_, rights)| rights.names().is_none());
    open.map(|(source, _)| {
        format!(
            "{source} has no cookies, so its pages may use those that other entries name, too: {}",
            names.join(", ")
        )
    })
    .collect()
}

/// The files for other web servers that were written into the folder for an earlier page or list: with them, browsers run none of the scripts that have
/// changed since.
fn outdated(folder: &Path, policy: &str) -> Vec<String> {
    // nginx' file may have the policy in pieces, and is in another folder.
    let names = hosts::NAMES.into_iter().filter(|name| *name != "nginx.conf");
    let is_outdated = |name: &&str| std::fs::read_to_string(folder.join(name)).is_ok_and(|text| !text.contains(policy));
    let note = |name| format!("{name} has not the Content-Security-Policy of this page and list; write it again");
    names.filter(is_outdated).map(note).collect()
}

/// Checks a site and prints the report. Without a mistake, writes the files; with one, fails.
pub(crate) fn run(folder: &Path, write: Option<&Path>) -> Result<()> {
    let report = check_site(folder)?;
    for note in &report.notes {
        println!("note: {note}");
    }
    for mistake in &report.mistakes {
        println!("{mistake}");
    }
    if !report.mistakes.is_empty() {
        let count = report.mistakes.len();
        bail!("{count} {} in the list", if count == 1 { "mistake" } else { "mistakes" });
    }
    println!("{}: the list is good", folder.join(IFRAME_PAGE).display());
    if let Some(into) = write {
        std::fs::create_dir_all(into).with_context(|| format!("{} cannot be created", into.display()))?;
        for (name, text) in &report.outputs {
            let path = into.join(name);
            std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
            println!("wrote {}", path.display());
        }
    }
    Ok(())
}
