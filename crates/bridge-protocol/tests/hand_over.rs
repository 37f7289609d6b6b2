//! What the addresses of a hand-over carry, byte for byte. The tests of the pages' scripts read the same `fixtures/hand-over.json`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use bridge_protocol::{Ask, BridgeError, Give, GiveNone, Nonce, Offer, is_return_page};
use proptest::prelude::*;
use serde_json::Value;
use url::Url;

fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/hand-over.json")).unwrap()
}

fn nonce(of: &Value) -> Nonce {
    let nonce = Nonce::from_random([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
    assert_eq!(of["nonce"], nonce.as_str());
    nonce
}

fn text(of: &Value, key: &str) -> String {
    of[key].as_str().unwrap().to_owned()
}

fn names(of: &Value) -> Vec<String> {
    of["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn offers_are_as_recorded() {
    let offer = &recorded()["offer"];
    let meant = Offer { nonce: nonce(offer), origin: text(offer, "origin"), names: names(offer) };
    assert_eq!(offer["text"], meant.to_text());
    assert_eq!(Offer::read(&text(offer, "text")), Some(meant));
}

#[test]
fn questions_are_as_recorded() {
    let ask = &recorded()["ask"];
    let meant = Ask { nonce: nonce(ask), key: text(ask, "key"), path: text(ask, "path"), names: names(ask) };
    assert_eq!(ask["text"], meant.to_text());
    assert_eq!(Ask::read(&text(ask, "text")), Some(meant));
}

#[test]
fn what_is_given_is_as_recorded() {
    let (give, none) = (&recorded()["give"], &recorded()["none"]);
    let meant = Give { nonce: nonce(give), key: text(give, "key"), sealed: text(give, "sealed") };
    assert_eq!(give["text"], meant.to_text());
    assert_eq!(Give::read(&text(give, "text")), Some(meant));

    let error = BridgeError::from_code(none["code"].as_str().unwrap()).unwrap();
    let meant = GiveNone { nonce: nonce(none), error };
    assert_eq!(none["text"], meant.to_text());
    assert_eq!(GiveNone::read(&text(none, "text")), Some(meant));
}

#[test]
fn an_address_carries_each_text_as_it_is() {
    for step in ["offer", "ask", "give", "none"] {
        let fragment = format!("top~cookie-bridge={}", text(&recorded()[step], "text"));
        let url = Url::parse(&format!("https://help.example/page?a=b#{fragment}")).unwrap();
        assert_eq!(url.fragment(), Some(fragment.as_str()), "{step}");
    }
}

proptest! {
    #[test]
    fn a_text_is_read_as_one_step_and_written_as_it_was(
        step in "offer|ask|give|none|of+er|",
        nonce in "[0-9a-f]{32}|[0-9a-fA-F]{31,33}",
        words in prop::collection::vec(
            "https://shop.example|/a/cookie-bridge.html|handoff-expired|[0-9A-Za-z_-]{0,9}|.{0,9}",
            0..4,
        ),
    ) {
        let text = [vec![step, nonce], words].concat().join(",");
        let again = [
            Offer::read(&text).map(|offer| offer.to_text()),
            Ask::read(&text).map(|ask| ask.to_text()),
            Give::read(&text).map(|give| give.to_text()),
            GiveNone::read(&text).map(|none| none.to_text()),
        ];
        let again: Vec<String> = again.into_iter().flatten().collect();
        prop_assert!(again.is_empty() || again == [text.as_str()], "{:?} is {:?}", text, again);
    }

    #[test]
    fn a_return_page_is_a_file_of_its_own_origin(
        path in "(/|\\\\|[.]{1,2}/|//|[a-z%?#@:;~\t -]{1,3}|\u{2215}){0,4}(/|)cookie-bridge[.]html",
    ) {
        if is_return_page(&path) {
            let base = Url::parse("https://a.example").unwrap();
            let url = base.join(&path).unwrap();
            prop_assert_eq!(url.origin(), base.origin());
            prop_assert_eq!((url.username(), url.password(), url.query(), url.fragment()), ("", None, None, None));
            prop_assert!(url.path().ends_with("/cookie-bridge.html"));
            prop_assert_eq!(Url::parse(&format!("https://a.example{path}")), Ok(url));
        }
    }
}
