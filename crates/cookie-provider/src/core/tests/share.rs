use super::*;

#[test]
fn a_value_that_is_saved_becomes_the_pages_own_cookie_whatever_the_bridge_says() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("abc")), page);
    assert_eq!(page.read(), ["sid=abc", PENDING].concat());
}

#[test]
fn what_could_not_be_shared_is_shared_at_the_next_chance_before_anything_is_loaded() {
    let page = &mut page_with_pending();
    let mut provider = provider(settings());
    call(&mut provider, 1, Call::Load, page);
    provider.loads(1, page);
    let own = Action::Post(save_since("mine", NOW).to_wire(2));
    let load = Action::Post(Request::Load(name()).to_wire(1));
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), [own, load]);
    let told = answer_own(&mut provider, Purpose::Share, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(told, [Action::Emit(Outcome::Saved { saved: true, jar: SHARED, via: Via::Cookie })]);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
}

#[test]
fn a_clear_that_could_not_be_shared_is_made_up_for() {
    let page = &mut with_session("mine");
    let mut first = connected();
    call(&mut first, 1, Call::Clear, page);
    answer(&mut first, 1, &Reply::Cleared { cleared: false, jar: PARTITIONED }, page);
    let mut provider = provider(settings());
    provider.loads(1, page);
    let clear = clear_since(Some(NOW));
    assert_eq!(
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page),
        [Action::Post(clear.to_wire(1))]
    );
    answer_own(&mut provider, Purpose::Share, &Reply::Cleared { cleared: true, jar: SHARED }, page);
    assert_eq!(page.read(), "");
}

#[test]
fn a_session_that_came_later_is_not_replaced_but_told() {
    let page = &mut page_with_pending();
    let mut provider = provider(settings());
    provider.loads(1, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    let load = answer_own(&mut provider, Purpose::Share, &Reply::Failed(Environment::Superseded.into()), page);
    assert_eq!(load, [Action::Post(Request::Load(name()).to_wire(2))]);
    let told = answer_own(&mut provider, Purpose::Load, &loaded("later"), page);
    assert_eq!(told, [Action::Emit(Outcome::Changed { value: Some(value("later")) })]);
    assert_eq!(page.read(), "sid=mine", "the page decides");
}

#[test]
fn a_load_first_shares_what_another_tab_has_left_but_not_what_is_under_way() {
    let timer = |id| Action::StartTimer { id, timeout: 10_000.0 };
    let load = |id| Action::Post(Request::Load(name()).to_wire(id));
    let own = Action::Post(save_since("mine", NOW).to_wire(1));
    let mut provider = connected();
    let page = &mut page_with_pending();
    assert_eq!(call(&mut provider, 1, Call::Load, page), [timer(1), own, load(2)]);
    assert_eq!(call(&mut provider, 2, Call::Load, page), [timer(2), load(3)]);

    let mut provider = connected();
    call(&mut provider, 1, save(text("new")), page);
    assert_eq!(call(&mut provider, 2, Call::Load, page), [timer(2), load(2)]);
}

#[test]
fn a_load_does_not_replace_what_this_page_has_and_could_not_share_yet() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    call(&mut provider, 1, Call::Load, page);
    let readable = JarVerdict::new(JarState::Blocked, true);
    let older = Some(BridgeSession { at: Timestamp(NOW.0 - 1), ..stored("older").unwrap() });
    let settled = answer(&mut provider, 1, &Reply::Loaded { session: older, jar: readable }, page);
    assert_eq!(settled, [settle(1, Ok(Outcome::Loaded { value: None, jar: readable, via: Via::Local, error: None }))]);
    call(&mut provider, 2, Call::Load, page);
    let later = Timestamp(NOW.0 + 1);
    let newer = Some(BridgeSession { at: later, ..stored("newer").unwrap() });
    let newer = Reply::Loaded { session: newer, jar: readable };
    let newer = newer.to_wire(own(&provider, Purpose::Call(2)));
    provider.hears_at(later, Name::Message, &newer.fields(), page);
    assert_eq!(page.read(), "sid=newer");
}

#[test]
fn a_session_that_was_saved_and_is_gone_is_told_and_saved_again() {
    let (provider, page) = &mut page_with_kept();
    call(provider, 2, Call::Load, page);
    let (jar, via, error) = (SHARED, Via::Cookie, Some(Environment::SessionLost.into()));
    let again = Action::Post(save_since("mine", NOW).to_wire(3));
    let told = settle(2, Ok(Outcome::Loaded { value: None, jar, via, error }));
    assert_eq!(answer(provider, 2, &NOTHING, page), [again, told]);
    answer_own(provider, Purpose::Share, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
}

#[test]
fn a_loss_of_what_this_page_does_not_have_any_more_either_is_told_once() {
    let (provider, page) = &mut page_with_kept();
    page.write("sid=; Max-Age=0");
    for error in [Some(Environment::SessionLost.into()), None] {
        call(provider, 2, Call::Load, page);
        let outcome = Outcome::Loaded { value: None, jar: SHARED, via: Via::Cookie, error };
        assert_eq!(answer(provider, 2, &NOTHING, page), [settle(2, Ok(outcome))]);
    }
}

#[test]
fn the_end_of_a_session_is_no_loss() {
    let (provider, page) = &mut page_with_kept();
    for reply in [Reply::Ended { jar: SHARED }, NOTHING] {
        call(provider, 2, Call::Load, page);
        let outcome = Outcome::Loaded { value: None, jar: SHARED, via: Via::Cookie, error: None };
        assert_eq!(answer(provider, 2, &reply, page), [settle(2, Ok(outcome))]);
    }
}

#[test]
fn a_jar_that_cannot_be_read_proves_no_loss() {
    let (provider, page) = &mut page_with_kept();
    call(provider, 2, Call::Load, page);
    let outcome = Outcome::Loaded { value: None, jar: PARTITIONED, via: Via::Local, error: None };
    let nothing = Reply::Loaded { session: None, jar: PARTITIONED };
    assert_eq!(answer(provider, 2, &nothing, page), [settle(2, Ok(outcome))]);
    assert!(page.read().contains(KEPT));
}

#[test]
fn a_save_that_is_answered_while_a_later_one_is_under_way_leaves_the_later_one_noted() {
    let (provider, page) = (&mut connected(), &mut Page::default());
    call(provider, 1, save(text("one")), page);
    call(provider, 2, save(text("two")), page);
    answer(provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=two", PENDING].concat());
    answer(provider, 2, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=two", KEPT].concat());
}

#[test]
fn the_answer_to_a_clear_leaves_the_session_that_began_after_it() {
    let (provider, page) = (&mut connected(), &mut with_session("old"));
    call(provider, 1, Call::Clear, page);
    call(provider, 2, save(text("new")), page);
    answer(provider, 1, &Reply::Cleared { cleared: false, jar: PARTITIONED }, page);
    assert_eq!(page.read(), "__Host-bridge-note.sid=1795000000000.save.; sid=new");
}

#[test]
fn a_save_is_noted_as_kept_only_if_the_page_has_saved_nothing_else_since() {
    // In another tab, of which this provider hears nothing.
    let (provider, page) = (&mut connected(), &mut Page::default());
    call(provider, 1, save(text("mine")), page);
    page.write("sid=other");
    answer(provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    assert_eq!(page.read(), ["sid=other", PENDING].concat());
    call(provider, 2, Call::Load, page);
    answer(provider, 2, &loaded("mine"), page);
    assert!(page.read().contains("sid=other"), "what is not shared yet is newer");
}

#[test]
fn what_is_asked_again_replaces_nothing_that_came_after_it() {
    let (provider, page) = (&mut provider(settings()), &mut Page::default());
    call(provider, 1, Call::Clear, page);
    provider.loads(1, page);
    let clear = clear_since(Some(NOW));
    let again = [2, 1].map(|id| Action::Post(clear.to_wire(id)));
    assert_eq!(receive(provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), again);
}

#[test]
fn the_end_of_a_session_that_another_page_saved_is_no_loss() {
    let (provider, page) = &mut page_with_kept();
    for reply in [loaded("of another"), NOTHING] {
        call(provider, 2, Call::Load, page);
        let settled = answer(provider, 2, &reply, page);
        assert!(matches!(settled.as_slice(), [Action::Settle { result: Ok(Outcome::Loaded { error: None, .. }), .. }]));
    }
}

#[test]
fn what_the_chat_sets_after_a_save_that_waits_for_the_bridge_is_what_the_bridge_keeps() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    call(&mut provider, 1, save(text("saved")), page);
    page.jar.set("sid", "of-the-chat");
    provider.loads(1, page);
    let posted = receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    let Some(Action::Post(last)) = posted.last() else { panic!("{posted:?}") };
    let (_, request) = Request::read(&last.fields()).unwrap();
    assert_eq!(request, Ok(save_since("of-the-chat", NOW)));
}
