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
