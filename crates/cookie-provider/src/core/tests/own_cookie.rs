use super::*;

#[test]
fn a_widgets_cookie_of_a_domain_above_does_not_hide_what_the_provider_writes() {
    let (mut provider, page) = (connected(), &mut Page::default());
    page.others_write("sid=widget; Domain=shop.example; Path=/");
    call(&mut provider, 1, save(text("ours")), page);
    assert_eq!(page.read(), ["sid=ours", PENDING].concat());
    call(&mut provider, 2, Call::Clear, page);
    assert_eq!(page.get("sid"), None);
}

#[test]
fn a_cookie_that_a_widget_sets_later_for_its_domain_counts() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, save(text("ours")), page);
    page.others_write("sid=widget; Domain=shop.example; Path=/");
    provider.happens(Name::OwnSessionWanted, page);
    assert_eq!(page.get("sid"), Some("widget"));
    assert_eq!(posted(&call(&mut provider, 2, save(Given::Nothing), page)), save_now("widget"));
}

fn save_now(text: &str) -> Request {
    let session = SessionCookie::new(name(), value(text), Lifetime::BrowserSession).unwrap();
    Request::Save { session, since: None }
}

#[test]
fn a_session_that_ended_elsewhere_leaves_no_cookie_of_any_domain() {
    let (mut provider, page) = (connected(), &mut with_session("ours"));
    page.others_write("sid=widget; Domain=shop.example; Path=/");
    page.others_write("sid2=other; Path=/");
    provider.happens(Name::OwnSessionEnded, page);
    assert_eq!(page.read(), "sid2=other");
}

#[test]
fn a_note_that_another_host_of_the_site_planted_does_nothing() {
    for planted in ["1795000000000.clear.", "1795000000000.save.", "1795000000000.kept."] {
        for domain in ["; Domain=shop.example", "; Domain=www.shop.example"] {
            let page = &mut with_session("planted");
            page.others_write(&format!("bridge-note.sid={planted}{domain}; Path=/"));
            let mut provider = Provider::new(settings());
            provider.happens(Name::Opened, page);
            provider.loads(1, page);
            assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), []);
            let load = call(&mut provider, 1, Call::Load, page);
            assert!(matches!(posted(&load), Request::Load(_)), "nothing is shared before: {load:?}");
            assert_eq!(page.get("__Host-bridge-note.sid"), None);
        }
    }
}

#[test]
fn where_no_prefix_protects_it_a_note_that_another_host_planted_does_nothing_either() {
    for planted in ["1795000000000.clear.", "1795000000000.save."] {
        for domain in ["; Domain=shop.example", "; Domain=www.shop.example"] {
            let page = &mut with_session("planted");
            let mut provider = Provider::new(Settings { is_secure: false, ..settings() });
            provider.happens(Name::Opened, page);
            page.others_write(&format!("bridge-note.sid={planted}{domain}; Path=/"));
            provider.loads(1, page);
            assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), []);
            assert_eq!(page.get("bridge-note.sid"), None);

            call(&mut provider, 1, Call::Load, page);
            page.others_write(&format!("bridge-note.sid={planted}{domain}; Path=/"));
            let session = Some(BridgeSession { at: Timestamp(NOW.0 - 1), ..stored("theirs").unwrap() });
            answer(&mut provider, 1, &Reply::Loaded { session, jar: SHARED }, page);
            assert_eq!(page.get("sid"), Some("theirs"), "it is no newer session of this page's");
        }
    }
}

#[test]
fn a_note_that_this_host_wrote_under_the_name_of_before_is_taken_over_once() {
    let page = &mut with_session("mine");
    page.write("bridge-note.sid=1795000000000.save.; Path=/");
    Provider::new(settings()).happens(Name::Opened, page);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat());
    // What comes later under that name is no note of this version's.
    page.write("bridge-note.sid=1795000000000.clear.; Path=/");
    Provider::new(settings()).happens(Name::Opened, page);
    assert_eq!(page.read(), ["sid=mine", PENDING].concat());
}

#[test]
fn a_page_without_https_keeps_its_note_as_before() {
    let page = &mut with_session("mine");
    page.write("bridge-note.sid=1795000000000.save.; Path=/");
    Provider::new(Settings { is_secure: false, ..settings() }).happens(Name::Opened, page);
    assert_eq!(page.get("bridge-note.sid"), Some("1795000000000.save."));
}

#[test]
fn a_provider_with_wrong_settings_or_after_destroy_touches_no_cookie() {
    let page = &mut with_session("chat");
    for event in [Name::OwnSessionWanted, Name::OwnSessionEnded] {
        Provider::new(Settings { name: "a b".to_owned(), ..settings() }).happens(event, page);
    }
    assert_eq!(page.read(), "sid=chat");
}

/// Where the server of a page can have set a cookie that no script sees.
const HIDDEN: [&str; 5] = [
    "; Path=/",
    "; Path=/help",
    "; Path=/help/; Domain=shop.example",
    "; Path=/; Domain=shop.example",
    "; Path=/; Secure; Partitioned",
];

fn hidden(place: &str) -> Page {
    let mut page = Page::of(FakeJar::default().at("/help/chat"));
    page.server_sets(&format!("sid=server; HttpOnly{place}"));
    page.written.clear();
    page
}

#[test]
fn a_save_of_a_session_that_no_script_sees_says_so_at_once() {
    for place in HIDDEN {
        let (mut provider, page) = (connected(), &mut hidden(place));
        let refused = call(&mut provider, 1, save(Given::Nothing), page);
        assert_eq!(refused, [failed(1, Environment::HttpOnly), Action::LookLater(100.0)], "{place}");
        assert_eq!(page.read(), "", "nothing stays of the search");
        // The chat may set one that scripts see.
        page.others_write("sid=chat; Path=/help/chat");
        let saved = provider.happens_at(Timestamp(NOW.0 + 100), Name::LookedAgain, &[], page);
        assert!(matches!(saved.as_slice(), [Action::Post(_), Action::LookLater(_)]), "{saved:?}");
    }
}

#[test]
fn a_clear_of_a_session_that_no_script_sees_says_so_at_once_and_ends_it_for_the_other_domains() {
    for place in HIDDEN {
        let (mut provider, page) = (connected(), &mut hidden(place));
        let clear = Action::Post(clear_since(Some(NOW)).to_wire(1));
        assert_eq!(call(&mut provider, 1, Call::Clear, page), [clear, failed(1, Environment::HttpOnly)], "{place}");
        answer_own(&mut provider, Purpose::Share, &Reply::Cleared { cleared: true, jar: SHARED }, page);
        assert_eq!(page.read(), "");

        let mut later = Provider::new(settings());
        assert_eq!(call(&mut later, 1, Call::Clear, page).last(), Some(&failed(1, Environment::HttpOnly)));
        later.loads(1, page);
        let posted = receive(&mut later, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
        assert!(matches!(posted.as_slice(), [Action::Post(_)]), "{posted:?}");
    }
}

#[test]
fn what_cannot_take_the_place_of_a_session_that_no_script_sees_says_so() {
    let (mut provider, page) = (connected(), &mut hidden("; Path=/"));
    assert_eq!(call(&mut provider, 1, save(text("passed")), page), [failed(1, Environment::HttpOnly)]);
    call(&mut provider, 2, Call::Load, page);
    assert_eq!(answer(&mut provider, 2, &loaded("abc"), page), [failed(2, Environment::HttpOnly)]);
    assert_eq!(page.read(), "", "not even a note is left");
}

#[test]
fn a_session_that_scripts_see_counts_beside_one_of_another_path_or_domain_that_they_do_not() {
    for place in HIDDEN.into_iter().skip(1) {
        let (mut provider, page) = (connected(), &mut hidden(place));
        call(&mut provider, 1, Call::Load, page);
        assert!(matches!(
            answer(&mut provider, 1, &loaded("abc"), page).as_slice(),
            [Action::Settle { result: Ok(_), .. }]
        ));
        assert_eq!(posted(&call(&mut provider, 2, save(Given::Nothing), page)), save_now("abc"), "{place}");
    }
}

#[test]
fn a_session_of_another_path_does_not_hide_what_is_loaded_and_is_removed_with_it() {
    for paths in [["/", "/help"], ["/help", "/help/"], ["/help/chat", "/"]] {
        let (mut provider, page) = (connected(), &mut Page::of(FakeJar::default().at("/help/chat")));
        for (path, value) in paths.iter().zip(["one", "two"]) {
            page.others_write(&format!("sid={value}; Path={path}"));
        }
        call(&mut provider, 1, Call::Load, page);
        assert!(matches!(
            answer(&mut provider, 1, &loaded("abc"), page).as_slice(),
            [Action::Settle { result: Ok(_), .. }]
        ));
        assert_eq!(page.read(), "sid=abc");
        page.others_write("sid=widget; Path=/help");
        call(&mut provider, 2, Call::Clear, page);
        assert_eq!(page.get("sid"), None);
    }
}

#[test]
fn a_cookie_that_a_chat_sets_for_the_folder_of_its_page_counts() {
    let (mut provider, page) = (connected(), &mut Page::of(FakeJar::default().at("/help/chat")));
    call(&mut provider, 1, save(text("ours")), page);
    page.others_write("sid=widget");
    provider.happens(Name::OwnSessionWanted, page);
    assert_eq!(page.get("sid"), Some("widget"));
    assert_eq!(posted(&call(&mut provider, 2, save(Given::Nothing), page)), save_now("widget"));
}
