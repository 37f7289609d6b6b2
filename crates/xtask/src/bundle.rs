//! From a wasm crate to one JavaScript file with the module inside.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use bridge_protocol::WITHOUT_WASM;
use serde_json::{Value, json};
use wasm_bindgen_cli_support::Bindgen;

use crate::setup::{Tools, WasmToolchain};
use crate::{output_of, root, run};

/// A crate that becomes a script, and where the script is left for Trunk and dist/.
pub(crate) struct Bundle {
    package: &'static str,
    /// Whether the module is JavaScript, too: for pages whose policy allows no WebAssembly.
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

    fn file(&self, extension: &str) -> PathBuf {
        let folder = if self.is_without_wasm { bundle_folder().join("no-wasm") } else { bundle_folder() };
        folder.join(self.package).with_extension(extension)
    }

    fn make(&self, tools: &Tools) -> Result<()> {
        if self.is_without_wasm { self.make_without_wasm(tools) } else { self.make_with_module(tools) }
    }

    fn bindgen(&self, compiled: &Path, choose: impl Fn(&mut Bindgen) -> Result<()>) -> Result<(String, Vec<u8>)> {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(compiled).typescript(false).remove_name_section(true).remove_producers_section(true);
        choose(&mut bindgen)?;
        let mut output =
            bindgen.generate_output().with_context(|| format!("wasm-bindgen cannot process {}", compiled.display()))?;
        // For bundlers, the glue is apart from the few lines that start it.
        let glue = output.start().map_or_else(|| output.js(), String::as_str).to_owned();
        Ok((glue, output.wasm_mut().emit_wasm()))
    }

    fn bundle(&self, tools: &Tools, glue: &Path, module: &Path, unpack: &Path) -> Command {
        let mut bundle = tools.bundle();
        bundle.arg(root().join("crates").join(self.package).join("entry.js"));
        bundle.args(["--bundle", "--format=iife", "--log-level=warning", "--target=es2022"]);
        for (name, file) in [("glue", glue), ("module", module), ("unpack", unpack)] {
            bundle.arg(format!("--alias:{name}={}", file.display()));
        }
        bundle.arg(format!("--outfile={}", self.file("source.js").display()));
        bundle
    }

    fn minify(&self, tools: &Tools) -> Command {
        let mut minify = tools.minify();
        minify.arg(self.file("source.js")).args(["--compress", "passes=2", "--mangle", "--output"]).arg(self.script());
        minify
    }

    fn make_with_module(&self, tools: &Tools) -> Result<()> {
        let (glue, module) = self.bindgen(&tools.wasm.artifact(self.package), |bindgen| {
            bindgen.web(true)?.omit_default_module_path(true);
            Ok(())
        })?;
        let module = self.optimised(&module, tools)?;
        let names = Names::read(&self.file("names.json"))?;

        // The bundler leaves out what entry.js does not use of the glue: all that fetches a module.
        let (glue_file, module_file, cache) = (self.file("glue.js"), self.file("module.js"), self.file("cache.json"));
        std::fs::write(&glue_file, glue)?;
        std::fs::write(&module_file, ["export default \"", &as_text(&module), "\";\n"].concat())?;
        run(&mut self.bundle(tools, &glue_file, &module_file, &root().join("crates/bridge-web/unpack.js")))?;
        std::fs::write(&cache, names.terser_cache().to_string())?;
        let mut minify = self.minify(tools);
        run(minify.arg("--mangle-props").arg(names.terser_option()).arg("--name-cache").arg(cache))
    }

    fn make_without_wasm(&self, tools: &Tools) -> Result<()> {
        let compiled = tools.wasm.artifact_without_wasm(self.package);
        let (glue, module) = self.bindgen(&compiled, |bindgen| {
            bindgen.bundler(true)?.out_name(self.package);
            Ok(())
        })?;
        // The module imports the glue by this name.
        let bound = self.file("js").with_file_name(format!("{}_bg.js", self.package));
        std::fs::write(&bound, glue)?;
        let compiled = self.as_javascript(&module, tools)?;
        let shim = root().join("crates/bridge-web/no-wasm.js");
        let mut bundle = self.bundle(tools, &shim, &shim, &shim);
        bundle.arg(format!("--alias:bound={}", bound.display()));
        run(bundle.arg(format!("--alias:compiled={}", compiled.display())))?;
        // With so much JavaScript, the minifier is as slow as wasm-opt.
        let source = std::fs::read(self.file("source.js"))?;
        make_once(&source, &self.file("minified.js"), &self.script(), || {
            run(self.minify(tools).arg("--format").arg(format!("preamble='{WITHOUT_WASM}'")))
        })
    }

    /// As slow as wasm-opt.
    fn as_javascript(&self, module: &[u8], tools: &Tools) -> Result<PathBuf> {
        let (input, output) = (self.file("new.wasm"), self.file("compiled.js"));
        make_once(module, &self.file("in.wasm"), &output, || {
            std::fs::write(&input, module)?;
            run(tools.wasm2js().arg(&input).args(["-Oz", "-o"]).arg(&output))?;
            if std::fs::read_to_string(&output)?.contains("memory_grow") {
                bail!("{} grows its memory, which the glue would not notice", self.package);
            }
            Ok(())
        })?;
        Ok(output)
    }

    /// wasm-opt is slow beside the rest.
    fn optimised(&self, module: &[u8], tools: &Tools) -> Result<Vec<u8>> {
        let (input, output) = (self.file("new.wasm"), self.file("wasm"));
        make_once(module, &self.file("in.wasm"), &output, || {
            std::fs::write(&input, module)?;
            let mut optimise = tools.wasm_opt();
            optimise.arg(&input).args([
                "-Oz",
                "--one-caller-inline-max-function-size=20",
                "--strip-debug",
                "--strip-producers",
                "--strip-target-features",
            ]);
            // Prints the names that it gave; see `Names`.
            optimise.arg("--minify-imports-and-exports-and-modules").arg("-o").arg(&output);
            Ok(std::fs::write(self.file("names.json"), output_of(&mut optimise)?)?)
        })?;
        Ok(std::fs::read(&output)?)
    }
}

/// What a slow tool made of the same input before is used again. The input is kept beside the output.
fn make_once(input: &[u8], kept: &Path, output: &Path, make: impl FnOnce() -> Result<()>) -> Result<()> {
    if output.exists() && std::fs::read(kept).is_ok_and(|before| before == input) {
        return Ok(());
    }
    // First, so that an interrupted run is not taken for a finished one of what was there before.
    let _ = std::fs::remove_file(kept);
    make()?;
    Ok(std::fs::write(kept, input)?)
}

/// The short names that wasm-opt gave to what the module imports and exports. The long ones, with their hashes, are a twelfth of what a
/// visitor downloads. The minifier gives the same names to the same properties of the glue.
struct Names(Vec<(String, String)>);

impl Names {
    fn read(file: &Path) -> Result<Self> {
        let json: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        let mut names = Vec::new();
        let lists = [json.get("imports"), json.get("exports")];
        for row in lists.into_iter().flatten().filter_map(Value::as_array).flatten() {
            let words: Vec<&str> = row.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            match words[..] {
                [_, long, short] | [long, short] => names.push((long.to_owned(), short.to_owned())),
                _ => bail!("wasm-opt printed names in an unknown form: {row}"),
            }
        }
        // All modules become one of this name.
        let module = json.pointer("/imports/0/0").and_then(Value::as_str).context("wasm-opt named no import")?;
        names.push((module.to_owned(), "a".to_owned()));
        Ok(Self(names))
    }

    fn terser_cache(&self) -> Value {
        let names: serde_json::Map<_, _> =
            self.0.iter().map(|(long, short)| (format!("${long}"), Value::from(short.as_str()))).collect();
        json!({ "props": { "props": names } })
    }

    /// These names and no others, even if the DOM has one of them.
    fn terser_option(&self) -> String {
        let names: Vec<String> = self.0.iter().map(|(long, _)| long.replace('.', "[.]").replace('/', "[/]")).collect();
        format!("builtins=true,regex=/^({})$/", names.join("|"))
    }
}

/// The script with the adapters for chat systems, which has no module.
pub(crate) fn chat_adapters() -> PathBuf {
    bundle_folder().join("chat-adapters.js")
}

fn make_chat_adapters(tools: &Tools) -> Result<()> {
    let mut bundle = tools.bundle();
    bundle.arg(root().join("crates/cookie-provider/chat/chat-adapters.js"));
    bundle.args(["--bundle", "--minify", "--format=iife", "--log-level=warning", "--target=es2022"]);
    run(bundle.arg(format!("--outfile={}", chat_adapters().display())))
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
    make_chat_adapters(tools)
}

fn bundle_folder() -> PathBuf {
    root().join("target/bundle")
}

/// Bytes as characters that may stand in a quoted string of any script, page or encoding. `unpack.js` of bridge-web reads it.
///
/// Base64 would cut across the bytes, so that nothing repeats any more for brotli to find; this grows a module by 5 % after brotli
/// where base64 grows it by 30 %. A byte is written as one of 90 characters, with one of two marks in front if it is beyond the
/// first 90.
fn as_text(bytes: &[u8]) -> String {
    const MARKS: [char; 2] = ['~', '}'];
    let alphabet: Vec<char> = (b' '..b'}').map(char::from).filter(|c| !"\\\"<".contains(*c)).collect();
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let number = usize::from(*byte);
        text.extend(number.checked_sub(90).and_then(|beyond| MARKS.get(beyond / 90)));
        text.extend(alphabet.get(number % 90));
    }
    text
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
