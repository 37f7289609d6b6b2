use super::*;

#[test]
fn a_page_hears_of_changes_of_those_sessions_only_that_it_may_load() {
    let chat_only = [Listed::Object(vec![
        ("origin".to_owned(), Property::Text("https://shop.example".to_owned())),
        ("cookies".to_owned(), Property::Texts(vec![Some("chat".to_owned())])),
    ])];
    let (trusted, errors) = TrustedDomains::parse(&chat_only, &|host| Some(host.to_owned()), &|_| false);
    assert_eq!(errors, []);
    let (mut bridge, mut jar) = (Bridge { trusted, ..bridge() }, FakeJar::frame(Browser::Allowing));
    greet(&mut bridge, true, "https://shop.example", &hello(), true);
    for (name, told) in [("other", vec![]), ("chat", vec![tell(Notice::Changed)])] {
        jar.set(&format!("__Host-bridge.{name}"), "1795000000001.new");
        assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), told, "{name}");
    }
}

#[test]
fn a_change_of_another_page_is_told_and_ones_own_is_not() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    greet(&mut bridge, true, "https://shop.example", &hello(), true);
    ask(&mut bridge, &mut jar, &save("own"));
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), []);
    jar.set("__Host-bridge.sid", "1795000000001.other");
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), [tell(Notice::Changed)]);
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), []);
    jar.set("unrelated", "1");
    assert_eq!(send(&mut bridge, &mut jar, &Event::CookieChanged), []);
}
