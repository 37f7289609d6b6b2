//! `cargo xtask bench page`: how long a page waits for its first session. `bench/page` measures; here is what it needs: the built product, the peers' scripts,
//! and the browsers.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use clap::Args;

use super::write_figures;
use crate::build;
use crate::command::{command, output_of, root};
use crate::setup::{Peers, TestPrograms, Tools};

const PAGE: &str = "docs/speed.md";
const START: &str = "<!-- What follows is written by `cargo xtask bench page --write`. -->";

#[derive(Args)]
pub(crate) struct Options {
    /// How many rounds each contestant gets in each row, after one to warm up
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Write the figures into docs/speed.md
    #[arg(long)]
    write: bool,
}

pub(super) fn run_bench(options: &Options) -> Result<()> {
    let tools = Tools::ensure()?;
    build::run_build(&tools)?;
    let mut bench = prepared(&tools, &TestPrograms::ensure()?)?;
    bench.arg("--rounds").arg(options.rounds.to_string());
    let figures = figures_of(&mut bench)?;
    println!("{figures}");
    if options.write {
        write_figures(PAGE, START, &figures)?;
    }
    Ok(())
}

/// Measures a little of what was built, to see that each contestant still gets the session. Asserts no time.
pub(crate) fn check(tools: &Tools, programs: &TestPrograms) -> Result<()> {
    let figures = figures_of(prepared(tools, programs)?.args(["--rounds", "2", "--quick"]))?;
    println!("{figures}");
    Ok(())
}

fn figures_of(bench: &mut Command) -> Result<String> {
    let peers = Peers::ensure()?;
    let figures = String::from_utf8(output_of(bench.stderr(Stdio::inherit()))?)?;
    Ok(figures.trim_end().to_owned() + "\n" + &peers.versions()?)
}

/// The command that measures, and all that it reads.
fn prepared(tools: &Tools, programs: &TestPrograms) -> Result<Command> {
    let mut bench = command("cargo run --quiet --package page-bench -- --scripts");
    bench.arg(scripts(tools)?);
    programs.pass_to(&mut bench);
    Ok(bench)
}

/// The folder with each contestant's scripts, as browsers get them.
fn scripts(tools: &Tools) -> Result<PathBuf> {
    let folder = root().join("target/page-bench");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let ours = folder.join("cookie-bridge");
    fs::create_dir_all(&ours)?;
    fs::copy(root().join("dist/cookie-provider.js"), ours.join("client.js")).context("run `cargo xtask build`")?;
    Peers::ensure()?.write_scripts(tools, &folder)?;
    Ok(folder)
}
