//! `cargo xtask bench`: what is measured next to what others do.

mod load;
mod page;

use std::fs;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::command::root;
pub(crate) use page::check as check_page;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Put the bridge server under load, and compare it with a bare handler and with Express (docs/load.md)
    Server(load::Options),
    /// Measure how long a page waits for its first session, and compare it with other libraries, in browsers (docs/speed.md)
    Page(page::Options),
}

pub(crate) fn run_bench(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Server(options) => load::run_bench(options),
        Bench::Page(options) => page::run_bench(options),
    }
}

/// Writes the figures into a page of the documents, in place of what is behind this line.
fn write_figures(page: &str, start: &str, figures: &str) -> Result<()> {
    let file = root().join(page);
    let before = fs::read_to_string(&file)?;
    let (text, _) = before.split_once(start).with_context(|| format!("{page} has no {start}"))?;
    Ok(fs::write(&file, [text, start, "\n\n", figures].concat())?)
}
