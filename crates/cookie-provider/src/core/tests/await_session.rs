use super::*;

fn looks(provider: &mut Provider, milliseconds: u64, page: &mut Page) -> Vec<Action> {
    provider.happens_at(Timestamp(NOW.0 + milliseconds), Name::LookedAgain, &[], page)
}

fn saved(actions: &[Action]) -> Vec<String> {
    let sessions = actions.iter().filter_map(|action| match action {
        Action::Post(wire) => match Request::read(&wire.fields())?.1.ok()? {
            Request::Save { session, .. } => Some(session.value.reveal().to_owned()),
            _ => None,
        },
        _ => None,
    });
    sessions.collect()
}

#[test]
fn a_save_without_a_value_waits_for_the_chats_cookie() {
    let (mut provider, page) = (connected(), &mut Page::default());
    let looked = call(&mut provider, 1, save(Given::Nothing), page);
    assert_eq!(looked, [Action::LookLater(100.0)]);
    assert_eq!(looks(&mut provider, 100, page), [Action::LookLater(100.0)]);
    page.others_write("sid=chat");
    let found = looks(&mut provider, 200, page);
    assert_eq!(saved(&found), ["chat"]);
    assert_eq!(found.last(), Some(&Action::LookLater(100.0)), "the chat may set another one");
}

#[test]
fn a_chat_that_sets_no_cookie_in_time_is_reported() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save(Given::Nothing), page);
    assert_eq!(looks(&mut provider, 5_000, page), [Action::LookLater(100.0)]);
    assert_eq!(looks(&mut provider, 5_001, page), [failed(1, Misuse::SessionMissing)]);
    page.others_write("sid=late");
    assert_eq!(looks(&mut provider, 5_101, page), [], "nothing waits for it any more");
}

#[test]
fn a_cookie_that_the_chat_sets_after_the_save_is_saved_again_and_what_the_provider_sets_is_not() {
    let (mut provider, page) = (connected(), &mut with_session("first"));
    assert_eq!(saved(&call(&mut provider, 1, save(Given::Nothing), page)), ["first"]);
    answer(&mut provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(saved(&looks(&mut provider, 100, page)), [""; 0]);
    page.others_write("sid=second");
    assert_eq!(saved(&looks(&mut provider, 200, page)), ["second"]);
    let number = provider.waiting.number_of(Purpose::SaveAgain, Source::Bridge).unwrap();
    assert_eq!(
        answer(&mut provider, number, &Reply::Saved { saved: true, jar: SHARED }, page),
        [],
        "no call waits for it"
    );
    assert_eq!(page.read(), "sid=second; __Host-bridge-note.sid=1795000000200.kept.");
    // A load writes the cookie, too.
    call(&mut provider, 2, Call::Load, page);
    let later = Reply::Loaded {
        session: Some(BridgeSession { at: Timestamp(NOW.0 + 1), ..stored("third").unwrap() }),
        jar: SHARED,
    };
    let number = provider.waiting.number_of(Purpose::Call(2), Source::Bridge).unwrap();
    answer(&mut provider, number, &later, page);
    assert_eq!(page.get("sid"), Some("third"));
    assert_eq!(saved(&looks(&mut provider, 300, page)), [""; 0]);
    assert_eq!(looks(&mut provider, 5_001, page), []);
}

#[test]
fn calls_that_wait_for_the_same_cookie_are_all_answered_and_bounded() {
    let (mut provider, page) = (connected(), &mut Page::default());
    for id in 1..=64 {
        let looked = call(&mut provider, id, save(Given::Nothing), page);
        assert_eq!(looked, if id == 1 { vec![Action::LookLater(100.0)] } else { vec![] }, "one look at a time");
    }
    assert_eq!(call(&mut provider, 65, save(Given::Nothing), page), [failed(65, Misbehaved::TooManyRequests)]);
    page.others_write("sid=chat");
    assert_eq!(saved(&looks(&mut provider, 100, page)).len(), 64);
}

#[test]
fn a_clock_that_is_set_back_ends_the_wait() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save(Given::Nothing), page);
    let yesterday = Timestamp(NOW.0 - 86_400_000);
    assert_eq!(provider.happens_at(yesterday, Name::LookedAgain, &[], page), [failed(1, Misuse::SessionMissing)]);
}

#[test]
fn destroy_ends_the_wait() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save(Given::Nothing), page);
    assert_eq!(provider.happens(Name::Destroyed, page)[0], failed(1, Misuse::Destroyed));
    page.others_write("sid=late");
    assert_eq!(looks(&mut provider, 100, page), []);
}

#[test]
fn a_bridge_that_connects_later_gets_what_the_chat_has_set_meanwhile() {
    let (mut provider, page) = (provider(settings()), &mut with_session("first"));
    call(&mut provider, 1, save(Given::Nothing), page);
    expire(&mut provider, 1, false);
    page.others_write("sid=second");
    assert_eq!(saved(&looks(&mut provider, 100, page)), [""; 0], "there is no bridge yet");
    provider.loads(1, page);
    let connected = receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    assert_eq!(saved(&connected), ["second"]);
}

#[test]
fn of_what_the_chat_sets_before_the_bridge_is_there_the_last_is_kept() {
    let (mut provider, page) = (provider(settings()), &mut with_session("first"));
    call(&mut provider, 1, save(Given::Nothing), page);
    page.jar.set("sid", "second");
    looks(&mut provider, 100, page);
    provider.loads(1, page);
    let posted = receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    let requests: Vec<Request> = posted
        .iter()
        .map(|action| {
            let Action::Post(wire) = action else { panic!("{action:?}") };
            Request::read(&wire.fields()).unwrap().1.unwrap()
        })
        .collect();
    let second = Timestamp(NOW.0 + 100);
    let expected = [save_since("second", second), save_since("first", NOW), save_since("second", second)];
    assert_eq!(requests, expected);
}
