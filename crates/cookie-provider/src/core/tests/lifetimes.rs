//! One lifetime for the session, in all places.

use super::*;

const HOUR: Lifetime = Lifetime::Seconds(3600);

fn after(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1000)
}

/// A session that was saved at this time for an hour.
fn for_an_hour(text: &str, at: Timestamp) -> Reply {
    let session = stored(text).map(|session| BridgeSession { at, lifetime: HOUR, ..session });
    Reply::Loaded { session, jar: SHARED }
}

fn save_for(text_of: &str, seconds: f64) -> Call {
    Call::Save { value: text(text_of), max_age: Some(seconds) }
}

/// The last cookie of this name that the page wrote.
fn written<'a>(page: &'a Page, name: &str) -> &'a str {
    page.written.iter().rfind(|cookie| cookie.starts_with(&[name, "="].concat())).unwrap()
}

fn ends_with_age(cookie: &str, seconds: u32) -> bool {
    cookie.ends_with(&format!("; Max-Age={seconds}"))
}

/// A load at this time, and the bridge's answer to it.
fn load_at(provider: &mut Provider, now: Timestamp, id: u32, with: &Reply, page: &mut Page) -> Vec<Action> {
    call_at(provider, now, id, Call::Load, page);
    let number = own(provider, Purpose::Call(id));
    provider.hears_at(now, Name::Message, &with.to_wire(number).fields(), page)
}

fn ended_with(actions: &[Action]) -> Option<&str> {
    match actions {
        [.., Action::Settle { result: Ok(Outcome::Loaded { value, error: None, .. }), .. }] => {
            value.as_ref().map(CookieValue::reveal)
        }
        _ => panic!("{actions:?}"),
    }
}

#[test]
fn a_load_keeps_the_session_for_the_rest_of_its_lifetime() {
    let (mut provider, page) = (connected(), &mut Page::default());
    load_at(&mut provider, after(600), 1, &for_an_hour("abc", NOW), page);
    assert_eq!(written(page, "sid"), "sid=abc; Path=/; SameSite=Lax; Secure; Max-Age=3000");
    let note = "__Host-bridge-note.sid=1795000000000.loaded.3600; Path=/; SameSite=Lax; Secure; Max-Age=2999";
    assert_eq!(written(page, "__Host-bridge-note.sid"), note);
}

#[test]
fn the_popup_keeps_it_no_longer_either() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, continued(), page);
    provider.popup_loads(5, page);
    popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    let at = Timestamp(NOW.0 - 600_000);
    popup(&mut provider, &for_an_hour("abc", at).to_wire(2), page);
    assert!(ends_with_age(written(page, "sid"), 3000), "{:?}", page.written);
}

#[test]
fn what_a_page_saves_is_no_browser_session_after_a_later_load() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save_for("abc", 3600.0), page);
    assert!(ends_with_age(written(page, "sid"), 3600));
    answer(&mut provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    load_at(&mut provider, after(60), 2, &for_an_hour("abc", NOW), page);
    assert!(ends_with_age(written(page, "sid"), 3540));
    assert_eq!(page.read(), "sid=abc; __Host-bridge-note.sid=1795000000000.kept.3600");
    assert!(ends_with_age(written(page, "__Host-bridge-note.sid"), 3539));
}

#[test]
fn a_load_does_not_prolong_and_a_save_does_with_the_lifetime_that_the_session_has() {
    let (mut provider, page) = (connected(), &mut Page::default());
    for (id, now) in [(1, after(60)), (2, after(120))] {
        load_at(&mut provider, now, id, &for_an_hour("abc", NOW), page);
    }
    assert!(ends_with_age(written(page, "sid"), 3480));
    let saved = call_at(&mut provider, after(180), 3, save(Given::Nothing), page);
    let Request::Save { session, .. } = posted(&saved) else { panic!("{saved:?}") };
    assert_eq!(session.lifetime, HOUR);
    // Unless the page wants another one.
    let saved = posted(&call_at(&mut provider, after(180), 4, save_for("abc", 60.0), page));
    assert!(matches!(saved, Request::Save { session, .. } if session.lifetime == Lifetime::Seconds(60)));
}

#[test]
fn a_session_without_a_lifetime_stays_so_whatever_the_page_would_give_to_its_own() {
    let mut provider = provider(Settings { max_age: Some(60.0), ..settings() });
    connect(&mut provider);
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &loaded("abc"), page);
    assert_eq!(page.written, ["sid=abc; Path=/; SameSite=Lax; Secure"]);
}

#[test]
fn the_next_conversation_does_not_inherit_the_lifetime_of_the_one_that_ended() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save_for("abc", 3600.0), page);
    let clear = posted(&call(&mut provider, 2, Call::Clear, page));
    assert_eq!(clear, Request::Clear { name: name(), since: None, tombstone: Some(HOUR) });
    assert_eq!(page.read(), "__Host-bridge-note.sid=1795000000000.clear.3600", "as long as the bridge may have it");
    let saved = posted(&call(&mut provider, 3, save(text("next")), page));
    assert!(matches!(saved, Request::Save { session, .. } if session.lifetime == Lifetime::BrowserSession));
}

#[test]
fn another_page_prolongs_what_this_one_has() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save_for("abc", 3600.0), page);
    answer(&mut provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    let later = after(1800);
    provider.hears_at(later, Name::Message, &Notice::Changed.to_wire().fields(), page);
    let number = own(&provider, Purpose::Load);
    let told = provider.hears_at(later, Name::Message, &for_an_hour("abc", later).to_wire(number).fields(), page);
    assert_eq!(told, [], "it is the same session");
    assert!(ends_with_age(written(page, "sid"), 3600));
    assert_eq!(page.get("__Host-bridge-note.sid"), Some("1795001800000.kept.3600"));
}

#[test]
fn an_older_lifetime_does_not_shorten_what_was_saved_again_and_is_not_shared_yet() {
    let (mut provider, page) = (connected(), &mut with_session("abc"));
    let readable = JarVerdict::new(JarState::Blocked, true);
    call_at(&mut provider, after(1800), 1, save_for("abc", 3600.0), page);
    answer(&mut provider, 1, &Reply::Saved { saved: false, jar: readable }, page);
    load_at(&mut provider, after(1860), 2, &for_an_hour("abc", NOW), page);
    assert!(ends_with_age(written(page, "sid"), 3540));
    assert_eq!(page.get("__Host-bridge-note.sid"), Some("1795001800000.save.3600"));
}

#[test]
fn a_lifetime_that_is_over_is_no_loss_and_its_save_comes_too_late() {
    for (seconds, is_lost) in [(3598, true), (3599, false), (3600, false), (9999, false)] {
        // A browser may be a moment late to remove the note.
        let (provider, page) = (&mut connected(), &mut Page::default());
        call(provider, 1, save_for("abc", 3600.0), page);
        answer(provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
        let told = load_at(provider, after(seconds), 2, &NOTHING, page);
        let is_told = !matches!(told[..], [Action::Settle { result: Ok(Outcome::Loaded { error: None, .. }), .. }]);
        assert_eq!(is_told, is_lost, "{seconds}: {told:?}");
        assert_eq!(page.get("__Host-bridge-note.sid").is_some(), is_lost, "{seconds}");
    }
    for (seconds, is_shared) in [(3599, true), (3600, false)] {
        let (provider, page) = (&mut connected(), &mut Page::default());
        call(provider, 1, save_for("abc", 3600.0), page);
        answer(provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
        let actions = call_at(provider, after(seconds), 2, Call::Load, page);
        let saves = actions.iter().filter(|action| matches!(action, Action::Post(_))).count();
        assert_eq!(saves, 1 + usize::from(is_shared), "{seconds}: {actions:?}");
    }
}

#[test]
fn what_is_over_in_the_bridge_is_no_session_any_more() {
    let (mut provider, page) = (connected(), &mut Page::default());
    assert_eq!(ended_with(&load_at(&mut provider, after(3600), 1, &for_an_hour("abc", NOW), page)), None);
    assert_eq!(page.read(), "");
}

#[test]
fn a_clock_that_was_set_back_makes_a_lifetime_no_longer_than_it_was() {
    let (mut provider, page) = (connected(), &mut Page::default());
    load_at(&mut provider, NOW, 1, &for_an_hour("abc", after(86_400)), page);
    assert!(ends_with_age(written(page, "sid"), 3600));
}

#[test]
fn a_late_share_makes_no_lifetime_longer() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save_for("abc", 3600.0), page);
    answer(&mut provider, 1, &Reply::Saved { saved: false, jar: PARTITIONED }, page);
    call_at(&mut provider, after(1200), 2, Call::Load, page);
    let number = own(&provider, Purpose::Share);
    let saved = Reply::Saved { saved: true, jar: SHARED }.to_wire(number);
    provider.hears_at(after(1200), Name::Message, &saved.fields(), page);
    let note = "__Host-bridge-note.sid=1795000000000.kept.3600; Path=/; SameSite=Lax; Secure; Max-Age=2399";
    assert_eq!(written(page, "__Host-bridge-note.sid"), note);
}

#[test]
fn a_link_and_the_bridge_server_bring_the_rest() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    let handed = [("session", string("abc")), ("maxAge", Field::Number(60.0))];
    provider.happens_with(Name::HandedOver, &handed, page);
    assert!(ends_with_age(written(page, "sid"), 60));
    assert_eq!(page.get("__Host-bridge-note.sid"), Some("1795000000000.save.60"));

    for (rest, note) in [
        (Field::Number(60.0), "1795000000000.save.60"),
        // Nonsense says nothing.
        (Field::Number(-1.0), "1795000000000.save."),
        (string("60"), "1795000000000.save."),
    ] {
        let mut provider = Provider::new(Settings { has_reference: true, ..settings() });
        let page = &mut Page::default();
        provider.happens(Name::Opened, page);
        connect(&mut provider);
        call(&mut provider, 1, Call::Load, page);
        answer(&mut provider, 1, &Reply::Loaded { session: None, jar: PARTITIONED }, page);
        let number = provider.waiting.number_of(Purpose::Call(1), Source::Server).unwrap();
        let fields: Reported = vec![("id", Field::Number(number.into())), ("isOk", Field::Flag(true))];
        let body: Reported = vec![("value", string("abc")), ("maxAge", rest)];
        let event = Event { name: Name::ServerAnswered, fields: &fields.as_slice(), data: &body.as_slice() };
        provider.handle(&event, NOW, page);
        assert_eq!((page.get("sid"), page.get("__Host-bridge-note.sid")), (Some("abc"), Some(note)));
    }
}

#[test]
fn the_end_of_a_session_everywhere_is_told_to_a_page_that_had_it() {
    let (mut provider, page) = (connected(), &mut Page::default());
    load_at(&mut provider, NOW, 1, &for_an_hour("abc", NOW), page);
    // The browser has removed them, or another tab has.
    page.jar.clear();
    notice(&mut provider, Notice::Changed, page);
    let told = answer_own(&mut provider, Purpose::Load, &NOTHING, page);
    assert_eq!(told, [Action::Emit(Outcome::Changed { value: None })]);
    notice(&mut provider, Notice::Changed, page);
    assert_eq!(answer_own(&mut provider, Purpose::Load, &NOTHING, page), [], "once");
}
