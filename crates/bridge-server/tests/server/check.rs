//! `check-site` reports mistakes with their places.

use std::process::{Command, Output};

use crate::support::*;
use tempfile::TempDir;

fn check(setup: &Setup, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bridge-server"));
    // `check-site` needs neither keys nor a store.
    command.env_clear().arg("check-site").arg(setup.site()).args(more).output().unwrap()
}

/// Whether it succeeded, and its output without the path of the folder.
pub(crate) fn printed(setup: &Setup, more: &[&str]) -> (bool, Vec<String>) {
    let output = check(setup, more);
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let folder = format!("{}/", setup.site().display());
    (output.status.code() == Some(0), text.lines().map(|line| line.replace(&folder, "")).collect())
}

#[test]
fn a_good_list_is_called_so_and_nothing_is_written_unasked() {
    assert_eq!(printed(&Setup::new(), &[]), (true, vec!["iframe.html: the list is good".to_owned()]));
}

#[test]
fn every_mistake_is_named_with_file_line_and_column_and_nothing_is_written() {
    let setup = Setup::new();
    let list = r#"
        "https://shop.example",
        "http://plain.example", 'https://*.co.uk',
        { origin: "https://SHOP.example:443", cookies: ["a b"], acess: ["load"] },
        /* none */ 7,"#;
    setup.write("iframe.html", &IFRAME.replace("\"https://shop.example\",", list));
    let into = TempDir::new().unwrap();
    let into = into.path().join("out");
    let (is_good, lines) = printed(&setup, &["--write", into.to_str().unwrap()]);
    assert!(!is_good && !into.exists());
    assert_eq!(
        lines,
        [
            "iframe.html:10:9: TRUSTED_DOMAINS: \"http://plain.example\" must be https (http only for localhost); it is left out",
            "iframe.html:10:33: TRUSTED_DOMAINS: \"https://*.co.uk\" has a * over a public suffix, below which anybody can have a name; it is left out",
            "iframe.html:11:9: TRUSTED_DOMAINS: \"https://SHOP.example:443\" has the unknown property \"acess\"; it is left out",
            "iframe.html:11:9: TRUSTED_DOMAINS: \"https://SHOP.example:443\" has cookies that are not a list of cookie names; it is left out",
            "iframe.html:11:9: TRUSTED_DOMAINS: \"https://SHOP.example:443\" is there twice; the first one counts",
            "iframe.html:12:20: TRUSTED_DOMAINS: entry 4 is neither a string nor an object with an origin; it is left out",
            "bridge-server: 6 mistakes in the list",
        ]
    );
}

#[test]
fn a_list_that_cannot_be_read_is_named_where_it_cannot() {
    for (page, expected) in [
        ("<p>", "iframe.html:1:1: iframe.html has no `const TRUSTED_DOMAINS"),
        (
            "<script>\n  const TRUSTED_DOMAINS = load();</script>",
            "iframe.html:2:27: TRUSTED_DOMAINS in iframe.html must be",
        ),
        ("<script>\n\nconst TRUSTED_DOMAINS = [\n  'https://a.example',\n  x,\n]</script>", "iframe.html:5:"),
        ("<script type=application/json id=trusted-domains>\n[\n  'x'\n]</script>", "iframe.html:3:3: "),
        ("<script>const TRUSTED_DOMAINS = []</script>", "iframe.html:1:33: TRUSTED_DOMAINS: the list is empty"),
    ] {
        let setup = Setup::new();
        setup.write("iframe.html", page);
        let (is_good, lines) = printed(&setup, &[]);
        assert!(!is_good && lines[0].starts_with(expected), "{expected:?}: {lines:?}");
    }
}

#[test]
fn an_entry_that_may_use_the_names_of_others_is_noted() {
    let setup = Setup::new();
    let object = "{ origin: \"https://shop.example\", cookies: [\"chat\"] },";
    setup.write("iframe.html", &IFRAME.replace("\"https://shop.example\",", object));
    let (is_good, lines) = printed(&setup, &[]);
    let note =
        "note: https://*.help.example has no cookies, so its pages may use those that other entries name, too: chat";
    assert!(is_good);
    assert_eq!(lines[0], note);
}
