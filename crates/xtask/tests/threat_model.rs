//! What `docs/threat-model.md` says is tested, is: each row names tests, and each of them is there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The scenarios that are about attacks only: each is the test of some row.
const ONLY_ATTACKS: [&str; 5] =
    ["attacks::content", "attacks::frames", "attacks::messages", "attacks::popups", "strangers"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A row: its first cell, and the tests that its last one names.
#[derive(Debug, PartialEq)]
struct Row {
    attack: String,
    tests: Vec<String>,
}

/// The rows of all tables whose last column is `Tests`.
fn rows(document: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut is_table = false;
    for line in document.lines() {
        let Some(cells) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
            is_table &= line.starts_with("|--");
            continue;
        };
        let cells: Vec<&str> = cells.split(" | ").collect();
        if cells.last() == Some(&"Tests") {
            is_table = true;
        } else if is_table {
            assert_eq!(cells.len(), 3, "a row has an attack, what stops it, and tests: {line}");
            let tests = cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect();
            rows.push(Row { attack: cells[0].to_owned(), tests });
        }
    }
    rows
}

/// Where the source of a test may be: `a_crate::module::tests::name`, or `scenarios::module::name`.
fn candidates(modules: &[&str]) -> Vec<PathBuf> {
    let (package, modules) = modules.split_first().unwrap();
    // An inline `mod tests` is in the file of the module around it.
    let inline = modules.strip_suffix(&["tests"]).unwrap_or(modules);
    let folders = match *package {
        "scenarios" => vec!["tests/scenarios".to_owned()],
        package => ["src", "tests"].map(|folder| format!("crates/{}/{folder}", package.replace('_', "-"))).to_vec(),
    };
    let files = [modules, inline].map(|modules| modules.join("/"));
    let names = files.iter().flat_map(|file| [format!("{file}.rs"), format!("{file}/mod.rs")]);
    let names: Vec<String> = names.collect();
    folders.iter().flat_map(|folder| names.iter().map(move |name| root().join(folder).join(name))).collect()
}

/// The names of the tests in a source file that are run.
fn tests_in(source: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut attributes = Vec::new();
    for line in source.lines().map(str::trim) {
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        if line.starts_with("#[") {
            attributes.push(line);
        } else if let Some(name) = function.and_then(|rest| rest.split('(').next()) {
            let is_test = attributes.iter().any(|attribute| ["#[test]", "#[tokio::test]"].contains(attribute));
            if is_test && !attributes.iter().any(|attribute| attribute.starts_with("#[ignore")) {
                names.insert(name);
            }
            attributes.clear();
        } else if !line.starts_with("//") {
            attributes.clear();
        }
    }
    names
}

fn exists(test: &str) -> bool {
    let Some((modules, name)) = test.rsplit_once("::") else { return false };
    let modules: Vec<&str> = modules.split("::").collect();
    let sources = candidates(&modules).into_iter().filter_map(|file| std::fs::read_to_string(file).ok());
    sources.into_iter().any(|source| tests_in(&source).contains(name))
}

fn threat_model() -> Vec<Row> {
    rows(&std::fs::read_to_string(root().join("docs/threat-model.md")).unwrap())
}

#[test]
fn every_row_of_the_threat_model_names_tests_that_are_there() {
    let rows = threat_model();
    assert!(rows.len() > 50, "the tables are read: {} rows", rows.len());
    let untested: Vec<&Row> = rows.iter().filter(|row| row.tests.is_empty()).collect();
    assert!(untested.is_empty(), "without a test: {untested:#?}");
    let missing: BTreeSet<&String> = rows.iter().flat_map(|row| &row.tests).filter(|test| !exists(test)).collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}

#[test]
fn every_scenario_of_an_attack_is_in_the_threat_model() {
    let named: BTreeSet<String> = threat_model().into_iter().flat_map(|row| row.tests).collect();
    for module in ONLY_ATTACKS {
        let file = format!("tests/scenarios/{}.rs", module.replace("::", "/"));
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        let tests = tests_in(&source);
        assert!(!tests.is_empty(), "{module} is read");
        for test in tests {
            let path = format!("scenarios::{module}::{test}");
            assert!(named.contains(&path), "{path} is in no row");
        }
    }
}

#[test]
fn a_row_without_a_test_and_a_test_that_is_not_there_are_found() {
    let document = "| Attack | What stops it | Tests |\n|---|---|---|\n| one | this | `a::b`, `c::d` |\n| two | that | none |\n\n\
                    | not | such a | table |\n|---|---|---|\n| three | x | y |\n";
    let row = |attack: &str, tests: &[&str]| Row {
        attack: attack.to_owned(),
        tests: tests.iter().map(|test| (*test).to_owned()).collect(),
    };
    assert_eq!(rows(document), [row("one", &["a::b", "c::d"]), row("two", &[])]);
    assert!(exists("bridge_protocol::policy::tests::a_bad_entry_is_an_error_that_names_it_and_trusts_nobody"));
    for missing in [
        "bridge_protocol::policy::tests::no_such_test",
        "bridge_protocol::no_such_module::a_bad_entry_is_an_error_that_names_it_and_trusts_nobody",
        // A function, but no test.
        "bridge_protocol::policy::tests::list",
        "a_bad_entry_is_an_error_that_names_it_and_trusts_nobody",
        "",
    ] {
        assert!(!exists(missing), "{missing}");
    }
    let ignored = "#[test]\n#[ignore = \"slow\"]\nfn one() {}\n#[test]\n// why\nasync fn two() {}\nfn three() {}";
    assert_eq!(tests_in(ignored), BTreeSet::from(["two"]));
}
