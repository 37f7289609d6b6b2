//! `cargo xtask check-site`: the bridge server reads the list and makes the headers, so it also checks them.

use std::ffi::OsString;

use anyhow::{Context, Result, bail};

use crate::command::{command, root, show};

/// Relative folders are those of the caller, so this does not run in the repository's folder.
pub(crate) fn check_site(arguments: &[OsString]) -> Result<()> {
    let mut cargo = command("cargo run --quiet --package bridge-server --manifest-path");
    cargo.arg(root().join("Cargo.toml")).args(["--", "check-site"]).args(arguments);
    let shown = show(&cargo);
    let status = cargo.status().with_context(|| format!("cannot start: {shown}"))?;
    if !status.success() {
        bail!("the site cannot be hosted as it is");
    }
    Ok(())
}
