//! What the benchmark of the bridge server needs: the load generator, and the packages of the server that is compared.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::debian::Missing;
use super::npm::Packages;
use crate::command::{answer_of, command, root};

pub(crate) struct BenchTools {
    packages: Packages,
}

impl BenchTools {
    pub(crate) fn ensure() -> Result<Self> {
        Missing::find(&[("wrk", "wrk"), ("node", "nodejs"), ("npm", "npm")]).install()?;
        let packages = Packages { listed_in: root().join("bench/express"), folder: root().join(".tools/bench") };
        let tools = Self { packages };
        // better-sqlite3 is compiled for one version of Node.js, so only a try shows whether it works.
        let try_it = "require('express'); new (require('better-sqlite3'))(':memory:')";
        let works = || answer_of(tools.with_packages(command("node --eval")).arg(try_it)).is_some();
        if !tools.packages.are_installed() || !works() {
            Missing::find(&[("python3", "python3"), ("g++", "g++"), ("make", "make")]).install()?;
            println!(
                "Installing Express and better-sqlite3 from npm into .tools/bench (two minutes, if it has to be compiled)."
            );
            let mut npm = tools.packages.install_command();
            if let Some(prefix) = node_with_headers() {
                npm.env("npm_config_nodedir", prefix);
            }
            tools.packages.install(&mut npm)?;
        }
        Ok(tools)
    }

    /// Runs a script of bench/express.
    pub(crate) fn node(&self, script: &str) -> Command {
        let mut node = self.with_packages(command("node"));
        node.arg(root().join("bench/express").join(script));
        node
    }

    pub(crate) fn version_of(&self, package: &str) -> Result<String> {
        self.packages.version_of(package)
    }

    fn with_packages(&self, mut node: Command) -> Command {
        node.env("NODE_PATH", self.packages.folder.join("node_modules"));
        node
    }
}

/// Where Node.js is installed with its headers, as the system's packages do. Otherwise node-gyp downloads them.
fn node_with_headers() -> Option<PathBuf> {
    let prefix = answer_of(command("node --print").arg("path.resolve(process.execPath, '../..')"))?;
    let prefix = PathBuf::from(prefix.trim());
    prefix.join("include/node/node.h").exists().then_some(prefix)
}
