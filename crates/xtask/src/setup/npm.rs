//! Packages from the npm registry.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::command::{root, run};

/// wasm-opt with wasm2js, the bundler, the minifier, the type checker, and the chat systems of the demo and the tests, as the npm registry serves
/// them.
const NPM_PACKAGES: [(&str, &str); 6] = [
    ("binaryen", "132.0.0"),
    ("esbuild", "0.28.2"),
    ("terser", "5.51.2"),
    ("typescript", "7.0.2"),
    ("amazon-connect-chatjs", "5.0.0"),
    ("botframework-directlinejs", "0.15.8"),
];

pub(super) fn ensure_npm_packages() -> Result<()> {
    let has = |(name, version): &(&str, &str)| {
        let manifest = root().join(".tools/node_modules").join(name).join("package.json");
        std::fs::read_to_string(manifest).is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    };
    if NPM_PACKAGES.iter().all(has) {
        return Ok(());
    }
    let packages: Vec<String> = NPM_PACKAGES.iter().map(|(name, version)| format!("{name}@{version}")).collect();
    println!("Installing {} from npm into .tools/.", packages.join(", "));
    run(Command::new("npm")
        .args(["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix"])
        .arg(root().join(".tools"))
        .args(packages))
}

pub(super) fn npm_binary(name: &str) -> PathBuf {
    root().join(".tools/node_modules/.bin").join(name)
}
