//! Finds the tools that a task needs and installs those that are missing: into `.tools/` of this repository where it can, with the
//! system's packages where it must. If it can install neither, it names the packages and the command, and stops.

mod bench;
mod browsers;
mod crates_io;
mod debian;
pub(crate) mod frameworks;
mod fuzzer;
mod npm;
mod peers;
mod wasm;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::command::root;

pub(crate) use bench::BenchTools;
pub(crate) use browsers::TestPrograms;
pub(crate) use fuzzer::Fuzzer;
pub(crate) use peers::Peers;
pub(crate) use wasm::WasmToolchain;

/// Builds with rustc 1.95; later versions need a newer one.
const TRUNK: &str = "0.21.14";

/// Everything that a build needs, and what checks the JavaScript.
pub(crate) struct Tools {
    pub(crate) wasm: WasmToolchain,
    trunk: PathBuf,
}

impl Tools {
    pub(crate) fn ensure() -> Result<Self> {
        debian::Missing::find(&[("cc", "gcc")]).install()?;
        Self::ensure_npm_packages()?;
        Ok(Self { wasm: WasmToolchain::ensure()?, trunk: crates_io::ensure_program("trunk", TRUNK)? })
    }

    /// Only what `npm_command` runs.
    pub(crate) fn ensure_npm_packages() -> Result<()> {
        debian::Missing::find(&[("node", "nodejs"), ("npm", "npm")]).install()?;
        let packages = npm::Packages { listed_in: root().join("tools"), folder: root().join(".tools") };
        if !packages.are_installed() {
            println!("Installing the npm packages of tools/package.json into .tools/.");
            packages.install(&mut packages.install_command())?;
        }
        Ok(())
    }

    /// A file of an npm package.
    pub(crate) fn npm_file(&self, path: &str) -> PathBuf {
        root().join(".tools/node_modules").join(path)
    }

    pub(crate) fn wasm_opt(&self) -> Command {
        npm_command("wasm-opt")
    }

    pub(crate) fn wasm2js(&self) -> Command {
        npm_command("wasm2js")
    }

    pub(crate) fn bundle(&self) -> Command {
        let mut bundle = npm_command("esbuild");
        // esbuild would take tsconfig.json, which is for the type checker, as a wish for `"use strict"`.
        bundle.arg("--tsconfig-raw={}");
        bundle
    }

    pub(crate) fn minify(&self) -> Command {
        npm_command("terser")
    }

    pub(crate) fn type_check(&self) -> Command {
        npm_command("tsc")
    }

    pub(crate) fn trunk(&self) -> Command {
        Command::new(&self.trunk)
    }
}

/// A program of an npm package.
pub(crate) fn npm_command(name: &str) -> Command {
    Command::new(root().join(".tools/node_modules/.bin").join(name))
}
