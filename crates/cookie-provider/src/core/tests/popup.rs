use super::*;

#[test]
fn what_a_popup_says_before_its_welcome_or_without_having_been_opened_does_nothing() {
    let page = &mut Page::default();
    let mut provider = connected();
    let forged =
        [PortGreeting::Welcome(&nonce(2)).to_wire(), loaded("forged").to_wire(2), Notice::Decided(SHARED).to_wire()];
    for wire in &forged {
        assert_eq!(provider.hears(Name::PopupMessage, &wire.fields(), page), [], "none was opened");
    }
    assert_eq!(provider.popup_loads(2, page), [], "none was opened");
    call(&mut provider, 1, continued(), page);
    provider.popup_loads(3, page);
    for wire in &forged {
        assert_eq!(provider.hears(Name::PopupMessage, &wire.fields(), page), [], "not the answer to its hello");
    }
    assert_eq!(page.read(), "");
}

#[test]
fn a_popup_whose_jar_loses_what_it_has_just_saved_ends_all_the_same() {
    let (provider, page) = &mut page_with_kept();
    open_popup(provider, 1, page);
    popup(provider, &NOTHING.to_wire(2), page);
    popup(provider, &Reply::Saved { saved: true, jar: SHARED }.to_wire(2), page);
    let done =
        Outcome::Continued { saved: false, value: None, jar: SHARED, error: Some(Environment::SessionLost.into()) };
    assert_eq!(popup(provider, &NOTHING.to_wire(2), page), [settle(1, Ok(done)), Action::ClosePopup]);
}

fn open_popup(provider: &mut Provider, id: u32, page: &mut Page) -> Vec<Action> {
    let opened = [Action::StartTimer { id, timeout: 10_000.0 }, Action::OpenPopup];
    assert_eq!(call(provider, id, continued(), page), opened);
    let hello = Hello { nonce: nonce(5), rungs: Rungs::DEFAULT }.to_wire();
    assert_eq!(provider.popup_loads(5, page), [Action::GreetPopup(hello)]);
    popup(provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page)
}

#[test]
fn the_popup_saves_what_waited_loads_and_is_closed() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    let waiting = open_popup(&mut provider, 1, page);
    assert_eq!(waiting, [Action::PostPopup(save_since("mine", NOW).to_wire(2))]);
    let load = [Action::PostPopup(Request::Load(name()).to_wire(2))];
    assert_eq!(popup(&mut provider, &Reply::Saved { saved: true, jar: SHARED }.to_wire(2), page), load);
    let done = Outcome::Continued { saved: true, value: Some(value("mine")), jar: SHARED, error: None };
    let ended = popup(&mut provider, &loaded("mine").to_wire(2), page);
    assert_eq!(ended, [settle(1, Ok(done)), Action::ClosePopup]);
    assert_eq!(page.read(), ["sid=mine", KEPT].concat());
}

#[test]
fn a_popup_saves_again_what_its_jar_has_lost_and_this_page_still_has() {
    let ask = |what: Request| [Action::PostPopup(what.to_wire(2))];
    let nothing = NOTHING.to_wire(2);
    let (provider, page) = &mut page_with_kept();
    assert_eq!(open_popup(provider, 1, page), ask(Request::Load(name())));
    assert_eq!(popup(provider, &nothing, page), ask(save_since("mine", NOW)));
    let saved = Reply::Saved { saved: true, jar: SHARED }.to_wire(2);
    assert_eq!(popup(provider, &saved, page), ask(Request::Load(name())));

    // Without it, there is only the loss to tell; and what was ended is none.
    let lost = Some(Environment::SessionLost.into());
    for (answer, error) in [(NOTHING, lost), (Reply::Ended { jar: SHARED }, None)] {
        let (provider, page) = &mut page_with_kept();
        page.write("sid=; Max-Age=0");
        open_popup(provider, 1, page);
        let done = Outcome::Continued { saved: false, value: None, jar: SHARED, error };
        assert_eq!(popup(provider, &answer.to_wire(2), page), [settle(1, Ok(done)), Action::ClosePopup]);
    }
}

#[test]
fn the_popup_brings_back_a_session_that_came_later() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    open_popup(&mut provider, 1, page);
    let superseded = Reply::Failed(Environment::Superseded.into()).to_wire(2);
    let load = [Action::PostPopup(Request::Load(name()).to_wire(2))];
    assert_eq!(popup(&mut provider, &superseded, page), load);
    popup(&mut provider, &loaded("later").to_wire(2), page);
    assert_eq!(page.read(), "sid=later");
}

#[test]
fn a_popup_that_must_be_confirmed_waits_for_the_click_in_it() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, confirmed(None), page);
    provider.popup_loads(5, page);
    let shown = popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    assert_eq!(shown, [Action::PostPopup(Request::Show("{}".to_owned()).to_wire(1))]);
    assert_eq!(popup(&mut provider, &Reply::Shown.to_wire(1), page), []);
    assert_eq!(expire(&mut provider, 1, true), [], "the visitor may take the time");
    let load = [Action::PostPopup(Request::Load(name()).to_wire(2))];
    assert_eq!(popup(&mut provider, &Notice::Decided(SHARED).to_wire(), page), load);
}

#[test]
fn each_way_a_popup_can_fail_has_its_code() {
    let opened = |page: &mut Page| {
        let mut provider = connected();
        call(&mut provider, 1, continued(), page);
        provider
    };
    let page = &mut Page::default();
    let ended = |error| [failed(1, error), Action::ClosePopup];
    let mut blocked = opened(page);
    assert_eq!(blocked.happens(Name::PopupBlocked, page), ended(Environment::PopupBlocked));
    assert_eq!(opened(page).happens(Name::PopupClosed, page), ended(Environment::PopupCutOff), "never heard from");
    let mut heard = opened(page);
    heard.popup_loads(5, page);
    assert_eq!(heard.happens(Name::PopupClosed, page), ended(Environment::PopupClosed));
    assert_eq!(expire(&mut opened(page), 1, true), ended(Environment::IframeUnreachable));
    let mut greeted = opened(page);
    greeted.popup_loads(5, page);
    assert_eq!(expire(&mut greeted, 1, true), ended(Environment::OriginNotTrusted));
    let mut other = opened(page);
    other.popup_loads(5, page);
    assert_eq!(
        popup(&mut other, &PortGreeting::Declined(Incompatible::Version.into()).to_wire(), page),
        [failed(1, Incompatible::Version), Action::ClosePopup]
    );
    let mut twice = opened(page);
    assert_eq!(call(&mut twice, 2, continued(), page)[0], failed(1, Environment::PopupClosed));
    assert_eq!(opened(page).happens(Name::Destroyed, page)[0], failed(1, Misuse::Destroyed));
}

#[test]
fn a_popup_that_has_no_jar_either_says_so() {
    let page = &mut page_with_pending();
    let mut provider = connected();
    open_popup(&mut provider, 1, page);
    let blocked = JarVerdict::new(JarState::Blocked, false);
    let ended = popup(&mut provider, &Reply::Saved { saved: false, jar: blocked }.to_wire(2), page);
    let nothing = Outcome::Continued { saved: false, value: None, jar: blocked, error: None };
    assert_eq!(ended, [settle(1, Ok(nothing)), Action::ClosePopup]);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat(), "still noted");
}

#[test]
fn a_popup_that_loads_again_waits_for_the_click_again() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, confirmed(None), page);
    for of in [5, 6] {
        provider.popup_loads(of, page);
        let shown = popup(&mut provider, &PortGreeting::Welcome(&nonce(of)).to_wire(), page);
        assert_eq!(shown, [Action::PostPopup(Request::Show("{}".to_owned()).to_wire(1))]);
    }
    let asked = popup(&mut provider, &Notice::Decided(SHARED).to_wire(), page);
    assert_eq!(asked, [Action::PostPopup(Request::Load(name()).to_wire(2))]);
    // After the click, too.
    provider.popup_loads(7, page);
    popup(&mut provider, &PortGreeting::Welcome(&nonce(7)).to_wire(), page);
    let asked = popup(&mut provider, &Notice::Decided(SHARED).to_wire(), page);
    assert_eq!(asked, [Action::PostPopup(Request::Load(name()).to_wire(2))]);
}
