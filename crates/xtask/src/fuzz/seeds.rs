//! What a target without a corpus begins with: the lines of fuzz/seeds (`\n` is a line break in them), the bridge's page and the
//! recorded messages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::root;

/// Writes a file for each seed, as libFuzzer reads them.
pub(super) fn write(target: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (number, seed) in of_target(target)?.iter().enumerate() {
        fs::write(folder.join(number.to_string()), seed)?;
    }
    Ok(())
}

fn of_target(target: &str) -> Result<Vec<String>> {
    let read = |path: PathBuf| fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()));
    let lines = root().join("fuzz/seeds").join(target).with_extension("txt");
    let mut seeds: Vec<String> =
        if lines.exists() { read(lines)?.lines().map(|line| line.replace("\\n", "\n")).collect() } else { vec![] };
    match target {
        "entries" => seeds.push(read(root().join("iframe-site/iframe.html"))?),
        "messages" => {
            let recorded = read(root().join("crates/bridge-protocol/fixtures/wire.json"))?;
            let recorded: Value = serde_json::from_str(&recorded)?;
            objects(&recorded, &mut seeds);
        }
        _ => {}
    }
    Ok(seeds)
}

/// Adds every object that could be a message.
fn objects(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("kind") {
                into.push(value.to_string());
            }
            fields.values().for_each(|value| objects(value, into));
        }
        Value::Array(values) => values.iter().for_each(|value| objects(value, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_messages_are_seeds() {
        assert!(of_target("messages").unwrap().len() > 30);
        assert!(of_target("entries").unwrap().iter().any(|seed| seed.contains("TRUSTED_DOMAINS")));
    }
}
