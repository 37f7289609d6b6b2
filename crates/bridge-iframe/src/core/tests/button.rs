use super::*;

#[test]
fn the_button_is_shown_with_the_pages_text_and_reported() {
    let (mut bridge, mut jar) = (bridge(), Jar::new(Browser::Allowing));
    let show = request(3, &Request::Show("{}".to_owned()));
    let shown = [Action::Show("{}".to_owned()), answer(3, &Reply::Shown)];
    assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&show.fields())), shown);
    assert_eq!(send(&mut bridge, &mut jar, &Event::Seen(false)), [tell(Notice::Seen(false))]);
}
