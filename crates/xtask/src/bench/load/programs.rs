//! The servers that are written in Rust, built for release.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::command::{command, output_of};

pub(super) struct Programs {
    pub(super) bridge: PathBuf,
    pub(super) bare: PathBuf,
}

impl Programs {
    pub(super) fn build() -> Result<Self> {
        let mut cargo = command("cargo build --release --package bridge-server --bin bridge-server --example bare");
        cargo.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
        let mut built = programs_in(&String::from_utf8(output_of(&mut cargo)?)?);
        let mut take = |name: &str| built.remove(name).with_context(|| format!("cargo has not built {name}"));
        Ok(Self { bridge: take("bridge-server")?, bare: take("bare")? })
    }
}

/// The executable files that cargo's messages name.
fn programs_in(messages: &str) -> HashMap<String, PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = |message: Value| {
        let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Some((text("/target/name")?, text("/executable")?.into()))
    };
    messages.filter_map(program).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_are_those_with_an_executable_file() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"library"},"executable":null}"#,
            "\nnot a message\n",
            r#"{"reason":"compiler-artifact","target":{"name":"server"},"executable":"/target/server"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let expected = HashMap::from([("server".to_owned(), PathBuf::from("/target/server"))]);
        assert_eq!(programs_in(messages), expected);
    }
}
