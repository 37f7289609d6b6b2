//! From a wasm crate to one JavaScript file with the module inside.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::setup::{Tools, WasmToolchain};
use crate::{root, run};

/// A crate that becomes a script, and where the script is left for Trunk and dist/.
pub(crate) struct Bundle {
    package: &'static str,
}

pub(crate) const IFRAME: Bundle = Bundle { package: "bridge-iframe" };
pub(crate) const PROVIDER: Bundle = Bundle { package: "cookie-provider" };

impl Bundle {
    /// The finished script.
    pub(crate) fn script(&self) -> PathBuf {
        self.file("js")
    }

    fn file(&self, extension: &str) -> PathBuf {
        bundle_folder().join(self.package).with_extension(extension)
    }

    fn make(&self, tools: &Tools) -> Result<()> {
        let compiled = tools.wasm.artifact(self.package);
        let mut output = Bindgen::new()
            .input_path(&compiled)
            .no_modules(true)?
            .omit_default_module_path(true)
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate_output()
            .with_context(|| format!("wasm-bindgen cannot process {}", compiled.display()))?;
        let glue = output.js().to_owned();
        let module = self.optimised(&output.wasm_mut().emit_wasm(), tools)?;

        let entry = std::fs::read_to_string(root().join("crates").join(self.package).join("entry.js"))?;
        let (before_glue, rest) = split(&entry, "/* GLUE */")?;
        let (before_wasm, after_wasm) = split(rest, "/* WASM */")?;
        let module = ["\"", &as_text(&module), "\""].concat();
        let readable = [before_glue, &glue, before_wasm, &module, after_wasm].concat();

        let source = self.file("source.js");
        std::fs::write(&source, readable)?;
        run(tools.minify().arg(&source).args(["--compress", "passes=2", "--mangle", "--output"]).arg(self.script()))
    }

    /// wasm-opt is slow beside the rest, so what it made of the same module before is used again.
    fn optimised(&self, module: &[u8], tools: &Tools) -> Result<Vec<u8>> {
        let (input, output) = (self.file("in.wasm"), self.file("wasm"));
        let is_done = output.exists() && std::fs::read(&input).is_ok_and(|before| before == module);
        if !is_done {
            let fresh = self.file("new.wasm");
            std::fs::write(&fresh, module)?;
            run(tools.wasm_opt().arg(&fresh).args(["-Oz", "--strip-debug", "--strip-producers", "-o"]).arg(&output))?;
            // Last, so that an interrupted run is not taken for a finished one.
            std::fs::rename(&fresh, &input)?;
        }
        Ok(std::fs::read(&output)?)
    }
}

/// Compiles both modules and makes their scripts.
pub(crate) fn make_all(tools: &Tools) -> Result<()> {
    std::fs::create_dir_all(bundle_folder())?;
    let mut cargo = tools.wasm.cargo("build");
    cargo.args(["--profile", "wasm", "--package", IFRAME.package, "--package", PROVIDER.package]);
    run(&mut cargo)?;
    IFRAME.make(tools)?;
    PROVIDER.make(tools)
}

fn bundle_folder() -> PathBuf {
    root().join("target/bundle")
}

/// Bytes as characters that may stand in a quoted string of any script, page or encoding. `unpack` in entry.js reads it.
///
/// Base64 would cut across the bytes, so that nothing repeats any more for brotli to find; this grows a module by 5 % after brotli
/// where base64 grows it by 30 %. A byte is turned, so that the frequent ones come first, and written as one of 90 characters, with
/// one of two marks in front if it is beyond the first 90.
fn as_text(bytes: &[u8]) -> String {
    const MARKS: [char; 2] = ['~', '}'];
    let alphabet: Vec<char> = (b' '..b'}').map(char::from).filter(|c| !"\\\"<".contains(*c)).collect();
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let turned = usize::from(byte.wrapping_add(15));
        text.extend(turned.checked_sub(90).and_then(|beyond| MARKS.get(beyond / 90)));
        text.extend(alphabet.get(turned % 90));
    }
    text
}

fn split<'a>(text: &'a str, mark: &str) -> Result<(&'a str, &'a str)> {
    text.split_once(mark).with_context(|| format!("entry.js has no {mark}"))
}

impl WasmToolchain {
    fn artifact(&self, package: &str) -> PathBuf {
        let file = package.replace('-', "_");
        Path::new(&self.target_folder()).join("wasm32-unknown-unknown/wasm").join(file).with_extension("wasm")
    }
}
