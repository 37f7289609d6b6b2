//! `cargo xtask fuzz`: runs the targets of fuzz/ for a while, one after the other.
//!
//! What a run has found worth keeping stays in fuzz/corpus, where the next run begins; without it, it begins with the seeds: the lines of
//! fuzz/seeds (`\n` is a line break in them), the bridge's page and the recorded messages.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::root;
use crate::setup::Fuzzer;

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
    /// Every target, for so long.
    pub(crate) fn for_seconds(seconds: u32) -> Self {
        Self { seconds, target: None }
    }
}

pub(crate) fn run_fuzz(options: &Options) -> Result<()> {
    let fuzzer = Fuzzer::ensure()?;
    crate::run(&mut fuzzer.cargo_fuzz("build"))?;
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
    write_seeds(target, &seeds)?;
    let log = root().join("target/fuzz").join(target).with_extension("log");
    let mut run = fuzzer.cargo_fuzz("run");
    run.arg(target).arg(&corpus).arg(&seeds).arg("--").arg(format!("-max_total_time={seconds}"));
    // Nothing that is read is longer: cookies have 4096 bytes at most, and targets make long text of short.
    run.args(["-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    // Only text is read, so most of what is interesting is a word of it.
    run.arg(format!("-dict={}", fuzz.join("words.dict").display()));
    let start = Instant::now();
    let status = run.current_dir(root()).stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
    let status = status.status().context("cannot start cargo-fuzz")?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        let written = "Test unit written to ";
        let artifact = text.lines().find_map(|line| line.split_once(written)).map_or("no artifact", |(_, path)| path);
        bail!("{target}: a finding: {artifact}\n{}\nThe whole log is {}.", why(&text), log.display());
    }
    let Stats { runs, coverage, corpus } = Stats::read(&text).with_context(|| format!("odd: {}", log.display()))?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{target}: {runs} runs in {seconds:.0} s, coverage {coverage}, corpus {corpus}");
    Ok(())
}

/// What libFuzzer says at the end: `#2097152 DONE cov: 512 ft: 1200 corp: 80/2Kb …`.
#[derive(Debug, PartialEq)]
struct Stats<'a> {
    runs: &'a str,
    coverage: &'a str,
    corpus: &'a str,
}

impl<'a> Stats<'a> {
    fn read(log: &'a str) -> Option<Self> {
        let words: Vec<&str> = log.lines().rfind(|line| line.contains("\tDONE "))?.split_whitespace().collect();
        let after = |name| words.iter().skip_while(|word| **word != name).nth(1).copied();
        Some(Self { runs: words.first()?.strip_prefix('#')?, coverage: after("cov:")?, corpus: after("corp:")? })
    }
}

/// The part of the log that says what went wrong.
fn why(log: &str) -> &str {
    let at = ["panicked at", "ERROR: libFuzzer"].iter().filter_map(|words| log.find(words)).min().unwrap_or_default();
    let rest = log.get(at..).unwrap_or_default();
    rest.char_indices().nth(1500).map_or(rest, |(end, _)| rest.get(..end).unwrap_or_default())
}

/// A file for each seed, as libFuzzer takes them.
fn write_seeds(target: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (number, seed) in seeds(target)?.iter().enumerate() {
        fs::write(folder.join(number.to_string()), seed)?;
    }
    Ok(())
}

fn seeds(target: &str) -> Result<Vec<String>> {
    let read = |path: PathBuf| fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()));
    let lines = root().join("fuzz/seeds").join(target).with_extension("txt");
    let mut seeds: Vec<String> =
        if lines.exists() { read(lines)?.lines().map(|line| line.replace("\\n", "\n")).collect() } else { vec![] };
    match target {
        "entries" => seeds.push(read(root().join("iframe-site/iframe.html"))?),
        "messages" => {
            let recorded = read(root().join("crates/bridge-protocol/fixtures/wire.json"))?;
            let recorded: Value = serde_json::from_str(&recorded)?;
            objects(&recorded, &mut seeds);
        }
        _ => {}
    }
    Ok(seeds)
}

/// Every object in it that could be a message.
fn objects(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("kind") {
                into.push(value.to_string());
            }
            fields.values().for_each(|value| objects(value, into));
        }
        Value::Array(values) => values.iter().for_each(|value| objects(value, into)),
        _ => {}
    }
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

    #[test]
    fn the_last_words_of_a_run_are_read() {
        let log =
            "#1\tINITED cov: 1\n#4096\tDONE   cov: 512 ft: 1200 corp: 80/2Kb lim: 64 exec/s: 1365 rss: 46Mb\nDone";
        assert_eq!(Stats::read(log), Some(Stats { runs: "4096", coverage: "512", corpus: "80/2Kb" }));
        assert_eq!(Stats::read("nothing of the kind"), None);
        assert!(why("INFO\nthread panicked at x:\nleft").starts_with("panicked at x"));
    }

    #[test]
    fn the_recorded_messages_are_seeds() {
        assert!(seeds("messages").unwrap().len() > 30);
        assert!(seeds("entries").unwrap().iter().any(|seed| seed.contains("TRUSTED_DOMAINS")));
    }
}
