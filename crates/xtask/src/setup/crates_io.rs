//! Programs from crates.io.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::command::{answer_of, command, root, run};

/// A program of this version: the one in `.tools/`, the system's, or else a new one in `.tools/`.
pub(super) fn ensure_program(name: &str, version: &str) -> Result<PathBuf> {
    let ours = root().join(".tools/bin").join(name);
    for candidate in [&ours, Path::new(name)] {
        if answer_of(Command::new(candidate).arg("--version")).is_some_and(|text| text.contains(version)) {
            return Ok(candidate.to_owned());
        }
    }
    println!("Installing {name} {version} into .tools/ (a few minutes).");
    // A debug build compiles in a third of the time and runs fast enough.
    let mut install = command("cargo install --quiet --locked --debug");
    install.args(["--version", version, name, "--root"]).arg(root().join(".tools"));
    run(install.env("CARGO_TARGET_DIR", root().join("target/tools")).env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    Ok(ours)
}
