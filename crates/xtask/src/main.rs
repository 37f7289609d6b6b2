//! `cargo xtask`: everything that is done with this repository, for people and for CI alike.

mod bench;
mod build;
mod bundle;
mod check_site;
mod command;
mod demo;
mod doctor;
mod end_to_end;
mod fuzz;
mod javascript;
mod lints;
mod oldest;
mod setup;
mod size;
mod support;
mod test;
mod times;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
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
    /// Check formatting, lints, documents, types and sizes, and run all tests, in browsers too
    Test(test::Options),
    /// Build what has changed and run the end-to-end tests whose names contain a NAME
    Scenario(end_to_end::Options),
    /// Run all of `test` at full length: what `test` shortens in some engines runs whole in each, and fuzzing takes longer
    Soak(test::SoakOptions),
    /// Format Rust and JavaScript, and apply the lints' safe fixes to JavaScript
    Format,
    /// Fuzz what reads bytes or objects from outside (fuzz/), as many targets at a time as there are cores
    Fuzz(fuzz::Options),
    /// Measure what was built, next to what others have
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Name every mistake in the list of a bridge site, and write what other web servers need (as `bridge-server check-site`)
    #[command(disable_help_flag = true)]
    CheckSite {
        /// The folder of the bridge site, for example dist/iframe-site; `--write <folder>` for the files
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Print the bytes of what is shipped: raw, gzip, brotli
    Size,
    /// Check that what was built needs no newer browser than docs/browser-support.md says
    Oldest,
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
        Task::Scenario(options) => end_to_end::run_scenario(&options),
        Task::Soak(options) => test::run_soak(&options),
        Task::Format => lints::format(),
        Task::Fuzz(options) => fuzz::run_fuzz(&options),
        Task::Bench(bench) => bench::run_bench(&bench),
        Task::CheckSite { arguments } => check_site::check_site(&arguments),
        Task::Size => size::run(),
        Task::Oldest => oldest::check(&setup::Tools::ensure()?),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
