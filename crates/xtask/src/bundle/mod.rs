//! Makes one JavaScript file of a wasm crate, its glue and its scripts.

mod module;
mod names;
mod no_wasm;
mod table;
mod text;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{root, run};
use crate::oldest::{TARGET, TARGET_WITHOUT_WASM};
use crate::setup::{Tools, WasmToolchain};

/// A crate that becomes a script, which Trunk and `build` then take from target/bundle.
pub(crate) struct Bundle {
    package: &'static str,
    /// Whether the module becomes JavaScript too, for pages whose policy allows no WebAssembly.
    is_without_wasm: bool,
}

pub(crate) const IFRAME: Bundle = Bundle { package: "bridge-iframe", is_without_wasm: false };
pub(crate) const PROVIDER: Bundle = Bundle { package: "cookie-provider", is_without_wasm: false };
pub(crate) const IFRAME_WITHOUT_WASM: Bundle = Bundle { is_without_wasm: true, ..IFRAME };
pub(crate) const PROVIDER_WITHOUT_WASM: Bundle = Bundle { is_without_wasm: true, ..PROVIDER };

impl Bundle {
    /// The finished script.
    pub(crate) fn script(&self) -> PathBuf {
        self.file("js")
    }

    /// The module, for a bundle that has one.
    pub(crate) fn module(&self) -> PathBuf {
        self.file("wasm")
    }

    fn target(&self) -> String {
        format!("--target={}", if self.is_without_wasm { TARGET_WITHOUT_WASM } else { TARGET })
    }

    fn file(&self, extension: &str) -> PathBuf {
        let folder = if self.is_without_wasm { bundle_folder().join("no-wasm") } else { bundle_folder() };
        folder.join(self.package).with_extension(extension)
    }

    fn make(&self, tools: &Tools) -> Result<()> {
        if self.is_without_wasm { self.make_without_wasm(tools) } else { self.make_with_module(tools) }
    }

    /// The glue and the module that wasm-bindgen makes. The glue's types are left beside it, for the type checker.
    fn bindgen(&self, compiled: &Path, choose: impl Fn(&mut Bindgen) -> Result<()>) -> Result<(String, Vec<u8>)> {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(compiled).typescript(true).remove_name_section(true).remove_producers_section(true);
        choose(&mut bindgen)?;
        let mut output =
            bindgen.generate_output().with_context(|| format!("wasm-bindgen cannot process {}", compiled.display()))?;
        table::trim(output.wasm_mut()).with_context(|| format!("{} is not as expected", self.package))?;
        std::fs::write(self.file("d.ts"), output.ts().context("wasm-bindgen wrote no types")?)?;
        // Made for bundlers, the glue is separate from the few lines that start it.
        let glue = output.start().map_or_else(|| output.js(), String::as_str).to_owned();
        Ok((glue, output.wasm_mut().emit_wasm()))
    }

    fn bundle(&self, tools: &Tools, glue: &Path, module: &Path, run: &Path) -> Command {
        let mut bundle = tools.bundle();
        let folder = root().join("crates").join(self.package);
        bundle.arg(folder.join("entry.js"));
        // Among the host page's scripts, nothing global can be relied on later.
        let platform = folder.join("page/platform.js");
        if platform.exists() {
            bundle.arg(format!("--inject:{}", platform.display()));
        }
        bundle.args(["--bundle", "--format=iife", "--log-level=warning", &self.target()]);
        for (name, file) in [("glue", glue), ("module", module), ("run", run)] {
            bundle.arg(format!("--alias:{name}={}", file.display()));
        }
        bundle.arg(format!("--outfile={}", self.file("source.js").display()));
        bundle
    }

    fn minify(&self, tools: &Tools) -> Command {
        let mut minify = tools.minify();
        minify.arg(self.file("source.js")).args(["--compress", "passes=2", "--mangle"]);
        // A server that declares another encoding must change neither the script nor its hash.
        minify.args(["--format", "ascii_only=true"]).arg("--output").arg(self.script());
        minify
    }
}

/// Runs a slow tool only if its input has changed. The input is kept beside the output.
fn make_once(input: &[u8], kept: &Path, output: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
    if output.exists() && std::fs::read(kept).is_ok_and(|before| before == input) {
        return Ok(());
    }
    // First, so that an interrupted run does not look like a finished one.
    let _ = std::fs::remove_file(kept);
    make()?;
    Ok(std::fs::write(kept, input)?)
}

/// The script with the adapters for chat systems. It has no module.
pub(crate) fn chat_adapters() -> PathBuf {
    bundle_folder().join("chat-adapters.js")
}

/// The script of the return page. It has no module.
pub(crate) fn return_page() -> PathBuf {
    bundle_folder().join("cookie-bridge.js")
}

/// Makes a script that has no module, of this file of the provider and what it imports.
fn make_without_module(tools: &Tools, entry: &str, script: &Path) -> Result<()> {
    let mut bundle = tools.bundle();
    bundle.arg(root().join("crates/cookie-provider").join(entry));
    bundle.args(["--bundle", "--minify", "--format=iife", "--log-level=warning"]);
    bundle.arg(format!("--target={TARGET_WITHOUT_WASM}"));
    run(bundle.arg(format!("--outfile={}", script.display())))
}

/// Compiles both modules and makes their scripts.
pub(crate) fn make_all(tools: &Tools) -> Result<()> {
    std::fs::create_dir_all(bundle_folder().join("no-wasm"))?;
    let mut cargo = tools.wasm.cargo("build");
    cargo.args(["--profile", "wasm", "--package", IFRAME.package, "--package", PROVIDER.package]);
    run(&mut cargo)?;
    let mut cargo = tools.wasm.cargo_without_wasm("build");
    cargo.args(["--profile", "wasm", "--package", IFRAME.package, "--package", PROVIDER.package]);
    run(&mut cargo)?;
    for bundle in [IFRAME, PROVIDER, IFRAME_WITHOUT_WASM, PROVIDER_WITHOUT_WASM] {
        bundle.make(tools)?;
    }
    make_without_module(tools, "chat/chat-adapters.js", &chat_adapters())?;
    make_without_module(tools, "return-page/entry.js", &return_page())
}

fn bundle_folder() -> PathBuf {
    root().join("target/bundle")
}

impl WasmToolchain {
    fn artifact(&self, package: &str) -> PathBuf {
        artifact(&self.target_folder(), package)
    }

    fn artifact_without_wasm(&self, package: &str) -> PathBuf {
        artifact(&self.target_folder_without_wasm(), package)
    }
}

fn artifact(target_folder: &Path, package: &str) -> PathBuf {
    let file = package.replace('-', "_");
    target_folder.join("wasm32-unknown-unknown/wasm").join(file).with_extension("wasm")
}
