//! What the benchmark needs: the load generator, and the packages of the server that is compared.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::debian::Missing;
use crate::command::{answer_of, root, run};

pub(crate) struct BenchTools {
    folder: PathBuf,
}

impl BenchTools {
    pub(crate) fn ensure() -> Result<Self> {
        Missing::find(&[("wrk", "wrk"), ("node", "nodejs"), ("npm", "npm")]).install()?;
        let tools = Self { folder: root().join(".tools/bench") };
        let (wanted, installed) = (root().join("bench/express/package.json"), tools.folder.join("package.json"));
        let manifest = std::fs::read_to_string(&wanted)?;
        // better-sqlite3 is compiled for one version of Node.js, so only a try shows whether it is there.
        let try_it = "require('express'); new (require('better-sqlite3'))(':memory:')";
        let is_there = std::fs::read_to_string(&installed).is_ok_and(|text| text == manifest)
            && answer_of(tools.with_packages(Command::new("node")).args(["--eval", try_it])).is_some();
        if !is_there {
            Missing::find(&[("python3", "python3"), ("g++", "g++"), ("make", "make")]).install()?;
            println!(
                "Installing Express and better-sqlite3 from npm into .tools/bench (two minutes, if it has to be compiled)."
            );
            // What another version of Node.js has left would be taken as it is.
            let _ = std::fs::remove_dir_all(tools.folder.join("node_modules"));
            std::fs::create_dir_all(&tools.folder)?;
            let mut npm = Command::new("npm");
            npm.args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--prefix"]);
            npm.arg(&tools.folder);
            // Its headers are next to Node.js where the system's packages have them; elsewhere node-gyp downloads them.
            let prefix = answer_of(Command::new("node").args(["--print", "path.resolve(process.execPath, '../..')"]));
            if let Some(prefix) = prefix.map(|text| PathBuf::from(text.trim()))
                && prefix.join("include/node/node.h").exists()
            {
                npm.env("npm_config_nodedir", prefix);
            }
            std::fs::write(&installed, manifest)?;
            run(&mut npm)?;
        }
        Ok(tools)
    }

    /// Runs a script of bench/express.
    pub(crate) fn node(&self, script: &str) -> Command {
        let mut node = self.with_packages(Command::new("node"));
        node.arg(root().join("bench/express").join(script));
        node
    }

    pub(crate) fn version_of(&self, package: &str) -> Result<String> {
        let manifest = self.folder.join("node_modules").join(package).join("package.json");
        let manifest: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(manifest)?)?;
        Ok(manifest.get("version").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
    }

    fn with_packages(&self, mut node: Command) -> Command {
        node.env("NODE_PATH", self.folder.join("node_modules"));
        node
    }
}
