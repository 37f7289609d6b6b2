//! What must stay true of the workspace: who may depend on whom, and one version of wasm-bindgen.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn metadata() -> Metadata {
    MetadataCommand::new().exec().unwrap()
}

#[test]
fn the_crates_depend_on_each_other_only_as_designed() {
    // `fake-browser` is for tests: see below.
    let designed = BTreeMap::from([
        ("bridge-protocol", vec!["fake-browser"]),
        ("bridge-server", vec!["bridge-protocol"]),
        ("bridge-web", vec!["bridge-protocol"]),
        ("bridge-iframe", vec!["bridge-protocol", "bridge-web", "fake-browser"]),
        ("cookie-provider", vec!["bridge-protocol", "bridge-web", "fake-browser"]),
        ("demo-server", vec!["bridge-server"]),
        ("fake-browser", vec!["bridge-protocol"]),
        ("end-to-end", vec!["bridge-server", "demo-server"]),
        ("page-bench", vec!["bridge-server", "demo-server", "end-to-end"]),
        ("xtask", vec!["bridge-protocol"]),
    ]);
    let metadata = metadata();
    let ours: BTreeSet<&str> = metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let found: BTreeMap<&str, Vec<&str>> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let dependencies = package.dependencies.iter().map(|dependency| dependency.name.as_str());
            let mut arrows: Vec<&str> = dependencies.filter(|name| ours.contains(name)).collect();
            arrows.sort_unstable();
            (package.name.as_str(), arrows)
        })
        .collect();
    assert_eq!(found, designed);
}

#[test]
fn the_protocol_depends_on_nothing() {
    let metadata = metadata();
    let protocol = metadata.workspace_packages().into_iter().find(|package| package.name == "bridge-protocol").unwrap();
    let normal = protocol.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    assert_eq!(normal.map(|dependency| &dependency.name).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn the_fake_browser_is_in_nothing_that_ships() {
    let metadata = metadata();
    let packages = metadata.workspace_packages().into_iter();
    let uses =
        packages.flat_map(|package| &package.dependencies).filter(|dependency| dependency.name == "fake-browser");
    let kinds: Vec<DependencyKind> = uses.map(|dependency| dependency.kind).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| *kind == DependencyKind::Development), "{kinds:?}");
}

#[test]
fn the_wasm_bindgen_tool_is_of_the_librarys_version() {
    let metadata = metadata();
    let versions = |name: &str| -> Vec<String> {
        let packages = metadata.packages.iter().filter(|package| package.name == name);
        packages.map(|package| package.version.to_string()).collect()
    };
    let library = versions("wasm-bindgen");
    assert_eq!(library.len(), 1);
    assert_eq!(versions("wasm-bindgen-cli-support"), library);
}
