//! What fuzzing needs: cargo-fuzz, and a C++ compiler for libFuzzer, which its crate has as source.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{crates_io, debian};
use crate::command::root;

const CARGO_FUZZ: &str = "0.13.2";

pub(crate) struct Fuzzer {
    command: PathBuf,
}

impl Fuzzer {
    pub(crate) fn ensure() -> Result<Self> {
        debian::Missing::find(&[("c++", "g++")]).install()?;
        Ok(Self { command: crates_io::ensure_program("cargo-fuzz", CARGO_FUZZ)? })
    }

    /// A command of cargo-fuzz.
    ///
    /// Without the address sanitizer, because it finds only what unsafe code does, and the product's own code has none. The rest of the
    /// instrumentation works on stable, so no second toolchain is needed. The assertions of a debug build are on, among them
    /// those against overflow.
    pub(crate) fn cargo_fuzz(&self, subcommand: &str) -> Command {
        let mut fuzz = Command::new(&self.command);
        fuzz.args([subcommand, "--sanitizer", "none", "--debug-assertions", "--fuzz-dir"]).arg(root().join("fuzz"));
        fuzz.arg("--target-dir").arg(root().join("target/fuzz"));
        fuzz
    }
}
