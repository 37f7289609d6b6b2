//! What the bridge answers after the call has ended, and what a page does in the meantime.

use super::*;

const SAVED: Reply = Reply::Saved { saved: true, jar: SHARED };

fn later(milliseconds: u64) -> Timestamp {
    Timestamp(NOW.0 + milliseconds)
}

fn welcome(provider: &mut Provider, page: &mut Page) -> Vec<Action> {
    provider.loads(1, page);
    receive(provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page)
}

fn save_at(provider: &mut Provider, now: Timestamp, id: u32, page: &mut Page) -> Vec<Action> {
    call_at(provider, now, id, save(Given::Nothing), page)
}

/// The bridge answers what waits for this purpose, a little after the chat has started.
fn answer_late(provider: &mut Provider, purpose: Purpose, with: &Reply, page: &mut Page) -> Vec<Action> {
    let wire = with.to_wire(own(provider, purpose));
    provider.hears_at(later(2100), Name::Message, &wire.fields(), page)
}

/// The event `loaded`.
fn loads_late(text: &str) -> Action {
    Action::Emit(Outcome::Loaded { value: Some(value(text)), jar: SHARED, via: Via::Cookie, error: None })
}

/// What goes to the bridge: the value of a save, or that it is a load.
fn order(actions: &[Action]) -> Vec<String> {
    let requests = actions.iter().filter_map(|action| match action {
        Action::Post(wire) => Request::read(&wire.fields())?.1.ok(),
        _ => None,
    });
    requests
        .map(|request| match request {
            Request::Save { session, .. } => session.value.reveal().to_owned(),
            Request::Load(_) => "load".to_owned(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_load_that_ended_before_the_bridge_was_there_is_made_up_for() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    expire(&mut provider, 1, false);
    assert_eq!(order(&welcome(&mut provider, page)), ["load"]);
    assert_eq!(answer_own(&mut provider, Purpose::Load, &loaded("abc"), page), [loads_late("abc")]);
    assert_eq!(page.get("sid"), Some("abc"));
}

#[test]
fn what_the_bridge_answers_after_a_call_has_ended_is_not_lost() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, save(text("mine")), page);
    call(&mut provider, 3, Call::Test, page);
    for id in 1..=3 {
        assert_eq!(expire(&mut provider, id, true).len(), 1);
    }
    assert_eq!(answer_own(&mut provider, Purpose::Load, &NOTHING, page), []);
    let saved = Outcome::Saved { saved: true, jar: SHARED, via: Via::Cookie };
    assert_eq!(answer_own(&mut provider, Purpose::Share, &SAVED, page), [Action::Emit(saved)]);
    assert!(page.read().contains(KEPT));
    let tested = Outcome::Tested { jar: SHARED, error: None, can_continue: true };
    assert_eq!(answer_own(&mut provider, Purpose::Test, &Reply::Tested { jar: SHARED }, page), [Action::Emit(tested)]);
    assert_eq!(provider.waiting.len(), 0);
}

#[test]
fn calls_without_end_to_a_bridge_that_never_answers_are_not_kept_without_end() {
    let (mut provider, page) = (connected(), &mut Page::default());
    for id in 0..1000 {
        call(&mut provider, id, save(text("mine")), page);
        expire(&mut provider, id, true);
        assert!(provider.waiting.len() <= 64);
    }
}

#[test]
fn a_late_session_leaves_the_one_that_the_page_has_got_since_and_is_told() {
    let (mut provider, page) = (provider(settings()), &mut with_session("before"));
    call(&mut provider, 1, Call::Load, page);
    expire(&mut provider, 1, false);
    page.set("sid", "since");
    welcome(&mut provider, page);
    let told = answer_own(&mut provider, Purpose::Load, &loaded("late"), page);
    assert_eq!(told, [Action::Emit(Outcome::Changed { value: Some(value("late")) })]);
    assert_eq!(page.get("sid"), Some("since"));
    // One that it had when it called is what the load was to replace.
    let (mut provider, page) = (super::provider(settings()), &mut with_session("before"));
    call(&mut provider, 1, Call::Load, page);
    expire(&mut provider, 1, false);
    welcome(&mut provider, page);
    assert_eq!(answer_own(&mut provider, Purpose::Load, &loaded("late"), page), [loads_late("late")]);
}

/// A chat that starts while the load is unanswered, and saves what it has set.
fn chat_starts(is_in_use: bool, connects_before: bool) -> (Provider, Page, Vec<Action>) {
    let (mut provider, mut page) = (provider(settings()), Page { is_in_use, ..Page::default() });
    if connects_before {
        welcome(&mut provider, &mut page);
    }
    let mut posted = call(&mut provider, 1, Call::Load, &mut page);
    page.set("sid", "of-chat");
    posted.extend(save_at(&mut provider, later(2000), 2, &mut page));
    if !connects_before {
        posted = welcome(&mut provider, &mut page);
    }
    (provider, page, posted)
}

#[test]
fn a_chat_that_has_only_started_gives_way_to_the_session_that_arrives_late() {
    for connects_before in [true, false] {
        let (mut provider, mut page, posted) = chat_starts(false, connects_before);
        let page = &mut page;
        assert_eq!(order(&posted)[..2], ["load", "of-chat"], "the load has what the bridge had before");
        let told = answer_late(&mut provider, Purpose::Call(1), &loaded("late"), page);
        let outcome = Outcome::Loaded { value: Some(value("late")), jar: SHARED, via: Via::Cookie, error: None };
        assert_eq!(order(&told), ["late"], "the bridge may have got the other one meanwhile");
        assert_eq!(told.last(), Some(&settle(1, Ok(outcome))));
        answer(&mut provider, 2, &SAVED, page);
        assert_eq!(page.read(), "sid=late; __Host-bridge-note.sid=1795000002100.save.");
        while provider.waiting.number_of(Purpose::Share, Source::Bridge).is_some() {
            answer_own(&mut provider, Purpose::Share, &SAVED, page);
        }
        assert_eq!(page.read(), "sid=late; __Host-bridge-note.sid=1795000002100.kept.");
    }
}

#[test]
fn the_same_holds_once_the_load_has_ended() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    expire(&mut provider, 1, false);
    page.set("sid", "of-chat");
    save_at(&mut provider, later(2000), 2, page);
    assert_eq!(order(&welcome(&mut provider, page))[..2], ["load", "of-chat"]);
    let told = answer_late(&mut provider, Purpose::Load, &loaded("late"), page);
    assert_eq!(told[0], loads_late("late"));
    assert_eq!(order(&told), ["late"]);
}

#[test]
fn a_conversation_that_the_visitor_is_in_takes_the_place_of_a_session_that_arrives_late() {
    for connects_before in [true, false] {
        let (mut provider, mut page, posted) = chat_starts(true, connects_before);
        assert_eq!(order(&posted)[..2], ["load", "of-chat"]);
        let (jar, via, error) = (SHARED, Via::Local, Some(Environment::Replaced.into()));
        let told = answer_late(&mut provider, Purpose::Call(1), &loaded("late"), &mut page);
        assert_eq!(told.last(), Some(&settle(1, Ok(Outcome::Loaded { value: None, jar, via, error }))));
        assert_eq!(page.get("sid"), Some("of-chat"));
        answer(&mut provider, 2, &SAVED, &mut page);
        assert_eq!(page.get("sid"), Some("of-chat"));
    }
}

#[test]
fn a_session_that_the_page_passes_is_one_that_has_begun() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    call_at(&mut provider, later(2000), 2, save(text("passed")), page);
    answer_late(&mut provider, Purpose::Call(1), &loaded("late"), page);
    assert_eq!(page.get("sid"), Some("passed"));
}

#[test]
fn what_failed_is_tried_again_once_somebody_looks_or_the_network_is_back() {
    let online = [("isOnline", Field::Flag(true))];
    for (fields, after, is_tried) in [(&online[..], 2000, true), (&[], 2000, false), (&[], 10_001, true)] {
        let (mut provider, page) = (provider(settings()), &mut Page::seeing(WITHOUT_BRIDGE));
        assert_eq!(provider.happens_at(NOW, Name::Back, fields, page), [], "nothing was wanted");
        call(&mut provider, 1, Call::Load, page);
        expire(&mut provider, 1, false);
        let tried = provider.happens_at(later(after), Name::Back, fields, page);
        assert_eq!(tried, if is_tried { vec![Action::InsertFrame] } else { vec![] }, "after {after} ms, {fields:?}");
        assert_eq!(order(&welcome(&mut provider, page)), ["load"]);
        assert_eq!(answer_own(&mut provider, Purpose::Load, &loaded("abc"), page), [loads_late("abc")]);
        page.frame = WITH_BRIDGE;
        assert_eq!(provider.happens_at(later(after), Name::Back, fields, page), [], "nothing is wanted any more");
    }
}

#[test]
fn what_could_not_be_shared_is_shared_once_the_page_is_back() {
    let (mut provider, page) = (connected(), &mut page_with_pending());
    let posted = provider.happens(Name::Back, page);
    assert_eq!(posted, [Action::Post(save_since("mine", NOW).to_wire(1))]);
}
