//! `cargo xtask fuzz`: runs the targets of fuzz/ for a while, one after the other.
//!
//! A run keeps the inputs that were worth keeping in fuzz/corpus, and the next run begins with them.

mod log;
mod seeds;

use std::fs::{self, File};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{root, run};
use crate::setup::Fuzzer;
use log::Stats;

/// The targets, each a file of fuzz/fuzz_targets.
const TARGETS: [&str; 6] = ["origins", "entries", "messages", "cookies", "hand_off", "tokens"];

#[derive(Args)]
pub(crate) struct Options {
    /// How long each target is run
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Only this target
    #[arg(long, value_parser = TARGETS)]
    target: Option<String>,
}

impl Options {
    /// Every target.
    pub(crate) fn for_seconds(seconds: u32) -> Self {
        Self { seconds, target: None }
    }
}

pub(crate) fn run_fuzz(options: &Options) -> Result<()> {
    let fuzzer = Fuzzer::ensure()?;
    run(&mut fuzzer.cargo_fuzz("build"))?;
    let is_meant = |target: &&str| options.target.as_ref().is_none_or(|only| only == target);
    for target in TARGETS.into_iter().filter(is_meant) {
        run_target(&fuzzer, target, options.seconds)?;
    }
    Ok(())
}

fn run_target(fuzzer: &Fuzzer, target: &str, seconds: u32) -> Result<()> {
    let fuzz = root().join("fuzz");
    let (corpus, seeds) = (fuzz.join("corpus").join(target), root().join("target/fuzz/seeds").join(target));
    fs::create_dir_all(&corpus)?;
    seeds::write(target, &seeds)?;
    let log = root().join("target/fuzz").join(target).with_extension("log");
    let mut run = fuzzer.cargo_fuzz("run");
    run.arg(target).arg(&corpus).arg(&seeds).arg("--").arg(format!("-max_total_time={seconds}"));
    // No input is longer: cookies have 4096 bytes at most, and targets make long text from short inputs.
    run.args(["-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    // All input is text, so most of what is interesting is a word of it.
    run.arg(format!("-dict={}", fuzz.join("words.dict").display()));
    let start = Instant::now();
    let status = run.current_dir(root()).stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
    let status = status.status().context("cannot start cargo-fuzz")?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        let artifact = log::artifact(&text).unwrap_or("no artifact");
        bail!("{target}: a finding: {artifact}\n{}\nThe whole log is {}.", log::why(&text), log.display());
    }
    let Stats { runs, coverage, corpus } =
        Stats::read(&text).with_context(|| format!("{} has an unknown form", log.display()))?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{target}: {runs} runs in {seconds:.0} s, coverage {coverage}, corpus {corpus}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_the_files_that_there_are() {
        let files = fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap();
        let stem = |file: fs::DirEntry| file.path().file_stem().unwrap().to_str().unwrap().to_owned();
        let mut files: Vec<String> = files.map(|file| stem(file.unwrap())).collect();
        let mut targets = TARGETS;
        files.sort();
        targets.sort_unstable();
        assert_eq!(files, targets);
    }
}
