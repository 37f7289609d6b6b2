use super::*;

fn without_consent() -> Settings {
    Settings {
        has_consent: false,
        has_reference: true,
        rungs: Some(Rungs { link: true, ..Rungs::DEFAULT }),
        ..settings()
    }
}

/// A page that fails the test if any cookie is read or written.
struct Untouched;

impl CookieJar for Untouched {
    fn read(&self) -> String {
        panic!("the page's cookies are read");
    }

    fn write(&mut self, cookie: &str) {
        panic!("{cookie} is written");
    }
}

impl HostPage for Untouched {
    fn remove_everywhere(&mut self, name: &str) {
        panic!("{name} is removed");
    }

    fn is_hidden(&mut self, name: &str) -> bool {
        panic!("{name} is looked for");
    }

    fn is_in_use(&self) -> bool {
        panic!("the visitor is watched");
    }

    fn frame(&self) -> FrameView {
        REMOVED
    }

    fn nonce(&self) -> Nonce {
        panic!("somebody is greeted");
    }
}

/// As in this file's page that must not be touched.
fn quietly(provider: &mut Provider, name: Name, fields: &[(&'static str, Field)]) -> Vec<Action> {
    let ready = Ready.to_wire();
    provider.handle(&Event { name, fields: &fields, data: &ready.fields() }, NOW, &mut Untouched)
}

fn consent(provider: &mut Provider, id: u32, is_given: bool, page: &mut Page) -> Vec<Action> {
    let name = if is_given { Name::ConsentGiven } else { Name::ConsentWithdrawn };
    provider.happens_with(name, &[of_call(id)], page)
}

fn agreed(id: u32, is_so: bool) -> Action {
    settle(id, Ok(Outcome::Consent(is_so)))
}

fn forget(since: Option<Timestamp>) -> Request {
    Request::Clear { name: name(), since, tombstone: None }
}

fn answer_forget(provider: &mut Provider, id: u32, with: &Reply, page: &mut Page) -> Vec<Action> {
    answer_own(provider, Purpose::Forget(id), with, page)
}

const CLEARED: Reply = Reply::Cleared { cleared: true, jar: SHARED };

#[test]
fn before_consent_nothing_is_read_written_or_requested_whatever_happens() {
    let mut provider = Provider::new(without_consent());
    let (origin, link) = (("origin", string(BRIDGE)), ("text", string("offer,x,https://shop.example,sid")));
    for name in [
        Name::Opened,
        Name::FrameLoaded,
        Name::Message,
        Name::Expired,
        Name::LookedAgain,
        Name::Visible,
        Name::PopupSent,
        Name::PopupMessage,
        Name::PopupClosed,
        Name::Arrived,
        Name::HandedOver,
        Name::ReturnPageSeen,
        Name::OfferExpired,
        Name::LinkNear,
        Name::ServerAnswered,
        Name::OwnSessionWanted,
        Name::OwnSessionEnded,
    ] {
        assert_eq!(quietly(&mut provider, name, &[origin.clone(), link.clone()]), [], "{name:?}");
    }
    for (id, name) in
        (1..).zip([Name::Load, Name::Save, Name::Clear, Name::Test, Name::Trusts, Name::Mount, Name::Continue])
    {
        let fields = [of_call(id), ("value", string("abc")), ("hasElement", Field::Flag(true))];
        assert_eq!(quietly(&mut provider, name, &fields), [], "{name:?} waits");
    }
    assert!(!provider.offers("https://help.example", "/", &Untouched));
}

#[test]
fn the_calls_that_waited_are_made_once_there_is_consent() {
    let (mut provider, page) = (Provider::new(without_consent()), &mut Page::default());
    provider.happens(Name::Opened, page);
    call(&mut provider, 1, save(text("abc")), page);
    call(&mut provider, 2, Call::Test, page);
    let begun = [Action::InsertFrame, Action::BeginHandOver, Action::Repeat(1), Action::Repeat(2), agreed(3, true)];
    assert_eq!(consent(&mut provider, 3, true, page), begun);
    assert_eq!(consent(&mut provider, 4, true, page), [agreed(4, true)], "twice does no harm");
    // Their time begins now.
    assert_eq!(call(&mut provider, 1, save(text("abc")), page), [Action::StartTimer { id: 1, timeout: 10_000.0 }]);
    assert_eq!(page.read(), ["sid=abc", PENDING].concat());
}

#[test]
fn of_too_many_calls_that_wait_the_oldest_ends() {
    let (mut provider, page) = (Provider::new(without_consent()), &mut Page::default());
    for id in 1..=64 {
        assert_eq!(call(&mut provider, id, save(text("abc")), page), []);
    }
    assert_eq!(call(&mut provider, 65, save(text("abc")), page), [failed(1, Misbehaved::TooManyRequests)]);
    assert_eq!(consent(&mut provider, 66, true, page).iter().filter(|a| matches!(a, Action::Repeat(_))).count(), 64);
}

#[test]
fn what_waits_ends_when_the_page_says_no_and_when_it_destroys_the_provider() {
    let (mut provider, page) = (Provider::new(without_consent()), &mut with_session("chat"));
    call(&mut provider, 1, Call::Load, page);
    let ended = consent(&mut provider, 2, false, page);
    assert_eq!(ended, [failed(1, Environment::ConsentWithdrawn), Action::RemoveNotes, agreed(2, false)]);
    assert_eq!(page.read(), "", "what is left of earlier pages goes");
    call(&mut provider, 3, Call::Load, page);
    assert_eq!(provider.happens(Name::Destroyed, page), [failed(3, Misuse::Destroyed), Action::RemoveFrame]);
    assert_eq!(consent(&mut provider, 4, true, page), [failed(4, Misuse::Destroyed)]);
}

#[test]
fn a_withdrawal_removes_all_from_the_page_and_the_bridge_and_then_the_iframe() {
    let (mut provider, page) = page_with_kept();
    let page = &mut { page };
    page.write("__Host-bridge-visit=1795000000000.kept.2592000; Path=/; Secure");
    page.write("bridge-note.sid=1.save.; Path=/");
    page.others_write("sid=widget; Domain=shop.example; Path=/");
    page.write("foreign=1; Path=/");
    call(&mut provider, 2, Call::Load, page);
    let withdrawn = consent(&mut provider, 3, false, page);
    let number = own(&provider, Purpose::Forget(3));
    let expected = [
        failed(2, Environment::ConsentWithdrawn),
        Action::RemoveNotes,
        Action::StartTimer { id: 3, timeout: 10_000.0 },
        Action::Post(forget(None).to_wire(number)),
    ];
    assert_eq!(withdrawn, expected);
    assert_eq!(page.read(), "foreign=1");

    // The answer to the load comes, and the bridge reports a change: nobody listens.
    assert_eq!(answer(&mut provider, 2, &loaded("late"), page), []);
    let notices = [Notice::Changed, Notice::Decided(GRANTED), Notice::Asking];
    for told in notices {
        let told = told.to_wire();
        let event = Event { name: Name::Message, fields: &NO_FIELDS, data: &told.fields() };
        assert_eq!(provider.handle(&event, NOW, &mut Untouched), []);
    }
    let cleared = CLEARED.to_wire(number);
    let event = Event { name: Name::Message, fields: &NO_FIELDS, data: &cleared.fields() };
    assert_eq!(provider.handle(&event, NOW, &mut Untouched), [agreed(3, true), Action::RemoveFrame]);

    // Whatever else comes, until there is consent again.
    call(&mut provider, 4, Call::Load, page);
    assert_eq!(quietly(&mut provider, Name::FrameLoaded, &[]), []);
    assert_eq!(consent(&mut provider, 5, true, page), [Action::InsertFrame, Action::Repeat(4), agreed(5, true)]);
}

#[test]
fn a_chats_cookie_that_comes_after_a_withdrawal_is_the_chats_alone() {
    let (mut provider, page) = (connected(), &mut with_session("one"));
    call(&mut provider, 1, save(Given::Nothing), page);
    consent(&mut provider, 2, false, page);
    consent(&mut provider, 3, true, page);
    page.jar.set("sid", "two");
    assert_eq!(provider.happens_at(Timestamp(NOW.0 + 100), Name::LookedAgain, &[], page), []);
    assert_eq!(page.read(), "sid=two");
}

#[test]
fn an_iframe_that_the_page_has_removed_is_put_back_to_forget() {
    let (mut provider, page) = (connected(), &mut Page::seeing(REMOVED));
    let withdrawn = consent(&mut provider, 1, false, page);
    let timer = Action::StartTimer { id: 1, timeout: 10_000.0 };
    assert_eq!(withdrawn, [Action::InsertFrame, Action::RemoveNotes, timer]);
}

#[test]
fn a_withdrawal_reports_what_the_bridge_could_not_do() {
    for (reply, end) in [
        (Reply::Cleared { cleared: false, jar: PARTITIONED }, agreed(1, false)),
        (Reply::Failed(Environment::NotAllowed.into()), failed(1, Environment::NotAllowed)),
        (Reply::Shown, failed(1, Misbehaved::Reply)),
    ] {
        let (mut provider, page) = (connected(), &mut Page::default());
        consent(&mut provider, 1, false, page);
        assert_eq!(answer_forget(&mut provider, 1, &reply, page), [end, Action::RemoveFrame]);
    }
    let (mut provider, page) = (connected(), &mut Page::default());
    consent(&mut provider, 1, false, page);
    assert_eq!(expire(&mut provider, 1, true), [failed(1, Environment::Timeout), Action::RemoveFrame]);
}

#[test]
fn a_bridge_that_connects_after_the_withdrawal_forgets_too() {
    let (mut provider, page) = (provider(settings()), &mut with_session("mine"));
    call(&mut provider, 1, save(Given::Nothing), page);
    consent(&mut provider, 2, false, page);
    provider.loads(1, page);
    let number = own(&provider, Purpose::Forget(2));
    assert_eq!(
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page),
        [Action::Post(forget(Some(NOW)).to_wire(number))]
    );
    assert_eq!(answer_forget(&mut provider, 2, &CLEARED, page), [agreed(2, true), Action::RemoveFrame]);
    assert_eq!(page.read(), "");
}

#[test]
fn what_is_saved_with_new_consent_comes_after_what_is_forgotten() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    consent(&mut provider, 1, false, page);
    assert_eq!(consent(&mut provider, 2, true, page), [agreed(2, true)], "the iframe is still there");
    call(&mut provider, 3, save(text("new")), page);
    provider.loads(1, page);
    let posted = receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    let requests: Vec<Request> = posted
        .iter()
        .map(|action| match action {
            Action::Post(wire) => Request::read(&wire.fields()).unwrap().1.unwrap(),
            _ => panic!("{action:?}"),
        })
        .collect();
    assert_eq!(requests, [forget(Some(NOW)), save_since("new", NOW), save_since("new", NOW)]);
    assert_eq!(answer_forget(&mut provider, 1, &CLEARED, page), [agreed(1, true)], "and stays");
    assert_eq!(page.read(), ["sid=new", PENDING].concat());
}

#[test]
fn a_clear_with_new_consent_comes_after_what_is_forgotten() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    consent(&mut provider, 1, false, page);
    consent(&mut provider, 2, true, page);
    call(&mut provider, 3, Call::Clear, page);
    expire(&mut provider, 3, false);
    provider.loads(1, page);
    let number = own(&provider, Purpose::Forget(1));
    let posted = receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    let share = Action::Post(clear_since(Some(NOW)).to_wire(own(&provider, Purpose::Share)));
    assert_eq!(posted, [Action::Post(forget(Some(NOW)).to_wire(number)), share]);
}

#[test]
fn the_bridge_server_is_told_to_forget_and_a_frame_that_is_forbidden_is_not_waited_for() {
    let mut provider = provider(Settings { has_reference: true, ..settings() });
    let page = &mut Page::seeing(WITHOUT_BRIDGE);
    let violation =
        [("disposition", string("enforce")), ("effectiveDirective", string("frame-src")), ("origin", string(BRIDGE))];
    provider.happens_with(Name::PolicyViolated, &violation, page);
    let withdrawn = consent(&mut provider, 1, false, page);
    assert!(matches!(&withdrawn[1], Action::PostToServer(_)), "{withdrawn:?}");
    assert_eq!(withdrawn[2..], [failed(1, Environment::IframeForbidden), Action::RemoveFrame]);
}

#[test]
fn a_link_and_a_popup_that_are_under_way_are_given_up() {
    let rungs = Some(Rungs { link: true, ..Rungs::DEFAULT });
    let (mut provider, page) = (provider(Settings { rungs, ..settings() }), &mut Page::default());
    arrive(&mut provider, page);
    call(&mut provider, 1, continued(), page);
    let withdrawn = consent(&mut provider, 2, false, page);
    let given_up = [failed(1, Environment::ConsentWithdrawn), Action::ClosePopup, Action::DeclineOffer];
    assert_eq!(withdrawn[..3], given_up, "{withdrawn:?}");
    assert_eq!(provider.is_handed(Some("late"), page), []);
    assert_eq!(page.read(), "");
}
