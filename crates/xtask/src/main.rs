//! `cargo xtask`: everything that is done with this repository, for people and for CI alike.

mod bench;
mod build;
mod bundle;
mod demo;
mod doctor;
mod fuzz;
mod setup;
mod size;
mod support;
mod test;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Builds, shows and tests Cookie Bridge", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build what a site owner hosts, into dist/
    Build,
    /// Build and serve the demo: two shops and the bridge, on three sites
    Demo(demo::Options),
    /// Check formatting, lints, documents and sizes, and run all tests, in browsers too
    Test(test::Options),
    /// Fuzz what reads bytes or objects from outside (fuzz/), one target after the other
    Fuzz(fuzz::Options),
    /// Put the bridge server under load, and compare it with a bare handler and with Express (docs/load.md)
    Bench(bench::Options),
    /// Name every mistake in the list of a bridge site, and write what other web servers need (as `bridge-server check-site`)
    #[command(disable_help_flag = true)]
    CheckSite {
        /// The folder of the bridge site, for example dist/iframe-site; `--write <folder>` for the files
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Print the bytes of what is shipped: raw, gzip, brotli
    Size,
}

fn main() -> ExitCode {
    match perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform() -> Result<()> {
    match Arguments::parse().task {
        Task::Build => build::run_command(),
        Task::Demo(options) => demo::run_demo(&options),
        Task::Test(options) => test::run_tests(&options),
        Task::Fuzz(options) => fuzz::run_fuzz(&options),
        Task::Bench(options) => bench::run_bench(&options),
        Task::CheckSite { arguments } => check_site(&arguments),
        Task::Size => size::run(),
    }
}

/// The server reads the list and makes the headers, so it checks them, too. Folders are those of whoever calls this.
fn check_site(arguments: &[std::ffi::OsString]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "bridge-server", "--manifest-path"]).arg(root().join("Cargo.toml"));
    cargo.args(["--", "check-site"]).args(arguments);
    let shown = show(&cargo);
    let status = cargo.status().with_context(|| format!("cannot start: {shown}"))?;
    if !status.success() {
        bail!("the site cannot be hosted as it is");
    }
    Ok(())
}

/// The repository's folder.
fn root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).map_or_else(PathBuf::new, Path::to_owned)
}

/// Runs a command in the repository's folder and fails with it.
fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.current_dir(root()).status().with_context(|| format!("cannot start: {shown}"))?;
    if !status.success() {
        bail!("failed ({status}): {shown}");
    }
    Ok(())
}

/// What a command prints; fails with it.
fn output_of(command: &mut Command) -> Result<Vec<u8>> {
    let shown = show(command);
    let output = command.current_dir(root()).output().with_context(|| format!("cannot start: {shown}"))?;
    if !output.status.success() {
        bail!("failed ({}): {shown}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
