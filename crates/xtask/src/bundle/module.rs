//! A script with the WebAssembly module inside.

use anyhow::Result;

use super::names::Names;
use super::text::as_text;
use super::{Bundle, make_once};
use crate::command::{output_of, root, run};
use crate::setup::Tools;

impl Bundle {
    pub(super) fn make_with_module(&self, tools: &Tools) -> Result<()> {
        let (glue, module) = self.bindgen(&tools.wasm.artifact(self.package), |bindgen| {
            bindgen.web(true)?.omit_default_module_path(true);
            Ok(())
        })?;
        let module = self.optimised(&module, tools)?;
        let names = Names::read(&self.file("names.json"))?;

        // The bundler drops what entry.js does not use of the glue: everything that fetches a module.
        let (glue_file, module_file, cache) = (self.file("glue.js"), self.file("module.js"), self.file("cache.json"));
        std::fs::write(&glue_file, glue)?;
        std::fs::write(&module_file, ["export default \"", &as_text(&module), "\";\n"].concat())?;
        let bridge_web = root().join("crates/bridge-web");
        let mut bundle = self.bundle(tools, &glue_file, &module_file, &bridge_web.join("run.js"));
        run(bundle.arg(format!("--inject:{}", bridge_web.join("glue_wasm.js").display())))?;
        std::fs::write(&cache, names.terser_cache().to_string())?;
        let mut minify = self.minify(tools);
        run(minify.arg("--mangle-props").arg(names.terser_option()).arg("--name-cache").arg(cache))
    }

    /// Runs wasm-opt, which is slow compared with the other steps.
    fn optimised(&self, module: &[u8], tools: &Tools) -> Result<Vec<u8>> {
        // Flat code, from which loops and blocks are made anew, is smaller after brotli; twice, because the second round finds what the first one
        // laid bare. Nothing lies in the first 1024 bytes, which are the end of the stack.
        const OPTIONS: [&str; 9] = [
            "--flatten",
            "--rereloop",
            "--low-memory-unused",
            "-Oz",
            "-Oz",
            "--one-caller-inline-max-function-size=20",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ];
        let (input, output) = (self.file("new.wasm"), self.file("wasm"));
        let options = OPTIONS.join(" ");
        make_once(&[module, options.as_bytes()].concat(), &self.file("made-from"), &output, || {
            std::fs::write(&input, module)?;
            let mut optimise = tools.wasm_opt();
            // Prints the new names; see `Names`.
            optimise.arg(&input).args(OPTIONS).arg("--minify-imports-and-exports-and-modules").arg("-o").arg(&output);
            Ok(std::fs::write(self.file("names.json"), output_of(&mut optimise)?)?)
        })?;
        Ok(std::fs::read(&output)?)
    }
}
