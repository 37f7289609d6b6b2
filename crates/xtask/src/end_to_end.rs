//! The end-to-end tests: all of them, or with `cargo xtask scenario` those with a name.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::command::{command, output_of, root, run};
use crate::setup::{TestPrograms, Tools, frameworks};
use crate::{build, times};

/// The harness runs scenarios only in this engine.
const ENGINE: &str = "COOKIE_BRIDGE_ENGINE";

/// The harness runs each scenario whole in each engine.
const SOAK: &str = "COOKIE_BRIDGE_SOAK";

/// The harness runs scenarios in every engine that are alike in each.
const ALIKE: &str = "COOKIE_BRIDGE_ALIKE";

/// The scenarios that need the frameworks' pages.
const FRAMEWORKS: &str = "frameworks::";

/// How many of the slowest scenarios a run prints.
const SLOWEST: usize = 10;

#[derive(Args)]
pub(crate) struct Options {
    /// Parts of the tests' names, for example `popup` or `link::theft`
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    /// Only in this engine
    #[arg(long)]
    engine: Option<Engine>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    Chromium,
    Firefox,
    Webkit,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }
}

/// `cargo xtask scenario`
pub(crate) fn run_scenario(options: &Options) -> Result<()> {
    build::run_build(&Tools::ensure()?)?;
    let tests = EndToEnd { names: options.names.clone(), engine: options.engine, is_full: false };
    tests.run(&TestPrograms::ensure()?)
}

/// Which end-to-end tests to run, and how.
pub(crate) struct EndToEnd {
    /// All, without one.
    names: Vec<String>,
    engine: Option<Engine>,
    is_full: bool,
}

impl EndToEnd {
    pub(crate) fn all() -> Self {
        Self { names: Vec::new(), engine: None, is_full: false }
    }

    pub(crate) fn at_full_length() -> Self {
        Self { is_full: true, ..Self::all() }
    }

    pub(crate) fn run(&self, programs: &TestPrograms) -> Result<()> {
        if evidence_folder().exists() {
            fs::remove_dir_all(evidence_folder())?;
        }
        // Scenarios start them.
        run(&mut command("cargo build --quiet --package demo-server --package bridge-server"))?;
        let list = String::from_utf8(output_of(self.tests(programs).args(["--list", "--format", "terse"]))?)?;
        ensure!(!list.is_empty(), "no end-to-end test has {} in its name", self.names.join(" or "));
        if list.lines().any(|test| test.starts_with(FRAMEWORKS)) {
            frameworks::ensure()?;
        }
        run(&mut self.tests(programs))
    }

    /// The slowest scenarios, how long all of them took, and why some failed.
    pub(crate) fn print_summary(&self) -> Result<()> {
        print!("{}", times::Times::read(&evidence_folder().join("times"))?.slowest(SLOWEST));
        let failures = evidence_folder().join("failures");
        if failures.exists() {
            for failure in fs::read_dir(failures)? {
                print!("== failed: {}", fs::read_to_string(failure?.path())?);
            }
        }
        Ok(())
    }

    fn tests(&self, programs: &TestPrograms) -> Command {
        let mut tests = command("cargo test --package end-to-end --");
        tests.args(&self.names);
        programs.pass_to(&mut tests);
        // A variable that somebody has set must not leave scenarios out.
        tests.env_remove(ENGINE).env_remove(SOAK).env_remove(ALIKE);
        if let Some(engine) = self.engine {
            tests.env(ENGINE, engine.name());
        }
        if !self.names.is_empty() {
            tests.env(ALIKE, "1");
        }
        if self.is_full {
            tests.env(SOAK, "1");
        }
        tests
    }
}

/// Where the harness leaves pictures, logs, results and times.
fn evidence_folder() -> PathBuf {
    root().join("target/end-to-end")
}
