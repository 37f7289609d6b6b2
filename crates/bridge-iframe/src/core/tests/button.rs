use super::*;

const IN_VIEW: Event<'_> = Event::Sighted { ratio: 1.0, is_visible: None };
const OUT_OF_VIEW: Event<'_> = Event::Sighted { ratio: 0.0, is_visible: None };

/// A bridge that was asked to show its button.
fn showing() -> (Bridge, FakeJar) {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::FirefoxPartitioning));
    let show = Request::Show("{}".to_owned()).to_wire(3);
    let shown = [Action::Show { text: "{}".to_owned(), sight_timeout: SIGHT_TIMEOUT_MS }, answer(3, &Reply::Shown)];
    assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&show.fields())), shown);
    (bridge, jar)
}

#[test]
fn the_button_is_shown_with_the_pages_text_and_reported() {
    let (mut bridge, mut jar) = showing();
    assert_eq!(send(&mut bridge, &mut jar, &Event::SightTimeUp), [tell(Notice::Seen(false))]);
}

#[test]
fn a_click_counts_only_while_the_button_can_be_seen() {
    let (mut bridge, mut jar) = showing();
    let hidden = [tell(Notice::Seen(false))];
    assert_eq!(send(&mut bridge, &mut jar, &Event::Clicked), hidden, "before any observation");
    for (ratio, is_visible, is_seen) in [
        (0.0, None, false),
        (0.49, None, false),
        (0.5, None, true),
        (1.0, None, true),
        // Chromium also reports whether something covers it.
        (1.0, Some(false), false),
        (1.0, Some(true), true),
        (0.4, Some(true), false),
        (f64::NAN, Some(true), false),
    ] {
        let (mut bridge, mut jar) = showing();
        send(&mut bridge, &mut jar, &Event::Sighted { ratio, is_visible });
        let expected = if is_seen { Action::RequestAccess(ACCESS_TIMEOUT_MS) } else { tell(Notice::Seen(false)) };
        assert_eq!(send(&mut bridge, &mut jar, &Event::Clicked), [expected], "{ratio} {is_visible:?}");
    }
    send(&mut bridge, &mut jar, &IN_VIEW);
    send(&mut bridge, &mut jar, &Event::Sighted { ratio: 1.0, is_visible: Some(false) });
    assert_eq!(send(&mut bridge, &mut jar, &Event::Clicked), hidden, "it was covered since");
}

#[test]
fn a_button_is_reported_once_as_seen_and_is_not_hidden_later() {
    let (mut bridge, mut jar) = showing();
    assert_eq!(send(&mut bridge, &mut jar, &OUT_OF_VIEW), [], "the first observation may be too early");
    assert_eq!(send(&mut bridge, &mut jar, &IN_VIEW), [tell(Notice::Seen(true))]);
    assert_eq!(send(&mut bridge, &mut jar, &OUT_OF_VIEW), [], "the visitor may scroll");
    assert_eq!(send(&mut bridge, &mut jar, &IN_VIEW), []);
    assert_eq!(send(&mut bridge, &mut jar, &Event::SightTimeUp), []);
}

#[test]
fn a_button_that_comes_into_view_late_is_reported_then() {
    let (mut bridge, mut jar) = showing();
    assert_eq!(send(&mut bridge, &mut jar, &Event::SightTimeUp), [tell(Notice::Seen(false))]);
    assert_eq!(send(&mut bridge, &mut jar, &IN_VIEW), [tell(Notice::Seen(true))]);
}

#[test]
fn a_button_that_replaces_another_has_to_be_seen_itself() {
    let (mut bridge, mut jar) = showing();
    send(&mut bridge, &mut jar, &IN_VIEW);
    let again = Request::Show("{}".to_owned()).to_wire(4);
    send(&mut bridge, &mut jar, &Event::Request(&again.fields()));
    assert_eq!(send(&mut bridge, &mut jar, &Event::Clicked), [tell(Notice::Seen(false))]);
    assert_eq!(send(&mut bridge, &mut jar, &IN_VIEW), [tell(Notice::Seen(true))]);
}
