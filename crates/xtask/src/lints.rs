//! Formatting, lints and documents.

use anyhow::Result;

use crate::command::{command, run};
use crate::javascript;
use crate::setup::Tools;
use crate::test::step;

/// What is compiled to wasm. The tests of these crates run natively; their test harness is not for wasm.
const WASM_PACKAGES: [&str; 6] =
    ["--package", "bridge-iframe", "--package", "cookie-provider", "--package", "bridge-web"];

const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// The fuzz targets are a workspace of their own.
const FMT: [&str; 2] = ["cargo fmt --all", "cargo fmt --all --manifest-path fuzz/Cargo.toml"];

/// `cargo xtask format`
pub(crate) fn format() -> Result<()> {
    FMT.iter().try_for_each(|fmt| run(&mut command(fmt)))?;
    Tools::ensure_npm_packages()?;
    javascript::format()
}

pub(crate) fn check(tools: &Tools) -> Result<()> {
    step("formatting, Rust", || FMT.iter().try_for_each(|fmt| run(command(fmt).arg("--check"))))?;
    step("formatting and lints, JavaScript", javascript::check)?;
    step("lints, native", || {
        run(command("cargo clippy --quiet --workspace --all-targets").args(DENY))?;
        // With the same versions as the other workspace, so that most of what is compiled serves both.
        let fuzz = "cargo clippy --quiet --locked --target-dir target --manifest-path fuzz/Cargo.toml";
        run(command(fuzz).args(DENY))
    })?;
    step("lints, wasm", || {
        for mut clippy in [tools.wasm.cargo("clippy"), tools.wasm.cargo_without_wasm("clippy")] {
            run(clippy.arg("--quiet").args(WASM_PACKAGES).args(DENY))?;
        }
        Ok(())
    })?;
    step("documents, native", || {
        run(command("cargo doc --quiet --workspace --no-deps").env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    step("documents, wasm", || {
        let mut doc = tools.wasm.cargo("doc");
        doc.args(["--quiet", "--no-deps", "--document-private-items"]).args(WASM_PACKAGES);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })
}
