use super::*;

/// A load up to the question for the permission, in Chromium with third-party cookies blocked.
fn load_up_to_permission(bridge: &mut Bridge, jar: &mut FakeJar) {
    let load = Request::Load(sid()).to_wire(1);
    assert_eq!(send(bridge, jar, &Event::Request(&load.fields())), [Action::QueryStorageAccess]);
    assert_eq!(send(bridge, jar, &Event::StorageAccess(Some(false))), [Action::QueryPermission]);
}

#[test]
fn a_permission_that_stands_is_taken_silently() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::ChromiumBlocking));
    load_up_to_permission(&mut bridge, &mut jar);
    let request = send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted));
    assert_eq!(request, [Action::RequestAccess(ACCESS_TIMEOUT_MS)]);
    jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "1795000000000.abc");
    assert_eq!(send(&mut bridge, &mut jar, &Event::AccessRequested(true)), [Action::QueryStorageAccess]);
    let granted = JarVerdict { granted: true, ..SHARED };
    let loaded = answer(1, &Reply::Loaded { session: stored("abc"), jar: granted });
    assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true))), [loaded]);
}

#[test]
fn a_silent_request_that_fails_is_not_repeated_without_a_click() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::ChromiumBlocking));
    load_up_to_permission(&mut bridge, &mut jar);
    send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted));
    send(&mut bridge, &mut jar, &Event::AccessRequested(false));
    send(&mut bridge, &mut jar, &Event::StorageAccess(Some(false)));
    let not_shared = JarVerdict { request: AccessRequest::Possible, ..JarVerdict::new(JarState::Partitioned, false) };
    let nothing = answer(1, &Reply::Loaded { session: None, jar: not_shared });
    assert_eq!(send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted)), [nothing]);
}

#[test]
fn a_silent_request_that_never_ends_holds_nothing_up() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::FirefoxPartitioning));
    load_up_to_permission(&mut bridge, &mut jar);
    send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted));
    let actions = send(&mut bridge, &mut jar, &Event::TimeUp);
    let [Action::Post(wire)] = actions.as_slice() else { panic!("{actions:?}") };
    assert!(matches!(Reply::read(&wire.fields()), Some((1, Reply::Loaded { session: None, .. }))));
    assert_eq!(send(&mut bridge, &mut jar, &Event::TimeUp), [], "once");
}

#[test]
fn a_click_asks_at_once_whatever_else_is_going_on() {
    for steps in 0..3 {
        let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::FirefoxPartitioning));
        let load = Request::Load(sid()).to_wire(1);
        let before = [Event::Request(&load.fields()), Event::StorageAccess(Some(false))];
        for event in before.iter().take(steps) {
            send(&mut bridge, &mut jar, event);
        }
        assert_eq!(send(&mut bridge, &mut jar, &Event::Clicked), [Action::RequestAccess(ACCESS_TIMEOUT_MS)]);
        assert_eq!(jar.read(), "", "no probe is left");
        jar.browser = Browser::Allowing;
        assert_eq!(send(&mut bridge, &mut jar, &Event::AccessRequested(true)), [Action::QueryStorageAccess]);
        let actions = send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true)));
        let granted = JarVerdict { granted: true, ..SHARED };
        assert_eq!(actions[0], tell(Notice::Decided(granted)), "{steps}");
        assert_eq!(actions.len(), 1 + usize::from(steps > 0), "what waited is answered");
    }
}

#[test]
fn a_refusal_is_told_and_so_is_a_promise_that_changed_nothing() {
    for (browser, is_granted) in [(Browser::FirefoxPartitioning, false), (Browser::WebkitReadable, true)] {
        let (mut bridge, mut jar) = (bridge(), FakeJar::frame(browser));
        send(&mut bridge, &mut jar, &Event::Clicked);
        send(&mut bridge, &mut jar, &Event::AccessRequested(is_granted));
        let access = jar.has_storage_access();
        send(&mut bridge, &mut jar, &Event::StorageAccess(access));
        let actions = send(&mut bridge, &mut jar, &Event::Permission(Permission::Unknown));
        let [Action::Post(wire)] = actions.as_slice() else { panic!("{actions:?}") };
        let Some(Notice::Decided(verdict)) = Notice::read(&wire.fields()) else { panic!("{wire:?}") };
        assert!(!verdict.is_shared(), "{browser:?}");
    }
}

#[test]
fn an_open_question_is_told_and_its_late_answer_too() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::FirefoxPartitioning));
    send(&mut bridge, &mut jar, &Event::Clicked);
    assert_eq!(send(&mut bridge, &mut jar, &Event::TimeUp), [tell(Notice::Asking)]);
    jar.browser = Browser::Allowing;
    send(&mut bridge, &mut jar, &Event::AccessRequested(true));
    let granted = JarVerdict { granted: true, ..SHARED };
    let told = send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true)));
    assert_eq!(told, [tell(Notice::Decided(granted))]);
}

#[test]
fn a_page_that_forbids_storage_access_is_not_asked_for_it() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::ChromiumBlocking));
    let rungs = Rungs { storage_access: false, ..Rungs::DEFAULT };
    let hello = Hello { nonce: Nonce::from_random([1; 16]), rungs }.to_wire();
    greet(&mut bridge, true, "https://shop.example", hello.fields(), true);
    let test = Request::Test.to_wire(1);
    send(&mut bridge, &mut jar, &Event::Request(&test.fields()));
    let tested = answer(1, &Reply::Tested { jar: JarVerdict::new(JarState::Partitioned, false) });
    assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(false))), [tested]);
}

#[test]
fn webkit_is_asked_again_in_a_new_document_although_it_still_reports_the_access_of_the_one_before() {
    let (mut bridge, mut jar) = (bridge(), FakeJar::frame(Browser::WebkitItp));
    let test = Request::Test.to_wire(1);
    send(&mut bridge, &mut jar, &Event::Request(&test.fields()));
    send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true)));
    let after_visit = JarVerdict { request: AccessRequest::AfterVisit, ..JarVerdict::new(JarState::Blocked, false) };
    let tested = answer(1, &Reply::Tested { jar: after_visit });
    assert_eq!(send(&mut bridge, &mut jar, &Event::Permission(Permission::Unknown)), [tested]);
}

#[test]
fn where_a_request_is_not_possible_the_bridge_reports_it_so() {
    let tested = |bridge: &mut Bridge, jar: &mut FakeJar, has_access| {
        let test = Request::Test.to_wire(1);
        send(bridge, jar, &Event::Request(&test.fields()));
        send(bridge, jar, &Event::StorageAccess(has_access))
    };
    let impossible = [answer(1, &Reply::Tested { jar: JarVerdict::new(JarState::Partitioned, false) })];
    let mut jar = FakeJar::frame(Browser::FirefoxPartitioning);
    assert_eq!(tested(&mut bridge(), &mut jar, None), impossible, "there is no such function");
    let mut ephemeral = bridge();
    ephemeral.place.is_ephemeral = true;
    assert_eq!(tested(&mut ephemeral, &mut jar, Some(false)), impossible, "nothing outlives the page");
}

/// A load in a document that the browser loaded with storage access, up to the query for the permission.
fn load_with_access(rungs: Rungs) -> (Bridge, FakeJar) {
    let mut bridge = bridge_for(&[Listed::Text("https://shop.example".to_owned())]);
    let mut jar = FakeJar::frame(Browser::Allowing).with("__Host-bridge.sid", "1795000000000.abc");
    let hello = Hello { nonce: Nonce::from_random([1; 16]), rungs }.to_wire();
    greet(&mut bridge, true, "https://shop.example", hello.fields(), true);
    let load = Request::Load(sid()).to_wire(1);
    assert_eq!(send(&mut bridge, &mut jar, &Event::Request(&load.fields())), [Action::QueryStorageAccess]);
    assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true))), [Action::QueryPermission]);
    (bridge, jar)
}

#[test]
fn a_grant_that_the_browser_put_into_force_by_itself_is_a_grant() {
    for (permission, granted) in
        [(Permission::Granted, true), (Permission::Unknown, false), (Permission::Denied, false)]
    {
        let (mut bridge, mut jar) = load_with_access(Rungs::DEFAULT);
        let jar_verdict = JarVerdict { granted, ..SHARED };
        let loaded = answer(1, &Reply::Loaded { session: stored("abc"), jar: jar_verdict });
        assert_eq!(send(&mut bridge, &mut jar, &Event::Permission(permission)), [loaded], "{permission:?}");
        // The next request needs no query.
        let test = Request::Test.to_wire(2);
        send(&mut bridge, &mut jar, &Event::Request(&test.fields()));
        let tested = answer(2, &Reply::Tested { jar: jar_verdict });
        assert_eq!(send(&mut bridge, &mut jar, &Event::StorageAccess(Some(true))), [tested], "{permission:?}");
    }
}

#[test]
fn a_page_that_forbids_storage_access_gets_nothing_through_a_grant_and_one_that_allows_nothing_else_does() {
    let none = Rungs { cookie: false, storage_access: false, popup: false, link: false, store: false };
    let partitioned = JarVerdict::new(JarState::Partitioned, false);
    for (rungs, session, jar_verdict) in [
        (Rungs { cookie: true, ..none }, None, partitioned),
        (Rungs { popup: true, ..none }, None, partitioned),
        (Rungs { storage_access: true, ..none }, stored("abc"), JarVerdict { granted: true, ..SHARED }),
    ] {
        let (mut bridge, mut jar) = load_with_access(rungs);
        let loaded = answer(1, &Reply::Loaded { session, jar: jar_verdict });
        assert_eq!(send(&mut bridge, &mut jar, &Event::Permission(Permission::Granted)), [loaded], "{rungs:?}");
    }
}
