//! `cargo xtask fuzz`: runs the targets of fuzz/ for a while, as many at a time as there are cores.
//!
//! A run keeps the inputs that were worth keeping in fuzz/corpus, and the next run begins with them.

mod log;
mod seeds;

use std::fs::{self, File};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::command::{root, run};
use crate::setup::Fuzzer;
use log::Stats;

/// The targets, each a file of fuzz/fuzz_targets.
const TARGETS: [&str; 6] = ["origins", "entries", "messages", "cookies", "hand_over", "tokens"];

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
    let targets: Vec<&str> = TARGETS.into_iter().filter(is_meant).collect();
    // A target uses one core.
    let cores = std::thread::available_parallelism()?.get();
    side_by_side(cores, &targets, |target| run_target(&fuzzer, target, options.seconds))
}

/// Does the work for each target, at most so many at a time. All are done, even if one fails.
fn side_by_side(workers: usize, targets: &[&str], work: impl Fn(&str) -> Result<()> + Sync) -> Result<()> {
    let (waiting, failures) = (Mutex::new(targets.iter()), Mutex::new(Vec::new()));
    let next = || waiting.lock().ok()?.next();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(target) = next() {
                    if let (Err(error), Ok(mut failures)) = (work(target), failures.lock()) {
                        failures.push(format!("{target}: {error:#}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
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
        bail!("a finding: {artifact}\n{}\nThe whole log is {}.", log::why(&text), log.display());
    }
    let Stats { runs, coverage, corpus } =
        Stats::read(&text).with_context(|| format!("{} has an unknown form", log.display()))?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{target}: {runs} runs in {seconds:.0} s, coverage {coverage}, corpus {corpus}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

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

    #[test]
    fn each_target_runs_once_and_each_failure_is_reported() {
        let runs = AtomicUsize::new(0);
        let outcome = side_by_side(2, &["origins", "entries", "messages", "cookies"], |target| {
            runs.fetch_add(1, Ordering::Relaxed);
            if target.ends_with("es") { bail!("a finding") } else { Ok(()) }
        });
        assert_eq!(runs.into_inner(), 4);
        let failures = outcome.unwrap_err().to_string();
        let mut failures: Vec<&str> = failures.lines().collect();
        failures.sort_unstable();
        assert_eq!(failures, ["cookies: a finding", "entries: a finding", "messages: a finding"]);
    }
}
