//! The README's examples and `sign` make references that the server accepts.

use std::process::Command;

use crate::support::{REFERENCE_KEY, Setup, now};
use bridge_server::{ErrorCode, Key, reference};

/// The README's code block in this language.
fn example(language: &str) -> String {
    let after = include_str!("../../README.md").split_once(&format!("```{language}\n")).unwrap().1;
    after.split_once("```").unwrap().0.to_owned()
}

fn check(program: &str, flag: &str, code: &str) {
    let key = data_encoding::BASE64.encode(&[0x11; 32]);
    let output = Command::new(program).args([flag, code]).env("BRIDGE_REFERENCE_KEY", key).output();
    let output = output.unwrap_or_else(|error| panic!("{program} must be installed for this test: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let customer = reference::verify(&Key::parse_list(REFERENCE_KEY).unwrap(), text.trim(), now());
    assert_eq!(customer.unwrap().reveal(), "kund\u{e4} 7/\u{1f600}");
}

#[test]
fn the_example_in_javascript_works() {
    check("node", "-e", &format!("{}\nconsole.log(customerReference(\"kund\u{e4} 7/\u{1f600}\"))", example("js")));
}

#[test]
fn the_example_in_python_works() {
    let print =
        "import sys; sys.stdout.reconfigure(encoding='utf-8'); print(customer_reference(\"kund\u{e4} 7/\u{1f600}\"))";
    check("python3", "-c", &format!("{}\n{print}", example("python")));
}

#[test]
fn a_reference_is_signed_by_hand() {
    let setup = Setup::new();
    let sign = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bridge-server"));
        command
            .env_clear()
            .env("BRIDGE_REFERENCE_KEY", &setup.reference_keys)
            .arg("sign")
            .args(arguments)
            .output()
            .unwrap()
    };
    let output = sign(&["customer 7", "--seconds", "60"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (text, keys) = (String::from_utf8(output.stdout).unwrap(), Key::parse_list(REFERENCE_KEY).unwrap());
    assert_eq!(reference::verify(&keys, text.trim(), now()).unwrap().reveal(), "customer 7");
    assert!(reference::verify(&keys, text.trim(), now() + 61).is_err());
    let expired = String::from_utf8(sign(&["7", "--seconds", "-1"]).stdout).unwrap();
    assert_eq!(reference::verify(&keys, expired.trim(), now()), Err(ErrorCode::ReferenceExpired));
    assert!(!sign(&[""]).status.success());
    assert!(!sign(&["7", "--seconds", "2592001"]).status.success());
}
