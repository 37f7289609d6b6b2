//! Any `document.cookie`, and names and values from pages: what is accepted is read back unchanged and changes no other cookie; a note or a
//! stored session that the product did not write is ignored.
//!
//! The input is up to five lines: a name, a value, the content of a note or a stored session, a number, and the rest of `document.cookie`.

#![no_main]

use bridge_protocol::{
    BridgeSession, CookieError, CookieJar, CookieName, CookieValue, InJar, Lifetime, MAX_AGE_SECONDS, SessionCookie,
    Timestamp, Visit, Written, find,
};
use fake_browser::FakeJar;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let mut lines = data.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (name, value, note, number, cookies) = (line(), line(), line(), line(), line());
    names_find_only_themselves(cookies, name);
    let seconds: f64 = number.parse().unwrap_or(f64::NAN);
    let lifetime = Lifetime::from_seconds(seconds);
    assert_eq!(lifetime.is_ok(), seconds >= 1.0 && seconds <= f64::from(MAX_AGE_SECONDS));
    let Ok(name) = CookieName::parse(name) else { return };
    assert!(name.as_str().bytes().all(|b| b.is_ascii_graphic() && !b";=,\"\\/()<>@:[]?{}".contains(&b)));
    what_was_not_written_here_counts_for_nothing(&name, note);
    a_visit_counts_for_thirty_days(note);
    let at = Timestamp::from_milliseconds(seconds);
    // Also a long value, made from the short one, so that the limit is reached.
    let many = usize::try_from(at.0 % 5000).unwrap_or_default();
    for value in [value.to_owned(), format!("{value}{}", "x".repeat(many))] {
        what_is_accepted_comes_back(&name, &value, lifetime.unwrap_or_default(), at, cookies);
    }
});

/// The reference is the standard library's own splitting.
fn names_find_only_themselves(cookies: &str, name: &str) {
    let pairs = || cookies.split(';').map(|pair| pair.strip_prefix(' ').unwrap_or(pair));
    let found = pairs().filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name);
    assert_eq!(find(cookies, name), found.map(|(_, value)| value));
    // All sessions, and all but those of this name.
    for but in ["", name] {
        let is_meant = |pair: &&str| {
            let session = pair.strip_prefix(' ').unwrap_or(pair).strip_prefix("__Host-bridge.");
            let session = session.and_then(|pair| pair.split_once('='));
            session.is_some_and(|(session, _)| session != but && CookieName::parse(session).is_ok())
        };
        let found = CookieName::all_in(cookies, &|session| session.as_str() != but);
        assert_eq!(found, cookies.split(';').filter(is_meant).collect::<String>());
    }
}

fn what_was_not_written_here_counts_for_nothing(name: &CookieName, text: &str) {
    let mut jar = FakeJar::default();
    let note = format!("__Host-bridge-note.{}", name.as_str());
    // Host-only, whatever the text says: a browser takes no other cookie of this name.
    jar.write(&format!("{note}={text}; Domain=; Path=/; Secure"));
    let written = jar.get(&note).map(str::to_owned);
    if let Some(found) = name.note(true, &jar) {
        // There is only one way to write a note, so writing it again changes nothing.
        name.set_note(Some(found), found.at, true, &mut jar);
        assert_eq!(jar.get(&note).map(str::to_owned), written);
        assert_eq!(name.note(true, &jar), Some(found));
    }
    name.set_note(None, Timestamp(0), true, &mut jar);
    assert_eq!((name.note(true, &jar), jar.read()), (None, String::new()));

    let stored = name.in_bridge();
    jar.write(&format!("{stored}={text}; Path=/; Secure"));
    let written = jar.get(&stored).map(str::to_owned);
    match (name.load(&jar), &written) {
        (Ok(InJar::Nothing), None) | (Err(CookieError::Value), Some(_)) => {}
        (Ok(InJar::Ended { at, lifetime }), Some(_)) => {
            assert!(name.end(at, lifetime, &mut jar));
            assert_eq!(jar.get(&stored).map(str::to_owned), written);
        }
        (Ok(InJar::Session(BridgeSession { value, at, lifetime })), Some(_)) => {
            // `Debug` shows the length only.
            assert_eq!(format!("{value:?}"), format!("CookieValue({} bytes)", value.reveal().len()));
            if let Ok(session) = SessionCookie::new(name.clone(), value, lifetime) {
                assert_eq!(session.write_to_bridge(at, at, &mut jar), Written::Kept);
                assert_eq!(jar.get(&stored).map(str::to_owned), written);
            }
        }
        other => panic!("{other:?}"),
    }
    assert!(name.end(Timestamp(7), Lifetime::BrowserSession, &mut jar));
    assert_eq!(jar.read(), format!("{stored}=7"));
    assert!(name.forget(&mut jar));
    assert_eq!(jar.read(), "");
}

/// The reference splits and parses with the standard library.
fn a_visit_counts_for_thirty_days(text: &str) {
    const DAYS_30: u64 = 30 * 24 * 60 * 60 * 1000;
    let now = DAYS_30 + 5000;
    let mut jar = FakeJar::default();
    jar.write(&format!("__Host-bridge-visit={text}; Domain=; Path=/; Secure"));
    let noted = jar.get("__Host-bridge-visit").unwrap_or_default();
    let is_noted = Visit { secure: true }.is_noted(Timestamp(now), &jar);
    let at = noted.split_once(".kept.").and_then(|(at, _)| at.parse::<u64>().ok());
    assert!(!is_noted || at.is_some_and(|at| at <= now + 1000 && at + DAYS_30 > now), "{text:?}");
}

fn what_is_accepted_comes_back(name: &CookieName, value: &str, lifetime: Lifetime, at: Timestamp, cookies: &str) {
    let mut jar = FakeJar::default();
    // Without these: a cookie without a name whose value is `sid=…` looks like one with the name `sid`, so a save beside it is rightly not
    // reported as kept.
    for cookie in cookies.split(';').filter(|cookie| !cookie.trim_start().starts_with('=')) {
        jar.write(cookie);
        jar.write(&format!("{}; Path=/; Secure", cookie.trim_start()));
    }
    let Ok(value) = CookieValue::parse(value) else {
        assert!(value.bytes().any(|b| !(b' '..=b'~').contains(&b) || b == b';') || value != value.trim_matches(' '));
        return;
    };
    let most = if lifetime == Lifetime::BrowserSession { 4068 } else { 4059 };
    let session = match SessionCookie::new(name.clone(), value.clone(), lifetime) {
        Ok(session) => session,
        Err(error) => {
            assert_eq!(error, CookieError::TooLarge);
            assert!(name.as_str().len() + value.reveal().len() > most, "what the README says is not taken");
            return;
        }
    };
    assert!(name.as_str().len() + value.reveal().len() <= most);
    let note = format!("__Host-bridge-note.{}", name.as_str());
    let ours = |found: &str| [name.as_str(), &name.in_bridge(), &note].contains(&found);
    let others = jar.without(ours);

    assert_eq!(session.write_to_bridge(at, at, &mut jar), Written::Kept);
    assert_eq!(name.load(&jar), Ok(InJar::Session(BridgeSession { value: value.clone(), at, lifetime })));
    assert!(session.write_first_party(true, &mut jar));
    assert_eq!(jar.get(name.as_str()), Some(value.reveal()));
    assert_eq!(find(&jar.read(), name.as_str()), Some(value.reveal()));
    assert_eq!(jar.without(ours), others);
    assert!(name.end(at, lifetime, &mut jar) && name.remove_first_party(true, &mut jar));
    assert_eq!((name.load(&jar), jar.without(ours)), (Ok(InJar::Ended { at, lifetime }), others));
}
