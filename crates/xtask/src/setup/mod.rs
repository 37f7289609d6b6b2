//! Finds the tools that a task needs and installs those that are missing: into `.tools/` of this repository where it can, with the
//! system's packages where it must. If it can install neither, it names the packages and the command, and stops.

mod bench;
mod browsers;
mod crates_io;
mod debian;
mod fuzzer;
mod npm;
mod wasm;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::command::root;

pub(crate) use bench::BenchTools;
pub(crate) use browsers::TestPrograms;
pub(crate) use fuzzer::Fuzzer;
pub(crate) use wasm::WasmToolchain;

/// Builds with rustc 1.95; later versions need a newer one.
const TRUNK: &str = "0.21.14";

/// Everything that a build needs.
pub(crate) struct Tools {
    pub(crate) wasm: WasmToolchain,
    trunk: PathBuf,
}

impl Tools {
    pub(crate) fn ensure() -> Result<Self> {
        debian::Missing::find(&[("cc", "gcc"), ("node", "nodejs"), ("npm", "npm")]).install()?;
        npm::ensure_npm_packages()?;
        Ok(Self { wasm: WasmToolchain::ensure()?, trunk: crates_io::ensure_program("trunk", TRUNK)? })
    }

    /// A file of an npm package.
    pub(crate) fn npm_file(&self, path: &str) -> PathBuf {
        root().join(".tools/node_modules").join(path)
    }

    pub(crate) fn wasm_opt(&self) -> Command {
        Command::new(npm::npm_binary("wasm-opt"))
    }

    pub(crate) fn wasm2js(&self) -> Command {
        Command::new(npm::npm_binary("wasm2js"))
    }

    pub(crate) fn bundle(&self) -> Command {
        Command::new(npm::npm_binary("esbuild"))
    }

    pub(crate) fn minify(&self) -> Command {
        Command::new(npm::npm_binary("terser"))
    }

    pub(crate) fn type_check(&self) -> Command {
        Command::new(npm::npm_binary("tsc"))
    }

    pub(crate) fn trunk(&self) -> Command {
        Command::new(&self.trunk)
    }
}
