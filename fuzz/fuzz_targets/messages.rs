//! Sequences of messages and events for the iframe's core and the provider's, from peers and strangers, on a browser's cookie jar. What must
//! hold is in `fuzz::iframe` and `fuzz::provider`.
//!
//! An input that begins with `{` is one message as JSON, which is read, written and read again. One that begins with
//! `[` is `options.access` as JSON. One that begins with a step of a hand-over, or with `/`, is what an address carries,
//! or the path of a return page.

#![no_main]

use arbitrary::Unstructured;
use bridge_protocol::{
    Ask, Fields, Give, GiveNone, Greeting, Hello, Notice, Offer, PortGreeting, Ready, Reply, Request, Rungs,
    is_return_page,
};
use fuzz::iframe::the_iframe;
use fuzz::messages::nonce;
use fuzz::objects::Json;
use fuzz::provider::the_provider;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    if data.first() == Some(&b'{') {
        if let Ok(object) = serde_json::from_slice(data) {
            what_a_message_means_is_read_again(&Json(object));
        }
        return;
    }
    if data.first() == Some(&b'[') {
        if let Ok(text) = std::str::from_utf8(data) {
            rungs_are_those_that_a_json_parser_finds(text);
        }
        return;
    }
    if ["offer,", "ask,", "give,", "none,", "/"].iter().any(|start| data.starts_with(start.as_bytes())) {
        if let Ok(text) = std::str::from_utf8(data) {
            what_an_address_carries_is_written_as_it_is_read(text);
            text.split(',').for_each(a_return_page_is_a_file_of_its_own_origin);
        }
        return;
    }
    let mut input = Unstructured::new(data);
    match input.arbitrary() {
        Ok(true) => {
            let _ = the_iframe(&mut input);
        }
        Ok(false) => {
            let _ = the_provider(&mut input);
        }
        Err(_) => {}
    }
});

fn what_a_message_means_is_read_again(message: &dyn Fields) {
    if let Greeting::Hello(hello, version) = Hello::read(message) {
        assert_eq!(Hello::read(&hello.to_wire().fields()), Greeting::Hello(hello, version));
    }
    if let Some((id, Ok(what))) = Request::read(message) {
        assert_eq!(Request::read(&what.to_wire(id).fields()), Some((id, Ok(what))));
    }
    if let Some((id, what)) = Reply::read(message) {
        assert_eq!(Reply::read(&what.to_wire(id).fields()), Some((id, what)));
    }
    if let Some(notice) = Notice::read(message) {
        assert_eq!(Notice::read(&notice.to_wire().fields()), Some(notice));
    }
    if let Some(PortGreeting::Welcome(_)) = PortGreeting::read(message, &nonce(1)) {
        assert_eq!(message.text("nonce").as_deref(), Some(nonce(1).as_str()));
    }
    assert!(Ready::read(message).is_none() || Hello::read(message) == Greeting::NotOurs);
}

/// The reference is serde_json, which writes such a list as `JSON.stringify` does.
fn rungs_are_those_that_a_json_parser_finds(json: &str) {
    let names = ["cookie", "storage-access", "popup", "link", "store"];
    let list = serde_json::from_str::<Vec<String>>(json).ok();
    let list = list.filter(|list| serde_json::to_string(list).is_ok_and(|text| text == json));
    let list = list.filter(|list| list.iter().all(|name| names.contains(&name.as_str())));
    let expected = list.map(|list| {
        let [cookie, storage_access, popup, link, store] = names.map(|name| list.iter().any(|listed| listed == name));
        Rungs { cookie, storage_access, popup, link, store }
    });
    assert_eq!(Rungs::parse(json), expected, "{json}");
}

fn what_an_address_carries_is_written_as_it_is_read(text: &str) {
    let ask = Ask::read(text);
    if let Some(ask) = &ask {
        assert!(is_return_page(&ask.path), "{ask:?}");
    }
    let again = [
        Offer::read(text).map(|offer| offer.to_text()),
        ask.map(|ask| ask.to_text()),
        Give::read(text).map(|give| give.to_text()),
        GiveNone::read(text).map(|none| none.to_text()),
    ];
    let again: Vec<String> = again.into_iter().flatten().collect();
    assert!(again.is_empty() || again == [text], "{text:?} is {again:?}");
}

/// The reference is the `url` crate, which reads an address as a browser does.
fn a_return_page_is_a_file_of_its_own_origin(path: &str) {
    if !is_return_page(path) {
        return;
    }
    let base = Url::parse("https://a.example").unwrap();
    let url = base.join(path).unwrap();
    assert_eq!(url.origin(), base.origin(), "{path:?} is elsewhere");
    assert!(url.username().is_empty() && url.password().is_none());
    assert_eq!((url.query(), url.fragment()), (None, None), "{path:?} is more than a path");
    assert!(url.path().ends_with("/cookie-bridge.html"), "{path:?} is another file");
    // A page is left for an origin with the path behind it.
    assert_eq!(Url::parse(&format!("https://a.example{path}")), Ok(url));
}
