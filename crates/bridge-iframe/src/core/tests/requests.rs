use super::*;

#[test]
fn a_flood_is_bounded_and_later_requests_are_served() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    let test = |id| Request::Test.to_wire(id);
    let mut refused = 0;
    for id in 0..10_000 {
        let actions = bridge.handle(&Event::Request(&test(id).fields()), NOW, &mut jar);
        let error = BridgeError::from(Misbehaved::TooManyRequests);
        refused += usize::from(actions == [answer(id, &Reply::Failed(error))]);
    }
    assert_eq!(bridge.waiting.len(), MAX_WAITING);
    assert_eq!(refused, 10_000 - MAX_WAITING);
    assert_eq!(bridge.handle(&Event::StorageAccess(Some(true)), NOW, &mut jar).len(), MAX_WAITING);
    assert!(matches!(ask(&mut bridge, &mut jar, &Request::Test), Reply::Tested { .. }));
}

#[test]
fn what_is_no_request_gets_no_answer_and_one_that_is_bad_gets_its_code() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::Allowing));
    let text = |text: &str| Field::Text(text.to_owned());
    let nothing: [&[(&'static str, Field)]; 4] = [
        &[],
        &[("v", Field::Number(1.0)), ("kind", text("load")), ("name", text("sid"))],
        &[("v", Field::Number(1.0)), ("kind", text("load")), ("name", text("sid")), ("id", Field::Number(f64::NAN))],
        &[("v", Field::Number(1.0)), ("kind", text("load")), ("name", text("sid")), ("id", text("1"))],
    ];
    for fields in nothing {
        assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&fields)), [], "{fields:?}");
    }
    for kind in ["constructor", "__proto__", "toString", "hello", "welcome", ""] {
        let fields =
            [("v", Field::Number(1.0)), ("kind", text(kind)), ("id", Field::Number(7.0)), ("name", text("sid"))];
        let told = send(&mut bridge, &mut jar, &Event::Request(&fields.as_slice()));
        assert_eq!(told, [answer(7, &Reply::Failed(Misbehaved::Request.into()))], "{kind}");
    }
    assert!(matches!(ask(&mut bridge, &mut jar, &Request::Test), Reply::Tested { .. }), "later ones are served");
}

/// Anything that a browser or a page may do, in any order.
fn any_event() -> impl Strategy<Value = u8> {
    0..14_u8
}

proptest! {
    #[test]
    fn whatever_happens_every_request_is_answered_exactly_once(events in prop::collection::vec(any_event(), 0..60)) {
        let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::ChromiumBlocking));
        let (mut asked, mut answered) = (0, Vec::new());
        // At the end the browser answers what it was asked, with a refusal.
        let ends = [7, 5, 9, 10, 7, 5, 9].into_iter();
        for number in events.into_iter().chain(ends) {
            let what = match number {
                0 => Request::Load(sid()),
                1 => save("abc"),
                2 => clear(),
                _ => Request::Test,
            };
            let wire = what.to_wire(asked);
            let fields = wire.fields();
            let event = match number {
                0..4 => Event::Request(&fields),
                4 => Event::StorageAccess(None),
                5 => Event::StorageAccess(Some(false)),
                6 => Event::StorageAccess(Some(true)),
                7 => Event::AccessRequested(false),
                8 => Event::AccessRequested(true),
                9 => Event::Permission(Permission::Unknown),
                10 => Event::TimeUp,
                11 => Event::Permission(Permission::Granted),
                12 => Event::Clicked,
                _ => Event::CookieChanged,
            };
            asked += u32::from(number < 4);
            for action in send(&mut bridge, &mut jar, &event) {
                if let Action::Post(wire) = action && let Some((id, _)) = Reply::read(&wire.fields()) {
                    answered.push(id);
                }
            }
        }
        answered.sort_unstable();
        prop_assert_eq!(answered, (0..asked).collect::<Vec<_>>());
    }
}
