//! `cargo xtask test`: everything that CI checks.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use clap::Args;

use crate::setup::{TestPrograms, Tools};
use crate::{build, fuzz, root, run, size, support};

/// How long each fuzz target is run: enough to see that it still works and what is near its seeds, and together less than a minute.
const FUZZ_SECONDS: u32 = 7;

/// What is compiled to wasm. The tests of these crates run natively; their test harness is not for wasm.
const WASM_PACKAGES: [&str; 6] =
    ["--package", "bridge-iframe", "--package", "cookie-provider", "--package", "bridge-web"];

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
        check_sources(&tools)?;
        step("native tests", || run(cargo("test").args(["--quiet", "--workspace", "--exclude", "end-to-end"])))?;
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
        run(cargo("build").args(["--quiet", "--package", "demo-server", "--package", "bridge-server"]))?;
        let mut tests = cargo("test");
        tests.args(["--package", "end-to-end", "--"]).args(&options.browser);
        programs.tell(&mut tests);
        run(&mut tests)
    })?;
    if options.browser.is_none() {
        step("browser support", || support::check(options.write_browser_support))?;
    }
    Ok(())
}

fn check_sources(tools: &Tools) -> Result<()> {
    // A workspace of its own, with the same versions, so that most of what is compiled for the lints serves both.
    let of_fuzz = ["--manifest-path", "fuzz/Cargo.toml"];
    step("formatting", || {
        run(cargo("fmt").args(["--all", "--check"]))?;
        run(cargo("fmt").args(["--all", "--check"]).args(of_fuzz))
    })?;
    let deny = ["--", "-D", "warnings"];
    step("lints, native", || {
        run(cargo("clippy").args(["--quiet", "--workspace", "--all-targets"]).args(deny))?;
        let mut clippy = cargo("clippy");
        clippy.args(["--quiet", "--locked", "--target-dir", "target"]).args(of_fuzz);
        run(clippy.args(deny))
    })?;
    step("lints, wasm", || {
        for mut clippy in [tools.wasm.cargo("clippy"), tools.wasm.cargo_without_wasm("clippy")] {
            run(clippy.arg("--quiet").args(WASM_PACKAGES).args(deny))?;
        }
        Ok(())
    })?;
    step("documents, native", || {
        run(cargo("doc").args(["--quiet", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    step("documents, wasm", || {
        let mut doc = tools.wasm.cargo("doc");
        doc.args(["--quiet", "--no-deps", "--document-private-items"]).args(WASM_PACKAGES);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })
}

fn cargo(subcommand: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.arg(subcommand);
    cargo
}

fn step(name: &str, check: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {name}");
    let start = Instant::now();
    check()?;
    println!("== {name}: good, {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}
