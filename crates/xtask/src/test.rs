//! `cargo xtask test`: everything that CI checks. `cargo xtask soak`: the same at full length.

use std::time::Instant;

use anyhow::Result;
use clap::Args;

use crate::command::{command, run};
use crate::end_to_end::EndToEnd;
use crate::setup::{TestPrograms, Tools};
use crate::{bench, build, fuzz, javascript, lints, oldest, size, support};

/// How long each fuzz target runs: enough to see that it still works and to search near its seeds.
const FUZZ_SECONDS: u32 = 7;

#[derive(Args)]
pub(crate) struct Options {
    /// Write what the browsers did into docs/browser-support.md, instead of comparing it
    #[arg(long)]
    write_browser_support: bool,
}

#[derive(Args)]
pub(crate) struct SoakOptions {
    /// How long each fuzz target runs
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
    fuzz_seconds: u32,
}

pub(crate) fn run_tests(options: &Options) -> Result<()> {
    run_everything(&EndToEnd::all(), FUZZ_SECONDS, options.write_browser_support)
}

pub(crate) fn run_soak(options: &SoakOptions) -> Result<()> {
    run_everything(&EndToEnd::at_full_length(), options.fuzz_seconds, false)
}

fn run_everything(end_to_end: &EndToEnd, fuzz_seconds: u32, write_browser_support: bool) -> Result<()> {
    let tools = Tools::ensure()?;
    let programs = TestPrograms::ensure()?;
    lints::check(&tools)?;
    step("unit tests of the JavaScript", javascript::run_unit_tests)?;
    step("native tests", || run(&mut command("cargo test --quiet --workspace --exclude end-to-end")))?;
    step("fuzzing", || fuzz::run_fuzz(&fuzz::Options::for_seconds(fuzz_seconds)))?;
    step("build", || build::run_build(&tools))?;
    // What is built has the types of the modules.
    step("types", || javascript::check_types(&tools))?;
    step("oldest browsers", || oldest::check(&tools))?;
    step("sizes", size::run)?;
    step("page bench, short", || bench::check_page(&tools, &programs))?;
    let outcome = step("end-to-end tests", || end_to_end.run(&programs))
        .and_then(|()| step("browser support", || support::check(write_browser_support)));
    let printed = end_to_end.print_summary();
    outcome.and(printed)
}

pub(crate) fn step(name: &str, check: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {name}");
    let start = Instant::now();
    check()?;
    println!("== {name}: good, {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
