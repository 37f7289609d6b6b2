//! The checks of the JavaScript: Biome formats and lints it (biome.jsonc), tsc checks its types, and Node.js runs its unit tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::command::{root, run};
use crate::setup::{Tools, npm_command};

/// Each of these folders has a `tsconfig.json`.
const TYPED: [&str; 5] =
    ["crates/bridge-iframe", "crates/cookie-provider", "iframe-site", "provider-demo", "provider-demo/chats"];

/// Where the product's JavaScript and its unit tests are.
const FOLDERS: [&str; 4] = ["crates", "iframe-site", "provider-demo", "stand-ins"];

/// Formats, and applies the fixes that change no behaviour.
pub(crate) fn format() -> Result<()> {
    run(biome().arg("--write"))
}

/// Formatting and lints.
pub(crate) fn check() -> Result<()> {
    run(biome().arg("--error-on-warnings")).context("`cargo xtask format` fixes the formatting and some of the lints")
}

fn biome() -> Command {
    let mut biome = npm_command("biome");
    biome.arg("check");
    biome
}

/// The types of the JavaScript, and the declarations as a site owner uses them. Reads what a build leaves in target/bundle and dist/.
pub(crate) fn check_types(tools: &Tools) -> Result<()> {
    for folder in TYPED {
        run(tools.type_check().arg("--project").arg(folder))?;
    }
    let mut declarations = tools.type_check();
    declarations.args(["--noEmit", "--strict", "--lib", "es2022,dom", "--ignoreConfig"]);
    run(declarations.args(["dist/cookie-provider.d.ts", "dist/chat-adapters.d.ts", "tests/types.ts"]))
}

/// The files `*.test.js`, each beside what it tests.
pub(crate) fn run_unit_tests() -> Result<()> {
    let mut tests = Vec::new();
    for folder in FOLDERS.map(|folder| root().join(folder)) {
        if folder.exists() {
            find_tests(&folder, &mut tests)?;
        }
    }
    ensure!(!tests.is_empty(), "there is no file *.test.js in {}", FOLDERS.join(", "));
    tests.sort();
    run(Command::new("node").args(["--test", "--test-reporter", "dot"]).args(tests))
}

fn find_tests(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in folder.read_dir().with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find_tests(&entry.path(), found)?;
        } else if entry.file_name().to_string_lossy().ends_with(".test.js") {
            found.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn tests_are_found_in_all_folders() {
        let folder = root().join("target/tests-of-xtask/javascript");
        fs::create_dir_all(folder.join("page/frame")).unwrap();
        for file in ["calls.js", "calls.test.js", "page/frame/patience.test.js"] {
            fs::write(folder.join(file), "").unwrap();
        }
        let mut found = Vec::new();
        find_tests(&folder, &mut found).unwrap();
        found.sort();
        assert_eq!(found, ["calls.test.js", "page/frame/patience.test.js"].map(|file| folder.join(file)));
    }

    #[test]
    fn each_typed_folder_names_its_files() {
        for folder in TYPED {
            assert!(root().join(folder).join("tsconfig.json").exists(), "{folder}");
        }
    }
}
