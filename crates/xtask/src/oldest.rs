//! The oldest browsers in which what is shipped works (docs/browser-support.md): what it is compiled for, and the check that nothing newer gets in.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use wasmparser::{Validator, WasmFeatures};

use crate::bundle;
use crate::command::root;
use crate::setup::Tools;

/// Reference types, which wasm-bindgen's glue needs, came with Chromium 96; private methods with Firefox 90 and Safari 15.
pub(crate) const TARGET: &str = "chrome96,edge96,firefox90,safari15";

/// What needs no WebAssembly is older: `?.` and `??` came with Chromium 80, and Firefox 78 and Safari 14.1 have no mistake that the compiler knows of.
pub(crate) const TARGET_WITHOUT_WASM: &str = "chrome80,edge80,firefox78,safari14.1";

/// The scripts in dist/, and the pages with scripts in them.
const SHIPPED: [(&str, &str); 8] = [
    ("cookie-provider.js", TARGET),
    ("chat-adapters.js", TARGET_WITHOUT_WASM),
    ("iframe-site/iframe.html", TARGET),
    ("iframe-site/doctor.html", TARGET_WITHOUT_WASM),
    ("return-page/.well-known/cookie-bridge.js", TARGET_WITHOUT_WASM),
    ("return-page/.well-known/cookie-bridge.html", TARGET_WITHOUT_WASM),
    ("no-wasm/cookie-provider.js", TARGET_WITHOUT_WASM),
    ("no-wasm/iframe-site/iframe.html", TARGET_WITHOUT_WASM),
];

pub(crate) fn check(tools: &Tools) -> Result<()> {
    for (file, target) in SHIPPED {
        let content = fs::read_to_string(root().join("dist").join(file)).with_context(|| format!("dist/{file}"))?;
        let script = if file.ends_with(".html") { inline_scripts(&content) } else { content };
        // For these browsers, the compiler writes newer syntax in another way. If it leaves everything as it is, there is none.
        let [old, new] = [target, "esnext"].map(|target| compiled(tools, &script, target));
        ensure!(old? == new?, "dist/{file} has syntax that some of {target} do not have");
    }
    // What Chromium 96, Firefox 79 and Safari 15 have of WebAssembly.
    let features = WasmFeatures::WASM1
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES;
    for bundle in [bundle::IFRAME, bundle::PROVIDER] {
        let module = fs::read(bundle.module())?;
        Validator::new_with_features(features).validate_all(&module).context("a module needs a newer WebAssembly")?;
    }
    Ok(())
}

/// The script as esbuild writes it for these browsers.
fn compiled(tools: &Tools, script: &str, target: &str) -> Result<Vec<u8>> {
    let mut esbuild = tools.bundle();
    esbuild.args(["--loader=js", "--log-level=error", &format!("--target={target}")]);
    let mut esbuild = esbuild.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // All of it is read before anything is written.
    esbuild.stdin.take().context("esbuild takes no input")?.write_all(script.as_bytes())?;
    let output = esbuild.wait_with_output()?;
    ensure!(output.status.success(), "esbuild cannot compile for {target}");
    Ok(output.stdout)
}

/// The scripts in a page, one after another.
fn inline_scripts(page: &str) -> String {
    let of_element = |element: &str| {
        let (tag, rest) = element.split_once('>')?;
        let is_code = tag.is_empty();
        is_code.then(|| rest.split("</script").next().unwrap_or_default().to_owned())
    };
    page.split("<script").skip(1).filter_map(of_element).map(|script| format!("{{{script}}}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_of_a_page_are_found_and_no_data() {
        let page = "<script>a</script><script type=\"application/json\">[1]</script><p><script>b</script>";
        assert_eq!(inline_scripts(page), "{a}\n{b}\n");
        assert_eq!(inline_scripts("<script src=\"a.js\"></script>"), "");
    }
}
