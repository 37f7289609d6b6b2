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
fn a_planted_note_of_a_domain_above_is_replaced_too() {
    let (mut provider, page) = (connected(), &mut Page::default());
    page.others_write("bridge-note.sid=1.clear.; Domain=shop.example; Path=/");
    call(&mut provider, 1, save(text("ours")), page);
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
