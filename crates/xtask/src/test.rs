//! `cargo xtask test`: everything that CI checks.

use std::time::Instant;

use anyhow::Result;
use clap::Args;

use crate::command::{command, root, run};
use crate::setup::{TestPrograms, Tools};
use crate::{build, fuzz, lints, size, support};

/// How long each fuzz target is run: enough to see that it still works and what is near its seeds, and together less than a minute.
const FUZZ_SECONDS: u32 = 7;

#[derive(Args)]
pub(crate) struct Options {
    /// Run only the end-to-end tests whose names contain this
    #[arg(long)]
    browser: Option<String>,
    /// Write what the browsers did into docs/browser-support.md, instead of comparing it
    #[arg(long)]
    write_browser_support: bool,
}

pub(crate) fn run_tests(options: &Options) -> Result<()> {
    let tools = Tools::ensure()?;
    let programs = TestPrograms::ensure()?;
    if options.browser.is_none() {
        lints::check(&tools)?;
        step("native tests", || run(&mut command("cargo test --quiet --workspace --exclude end-to-end")))?;
        step("fuzzing", || fuzz::run_fuzz(&fuzz::Options::for_seconds(FUZZ_SECONDS)))?;
    }
    step("build", || build::run_build(&tools))?;
    step("types", || {
        run(tools.type_check().args(["--noEmit", "--strict", "--lib", "es2022,dom", "--ignoreConfig"]).args(
            ["dist/cookie-provider.d.ts", "dist/chat-adapters.d.ts", "tests/types.ts"].map(|file| root().join(file)),
        ))
    })?;
    step("sizes", size::run)?;
    step("end-to-end tests", || {
        let evidence = root().join("target/end-to-end");
        if evidence.exists() {
            std::fs::remove_dir_all(evidence)?;
        }
        // Scenarios start them.
        run(&mut command("cargo build --quiet --package demo-server --package bridge-server"))?;
        let mut tests = command("cargo test --package end-to-end --");
        tests.args(&options.browser);
        programs.pass_to(&mut tests);
        run(&mut tests)
    })?;
    if options.browser.is_none() {
        step("browser support", || support::check(options.write_browser_support))?;
    }
    Ok(())
}

pub(crate) fn step(name: &str, check: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {name}");
    let start = Instant::now();
    check()?;
    println!("== {name}: good, {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
