//! What is written into a cookie jar comes back, and what somebody else wrote there counts for nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use bridge_protocol::{
    BridgeSession, CookieError, CookieJar, CookieName, CookieValue, InJar, Lifetime, MAX_AGE_SECONDS, Note, NoteState,
    SessionCookie, Timestamp, Visit, Written,
};
use fake_browser::{Browser, FakeJar};
use proptest::prelude::*;

fn name(text: &str) -> CookieName {
    CookieName::parse(text).unwrap()
}

#[test]
fn a_write_that_was_dropped_or_replaced_is_not_called_kept() {
    let value = CookieValue::parse("ours").unwrap();
    let session = SessionCookie::new(name("sid"), value, Lifetime::BrowserSession).unwrap();
    let jar = || FakeJar::frame(Browser::Allowing);
    let mut full = jar().full_for("__Host-bridge.");
    assert_eq!(session.write_to_bridge(Timestamp(7), Timestamp(7), &mut full), Written::Dropped);
    assert_eq!(full.written.len(), 3, "it is tried again");
    let rival = "__Host-bridge.sid=7.theirs; Path=/; Secure; SameSite=None";
    assert_eq!(session.write_to_bridge(Timestamp(7), Timestamp(7), &mut jar().with_rival(rival)), Written::Replaced);
    assert_eq!(session.write_to_bridge(Timestamp(7), Timestamp(7), &mut jar()), Written::Kept);
}

#[test]
fn what_the_bridge_knows_is_noted_and_forgotten() {
    let mut jar = FakeJar::default();
    assert_eq!(name("sid").note(true, &jar), None);
    for state in [NoteState::Save, NoteState::Clear, NoteState::Synced, NoteState::Loaded] {
        for lifetime in [Lifetime::BrowserSession, Lifetime::Seconds(1), Lifetime::Seconds(60)] {
            let note = Some(Note { at: Timestamp(1_795_000_000_000), state, lifetime });
            name("sid").set_note(note, Timestamp(1_795_000_000_000), true, &mut jar);
            assert_eq!(name("sid").note(true, &jar), note);
            assert_eq!(name("other").note(true, &jar), None);
        }
    }
    name("sid").set_note(None, Timestamp(0), true, &mut jar);
    assert_eq!(jar.read(), "");
}

#[test]
fn a_note_that_is_written_again_gets_no_second_lifetime() {
    let at = 1_795_000_000_000;
    let write = |now| {
        let note = Note { at: Timestamp(at), state: NoteState::Save, lifetime: Lifetime::Seconds(60) };
        let mut jar = FakeJar::default();
        name("sid").set_note(Some(note), Timestamp(now), true, &mut jar);
        jar.written.join("\n")
    };
    let cookie = "__Host-bridge-note.sid=1795000000000.save.60; Path=/; SameSite=Lax; Secure; Max-Age=";
    assert_eq!(write(at), format!("{cookie}59"));
    assert_eq!(write(at + 30_000), format!("{cookie}29"));
    assert_eq!(write(at + 60_000), "__Host-bridge-note.sid=; Path=/; SameSite=Lax; Secure; Max-Age=0");
}

#[test]
fn only_a_page_without_https_keeps_its_note_where_other_hosts_of_the_site_could_write_it() {
    assert_eq!(name("sid").note_cookie(true), "__Host-bridge-note.sid");
    assert_eq!(name("sid").note_cookie(false), "bridge-note.sid");
}

#[test]
fn a_note_that_the_provider_did_not_write_counts_for_nothing() {
    for bad in [
        "",
        "1",
        ".",
        "..",
        "1.",
        "1..",
        "1.save",
        "x.save.",
        "-1.save.",
        "1.x.",
        "1.save.-60",
        "1.clear2.",
        "10000000000000.save.",
        "1.save.99999999999",
        "1.kept.0x1",
        "1.save.60.",
        "1.save.0",
    ] {
        let jar = FakeJar::default().with("__Host-bridge-note.sid", bad);
        assert_eq!(name("sid").note(true, &jar), None, "{bad:?}");
    }
}

#[test]
fn a_stored_value_without_its_stamp_is_not_the_bridges() {
    for bad in [
        "",
        "01",
        "10000000000000",
        "abc",
        ".abc",
        "x.abc",
        "01.abc",
        "10000000000000.abc",
        "1.\u{e9}",
        "1+.abc",
        "1+0.abc",
        "1+01.abc",
        "1+34560001.abc",
        "1+x",
        "+60.abc",
        "1+60+60.abc",
        "1+-1",
    ] {
        let jar = FakeJar::default().with("__Host-bridge.sid", bad);
        assert_eq!(name("sid").load(&jar), Err(CookieError::Value), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_accepted_comes_back_and_harms_no_other_cookie(
        names in ("[!-~]{1,8}", "[!-~]{1,8}"), value in any::<String>(), other in "[ -~]{0,20}", at in 0..=Timestamp::MAX.0,
        seconds in 0..=MAX_AGE_SECONDS,
    ) {
        let (Ok(first), Ok(second)) = (CookieName::parse(&names.0), CookieName::parse(&names.1)) else { return Ok(()) };
        let (Ok(value), Ok(other)) = (CookieValue::parse(&value), CookieValue::parse(&other)) else { return Ok(()) };
        prop_assume!(first != second);
        let mut jar = FakeJar::default();
        let lifetime = if seconds == 0 { Lifetime::BrowserSession } else { Lifetime::Seconds(seconds) };
        let stored = |name: &CookieName, value: &CookieValue| {
            SessionCookie::new(name.clone(), value.clone(), lifetime).unwrap()
        };
        prop_assert_eq!(stored(&first, &value).write_to_bridge(Timestamp(at), Timestamp(at), &mut jar), Written::Kept);
        prop_assert_eq!(stored(&second, &other).write_to_bridge(Timestamp(7), Timestamp(7), &mut jar), Written::Kept);
        prop_assert_eq!(first.load(&jar).unwrap(), InJar::Session(BridgeSession { value, at: Timestamp(at), lifetime }));
        let other = InJar::Session(BridgeSession { value: other, at: Timestamp(7), lifetime });
        prop_assert_eq!(second.load(&jar).unwrap(), other.clone());
        prop_assert!(first.end(Timestamp(at), lifetime, &mut jar));
        prop_assert_eq!(first.load(&jar).unwrap(), InJar::Ended { at: Timestamp(at), lifetime });
        prop_assert!(first.forget(&mut jar));
        prop_assert_eq!(first.load(&jar).unwrap(), InJar::Nothing);
        prop_assert_eq!(second.load(&jar).unwrap(), other);
    }
}

#[test]
fn a_visit_is_noted_and_counts_for_thirty_days() {
    const DAYS_30: u64 = 30 * 24 * 60 * 60 * 1000;
    let at = Timestamp(1_795_000_000_000);
    for (secure, cookie) in [(true, "__Host-bridge-visit"), (false, "bridge-visit")] {
        let (visit, mut jar) = (Visit { secure }, FakeJar::default());
        assert!(!visit.is_noted(at, &jar));
        visit.note(Some(at), &mut jar);
        assert_eq!(jar.read(), format!("{cookie}=1795000000000.kept.2592000"));
        assert!(jar.written[0].ends_with("; Max-Age=2591999"), "{:?}", jar.written);
        for (now, counts) in [(at.0, true), (at.0 + DAYS_30 - 1, true), (at.0 + DAYS_30, false), (at.0 - 2000, false)] {
            assert_eq!(visit.is_noted(Timestamp(now), &jar), counts, "{now}");
        }
        visit.note(None, &mut jar);
        assert_eq!(jar.read(), "");
    }
}

#[test]
fn a_visit_that_the_provider_did_not_note_counts_for_nothing() {
    let visit = Visit { secure: true };
    for bad in ["", "1", ".", "1.", "1.kept", "x.kept.1", "01.kept.1", "1.save.1", "1.clear.", "1.kept.0"] {
        let jar = FakeJar::default().with("__Host-bridge-visit", bad);
        assert!(!visit.is_noted(Timestamp(1), &jar), "{bad:?}");
    }
    let mut jar = FakeJar::default();
    jar.others_write("bridge-visit=1.kept.60; Domain=shop.example");
    assert!(!visit.is_noted(Timestamp(1), &jar), "another host of the site");
}
