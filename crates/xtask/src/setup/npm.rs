//! Packages from the npm registry, exactly those of a committed `package-lock.json`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{command, run};

/// What npm installs from.
const LISTS: [&str; 2] = ["package.json", "package-lock.json"];

/// The packages that a folder of this repository lists, and the folder that they are installed into.
pub(super) struct Packages {
    pub(super) listed_in: PathBuf,
    pub(super) folder: PathBuf,
}

impl Packages {
    /// Whether the same lists were installed to the end: npm writes its own lock file last.
    pub(super) fn are_installed(&self) -> bool {
        let is_same = |list: &str| {
            let [listed, installed] = [&self.listed_in, &self.folder].map(|folder| fs::read(folder.join(list)).ok());
            listed.is_some() && listed == installed
        };
        LISTS.into_iter().all(is_same) && self.folder.join("node_modules/.package-lock.json").exists()
    }

    pub(super) fn install_command(&self) -> Command {
        let mut npm = command("npm ci --loglevel error --no-audit --no-fund --prefix");
        npm.arg(&self.folder);
        npm
    }

    /// `npm ci` first removes whatever was installed before.
    pub(super) fn install(&self, npm: &mut Command) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        for list in LISTS {
            let listed = self.listed_in.join(list);
            fs::copy(&listed, self.folder.join(list))
                .with_context(|| format!("{} cannot be copied", listed.display()))?;
        }
        run(npm)
    }

    pub(super) fn version_of(&self, package: &str) -> Result<String> {
        let manifest = self.folder.join("node_modules").join(package).join("package.json");
        let manifest: Value = serde_json::from_str(&fs::read_to_string(manifest)?)?;
        Ok(manifest.get("version").and_then(Value::as_str).unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::root;

    #[test]
    fn the_lock_files_hold_a_checksum_of_each_package_and_no_registry() {
        for folder in ["tools", "bench/express", "bench/page/peers", "tests/frameworks"] {
            let lock = fs::read_to_string(root().join(folder).join("package-lock.json")).unwrap();
            let lock: Value = serde_json::from_str(&lock).unwrap();
            let mut packages = 0;
            for (name, package) in lock.pointer("/packages").and_then(Value::as_object).unwrap() {
                assert!(package.get("resolved").is_none(), "{folder}: {name} names a registry");
                // The first entry is the folder itself.
                assert!(name.is_empty() || package.get("integrity").is_some(), "{folder}: {name} has no checksum");
                packages += 1;
            }
            assert!(packages > 1, "{folder}");
        }
    }

    #[test]
    fn packages_are_installed_once_npm_has_finished_with_the_same_lists() {
        let folder = root().join("target/tests-of-xtask/npm");
        let _ = fs::remove_dir_all(&folder);
        let packages = Packages { listed_in: folder.join("listed"), folder: folder.join("installed") };
        fs::create_dir_all(&packages.listed_in).unwrap();
        fs::write(packages.listed_in.join("package.json"), "{}").unwrap();
        fs::write(packages.listed_in.join("package-lock.json"), "1").unwrap();
        assert!(!packages.are_installed());

        packages.install(&mut command("true")).unwrap();
        assert!(!packages.are_installed(), "npm was interrupted");

        fs::create_dir_all(packages.folder.join("node_modules")).unwrap();
        fs::write(packages.folder.join("node_modules/.package-lock.json"), "").unwrap();
        assert!(packages.are_installed());

        fs::write(packages.listed_in.join("package-lock.json"), "2").unwrap();
        assert!(!packages.are_installed(), "another version is listed");
    }
}
