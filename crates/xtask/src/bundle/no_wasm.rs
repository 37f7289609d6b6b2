//! A script whose module is JavaScript too.

use std::path::PathBuf;

use anyhow::{Result, bail};
use bridge_protocol::WITHOUT_WASM;

use super::{Bundle, make_once};
use crate::command::{root, run};
use crate::setup::Tools;

impl Bundle {
    pub(super) fn make_without_wasm(&self, tools: &Tools) -> Result<()> {
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
        // On this much JavaScript, the minifier is as slow as wasm-opt.
        let source = std::fs::read(self.file("source.js"))?;
        make_once(&source, &self.file("minified.js"), &self.script(), || {
            run(self.minify(tools).arg("--format").arg(format!("ascii_only=true,preamble='{WITHOUT_WASM}'")))
        })
    }

    /// Runs wasm2js, which is as slow as wasm-opt.
    fn as_javascript(&self, module: &[u8], tools: &Tools) -> Result<PathBuf> {
        let (input, output) = (self.file("new.wasm"), self.file("compiled.js"));
        make_once(module, &self.file("in.wasm"), &output, || {
            std::fs::write(&input, module)?;
            run(tools.wasm2js().arg(&input).args(["-Oz", "-o"]).arg(&output))?;
            if std::fs::read_to_string(&output)?.contains("memory_grow") {
                bail!("{} grows its memory, but the glue would keep using the old buffer", self.package);
            }
            Ok(())
        })?;
        Ok(output)
    }
}
