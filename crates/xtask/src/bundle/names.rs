//! Gives the glue's properties the short names of the module's imports and exports.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// The short names that wasm-opt gave to the module's imports and exports. The long ones, with their hashes, would be a twelfth of the
/// download. The minifier gives the same names to the corresponding properties of the glue.
pub(super) struct Names(Vec<(String, String)>);

impl Names {
    pub(super) fn read(file: &Path) -> Result<Self> {
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
        // wasm-opt merges all imported modules into one of this name.
        let module = json.pointer("/imports/0/0").and_then(Value::as_str).context("wasm-opt named no import")?;
        names.push((module.to_owned(), "a".to_owned()));
        Ok(Self(names))
    }

    pub(super) fn terser_cache(&self) -> Value {
        let names: serde_json::Map<_, _> =
            self.0.iter().map(|(long, short)| (format!("${long}"), Value::from(short.as_str()))).collect();
        json!({ "props": { "props": names } })
    }

    /// Renames exactly these properties, even if the DOM has one of the same name.
    pub(super) fn terser_option(&self) -> String {
        let names: Vec<String> = self.0.iter().map(|(long, _)| long.replace('.', "[.]").replace('/', "[/]")).collect();
        format!("builtins=true,regex=/^({})$/", names.join("|"))
    }
}
