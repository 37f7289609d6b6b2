//! The packages that the provider is compared with in a page.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Tools;
use super::debian::Missing;
use super::npm::Packages;
use crate::command::{root, run};

/// How a package's script gets to browsers.
#[derive(Clone, Copy)]
enum Shipped {
    /// The package has it minified.
    Minified,
    /// The package has it for browsers, but whole.
    Whole,
    /// The package leaves it to its user's bundler, and the page uses it by this name.
    AsModule(&'static str),
}

/// Each script by the file that its pages include, and the file of the package that it is made of.
const SCRIPTS: [(&str, &str, Shipped); 8] = [
    ("penpal/client.js", "penpal/dist/penpal.min.js", Shipped::Minified),
    ("penpal/hub.js", "penpal/dist/penpal.min.js", Shipped::Minified),
    ("cross-storage/client.js", "cross-storage/dist/client.min.js", Shipped::Minified),
    ("cross-storage/hub.js", "cross-storage/dist/hub.min.js", Shipped::Minified),
    ("cross-domain-storage/client.js", "cross-domain-storage/guest.js", Shipped::AsModule("createGuest")),
    ("cross-domain-storage/hub.js", "cross-domain-storage/host.js", Shipped::AsModule("createHost")),
    ("iframe-shared-storage/client.js", "iframe-shared-storage/dist/browser.js", Shipped::Whole),
    ("iframe-shared-storage/hub.js", "iframe-shared-storage/dist/browser.js", Shipped::Whole),
];

/// They are compared in this order.
const PACKAGES: [&str; 4] = ["penpal", "cross-storage", "cross-domain-storage", "iframe-shared-storage"];

pub(crate) struct Peers(Packages);

impl Peers {
    pub(crate) fn ensure() -> Result<Self> {
        Missing::find(&[("node", "nodejs"), ("npm", "npm")]).install()?;
        let packages = Packages { listed_in: root().join("bench/page/peers"), folder: root().join(".tools/peers") };
        if !packages.are_installed() {
            println!("Installing the packages of bench/page/peers from npm into .tools/peers.");
            packages.install(packages.install_command().arg("--ignore-scripts"))?;
        }
        Ok(Self(packages))
    }

    /// Writes the scripts into a folder, minified, as an owner would include them.
    pub(crate) fn write_scripts(&self, tools: &Tools, folder: &Path) -> Result<()> {
        for (script, source, shipped) in SCRIPTS {
            let (script, source) = (folder.join(script), self.0.folder.join("node_modules").join(source));
            if let Some(folder) = script.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut esbuild = tools.bundle();
            esbuild
                .arg(&source)
                .args(["--minify", "--log-level=warning"])
                .arg(format!("--outfile={}", script.display()));
            match shipped {
                Shipped::Minified => fs::copy(&source, &script).map(drop)?,
                Shipped::Whole => run(&mut esbuild)?,
                Shipped::AsModule(name) => {
                    run(esbuild.args(["--bundle", "--format=iife"]).arg(format!("--global-name={name}")))?;
                }
            }
        }
        Ok(())
    }

    /// As a list.
    pub(crate) fn versions(&self) -> Result<String> {
        let line = |package| Ok(format!("- {package} {}\n", self.0.version_of(package)?));
        PACKAGES.into_iter().map(line).collect()
    }
}
