use super::*;

fn violate(provider: &mut Provider, disposition: &str, directive: &str, origin: &str, page: &mut Page) -> Vec<Action> {
    let text = |text: &str| Field::Text(text.to_owned());
    let fields =
        [("disposition", text(disposition)), ("effectiveDirective", text(directive)), ("origin", text(origin))];
    provider.happens_with(Name::PolicyViolated, &fields, page)
}

/// The page's policy forbids a frame of the bridge's origin.
fn forbid(provider: &mut Provider, page: &mut Page) -> Vec<Action> {
    violate(provider, "enforce", "frame-src", BRIDGE, page)
}

#[test]
fn a_frame_that_the_page_forbids_ends_every_call_at_once_until_one_answers() {
    let mut provider = provider(settings());
    let page = &mut Page::seeing(WITHOUT_BRIDGE);
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    call(&mut provider, 3, Call::Mount { has_element: true }, page);
    let error = Environment::IframeForbidden;
    let forbidden = forbid(&mut provider, page);
    assert_eq!(forbidden, [failed(1, error), unreachable(2, error), failed(3, error)]);
    // Chromium loads an error page in its place.
    provider.loads(1, page);
    assert_eq!(call(&mut provider, 4, Call::Load, page), [failed(4, error)]);
    assert_eq!(call(&mut provider, 5, Call::Test, page), [unreachable(5, error)]);
    // It was another frame of the bridge's origin that was forbidden.
    page.frame = WITH_BRIDGE;
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    posted(&call(&mut provider, 6, Call::Load, page));
    assert_eq!(forbid(&mut provider, page), []);
    posted(&call(&mut provider, 7, Call::Load, page));
}

#[test]
fn only_an_enforced_policy_against_a_frame_of_the_bridges_origin_forbids_the_frame() {
    for (disposition, directive, origin) in [
        ("report", "frame-src", BRIDGE),
        ("enforce", "script-src-elem", BRIDGE),
        ("enforce", "frame-src", "https://other.example"),
        ("enforce", "frame-src", ""),
        ("enforce", "connect-src", "https://other.example"),
        ("enforce", "connect-src", BRIDGE),
    ] {
        let (mut provider, page) = (provider(settings()), &mut Page::seeing(WITHOUT_BRIDGE));
        call(&mut provider, 1, Call::Load, page);
        assert_eq!(
            violate(&mut provider, disposition, directive, origin, page),
            [],
            "{disposition} {directive} {origin}"
        );
        assert_eq!(call(&mut provider, 2, Call::Load, page).len(), 1, "{disposition} {directive} {origin}");
    }
}

#[test]
fn a_policy_against_the_bridge_server_is_written_to_the_console() {
    let (mut provider, page) = (connected(), &mut Page::default());
    let warned = violate(&mut provider, "enforce", "connect-src", "https://server.example", page);
    assert_eq!(warned, [Action::WarnOfConnectSrc]);
    let mut without = Provider::new(Settings { server_origin: String::new(), ..settings() });
    assert_eq!(violate(&mut without, "enforce", "connect-src", "", page), [], "no server is configured");
}

#[test]
fn a_frame_that_shows_a_bridge_is_not_forbidden_by_what_another_frame_violates() {
    let (mut provider, page) = (provider(settings()), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(forbid(&mut provider, page), []);
}

/// Whether a call at this moment puts a new iframe in place of the one before.
fn replaces(provider: &mut Provider, id: u32, now: Timestamp, frame: FrameView) -> bool {
    call_at(provider, now, id, Call::Load, &mut Page::seeing(frame)).contains(&Action::InsertFrame)
}

fn after(milliseconds: u64) -> Timestamp {
    Timestamp(NOW.0 + milliseconds)
}

#[test]
fn the_first_iframe_is_inserted_when_the_provider_opens_unless_its_settings_are_wrong() {
    let page = &mut Page::default();
    assert_eq!(Provider::new(settings()).happens(Name::Opened, page), [Action::InsertFrame]);
    let mut wrong = Provider::new(Settings { is_iframe_url: false, ..settings() });
    assert_eq!(wrong.happens(Name::Opened, page), []);
    assert!(!replaces(&mut wrong, 1, NOW, REMOVED));
}

#[test]
fn an_iframe_that_loaded_no_bridge_or_was_removed_is_replaced_by_the_next_call() {
    let loaded = || {
        let mut provider = provider(settings());
        provider.loads(1, &mut Page::seeing(WITHOUT_BRIDGE));
        provider
    };
    assert!(replaces(&mut loaded(), 1, NOW, WITHOUT_BRIDGE));
    assert!(replaces(&mut loaded(), 1, NOW, REMOVED));
    assert!(!replaces(&mut loaded(), 1, NOW, WITH_BRIDGE));
    assert!(replaces(&mut connected(), 1, NOW, REMOVED));
    assert!(replaces(&mut connected(), 1, NOW, WITHOUT_BRIDGE), "it was navigated away");
    assert!(replaces(&mut provider(settings()), 1, NOW, REMOVED), "before it has loaded");
}

#[test]
fn a_page_that_may_be_the_first_release_of_a_bridge_among_other_frames_has_ten_seconds_to_answer() {
    let (mut provider, frame) = (provider(settings()), FrameView { inner_frames: 2, ..WITHOUT_BRIDGE });
    provider.loads(1, &mut Page::seeing(frame));
    assert!(!replaces(&mut provider, 1, after(10_000), frame));
    assert!(replaces(&mut provider, 2, after(10_001), frame));
}

#[test]
fn an_iframe_that_is_still_loading_is_waited_for_ten_seconds_and_twice_as_long_after_each_failure() {
    let mut provider = provider(settings());
    // The time of a call that has ended.
    let look = |provider: &mut Provider, now| {
        provider.happens_at(now, Name::Expired, &[of_call(100)], &mut Page::seeing(WITHOUT_BRIDGE));
    };
    assert!(!replaces(&mut provider, 1, after(9_000), WITHOUT_BRIDGE));
    look(&mut provider, after(10_000));
    assert!(!replaces(&mut provider, 2, after(10_000), WITHOUT_BRIDGE), "its time is not up");
    look(&mut provider, after(10_001));
    assert!(replaces(&mut provider, 3, after(10_001), WITHOUT_BRIDGE));
    look(&mut provider, after(30_001));
    assert!(!replaces(&mut provider, 4, after(30_001), WITHOUT_BRIDGE));
    look(&mut provider, after(30_002));
    assert!(replaces(&mut provider, 5, after(30_002), WITHOUT_BRIDGE));
    // One that loads has the first patience again.
    provider.loads(1, &mut Page::seeing(WITHOUT_BRIDGE));
    assert!(replaces(&mut provider, 6, after(30_003), WITHOUT_BRIDGE));
    look(&mut provider, after(50_004));
    assert!(replaces(&mut provider, 7, after(50_004), WITHOUT_BRIDGE), "20 seconds, for it failed once");
}

#[test]
fn a_clock_that_is_set_back_does_not_keep_a_dead_iframe() {
    let mut provider = provider(settings());
    let yesterday = Timestamp(NOW.0 - 86_400_000);
    assert!(!replaces(&mut provider, 1, yesterday, WITHOUT_BRIDGE));
    provider.happens_at(yesterday, Name::Expired, &[of_call(1)], &mut Page::seeing(WITHOUT_BRIDGE));
    assert!(replaces(&mut provider, 2, yesterday, WITHOUT_BRIDGE));
}

#[test]
fn a_forbidden_iframe_is_not_replaced() {
    let (mut provider, page) = (provider(settings()), &mut Page::seeing(WITHOUT_BRIDGE));
    forbid(&mut provider, page);
    provider.loads(1, page);
    assert!(!replaces(&mut provider, 1, NOW, WITHOUT_BRIDGE));
    // A page whose policy was changed shows a bridge.
    provider.loads(2, &mut Page::default());
    assert!(replaces(&mut provider, 2, NOW, REMOVED));
}

#[test]
fn a_lost_iframe_is_replaced_once_however_many_calls_find_it_lost() {
    let mut provider = provider(settings());
    let page = &mut Page::seeing(REMOVED);
    page.jar.set("sid", "chat");
    let inserted = |actions: &[Action]| actions.iter().filter(|action| **action == Action::InsertFrame).count();
    assert_eq!(inserted(&call(&mut provider, 1, save(Given::Nothing), page)), 1);

    page.jar.delete("sid");
    for id in 2..5 {
        call(&mut provider, id, save(Given::Nothing), page);
    }
    page.jar.set("sid", "later");
    assert_eq!(inserted(&provider.happens_at(NOW, Name::LookedAgain, &[], page)), 1);
}

fn removed(provider: &mut Provider, now: Timestamp) -> Vec<Action> {
    provider.happens_at(now, Name::FrameGone, &[], &mut Page::seeing(REMOVED))
}

#[test]
fn an_iframe_that_is_removed_is_put_back_without_a_call_and_what_waits_is_sent_there() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(removed(&mut provider, NOW), [Action::InsertFrame]);
    // What the bridge before still says does not count.
    assert_eq!(answer(&mut provider, 1, &loaded("old"), page), []);
    let sent = connect(&mut provider);
    assert!(matches!(&*sent, [Action::Post(wire)] if *wire == Request::Load(name()).to_wire(1)), "{sent:?}");
    // A report that comes late does nothing.
    assert_eq!(provider.happens(Name::FrameGone, page), []);
    assert!(matches!(&*answer(&mut provider, 1, &loaded("new"), page), [Action::Settle { id: 1, result: Ok(_) }]));
}

#[test]
fn whoever_removes_the_iframe_whenever_it_comes_waits_longer_and_longer() {
    let (mut provider, mut now) = (provider(settings()), NOW);
    for _ in 0..4 {
        assert_eq!(removed(&mut provider, now), [Action::InsertFrame]);
        now = Timestamp(now.0 + 1_000);
        let_in(&mut provider, now);
    }
    for delay in [1_000.0, 2_000.0, 4_000.0, 8_000.0] {
        assert_eq!(removed(&mut provider, now), [Action::StartFrameTimer(delay)]);
        assert_eq!(removed(&mut provider, now), [], "one timer at a time");
        let put_back = provider.happens_at(now, Name::FrameDue, &[], &mut Page::seeing(REMOVED));
        assert_eq!(put_back, [Action::InsertFrame]);
        let_in(&mut provider, now);
    }
    for _ in 0..100 {
        removed(&mut provider, now);
        provider.happens_at(now, Name::FrameDue, &[], &mut Page::seeing(REMOVED));
    }
    assert_eq!(removed(&mut provider, now), [Action::StartFrameTimer(512_000.0)], "the most");
    // A call does not wait for that.
    assert!(replaces(&mut provider, 1, now, REMOVED));
    assert_eq!(provider.happens_at(now, Name::FrameDue, &[], &mut Page::seeing(WITHOUT_BRIDGE)), []);
    // After a while in the page, all is forgotten.
    let_in(&mut provider, now);
    assert_eq!(removed(&mut provider, Timestamp(now.0 + 5_000_000)), [Action::InsertFrame]);
}

#[test]
fn an_iframe_that_is_led_away_from_its_bridge_is_put_back_once_and_one_that_never_had_a_bridge_is_not() {
    let (mut provider, page) = (connected(), &mut Page::seeing(WITHOUT_BRIDGE));
    assert!(matches!(&*provider.loads(2, page), [Action::StartFrameTimer(1_000.0), Action::Greet(_)]));
    assert_eq!(provider.happens(Name::FrameDue, page), [Action::InsertFrame]);
    assert!(matches!(&*provider.loads(3, page), [Action::Greet(_)]));
    assert!(matches!(&*provider.loads(4, page), [Action::Greet(_)]));
    // The bridge was loaded again. Its marker comes later.
    let mut reloaded = connected();
    assert!(matches!(&*reloaded.loads(2, page), [Action::StartFrameTimer(1_000.0), Action::Greet(_)]));
    receive(&mut reloaded, &PortGreeting::Welcome(&nonce(2)).to_wire(), page);
    assert_eq!(reloaded.happens(Name::FrameDue, &mut Page::default()), []);
    posted(&call(&mut reloaded, 1, Call::Load, &mut Page::default()));
}

#[test]
fn nothing_is_put_back_after_destroy_with_wrong_settings_or_where_the_page_forbids_it() {
    let mut destroyed = connected();
    destroyed.happens(Name::Destroyed, &mut Page::default());
    let wrong = Provider::new(Settings { is_iframe_url: false, ..settings() });
    let mut forbidden = provider(settings());
    forbid(&mut forbidden, &mut Page::seeing(WITHOUT_BRIDGE));
    for mut provider in [destroyed, wrong, forbidden] {
        for _ in 0..10 {
            assert_eq!(removed(&mut provider, NOW), []);
        }
        assert_eq!(provider.happens(Name::FrameDue, &mut Page::seeing(REMOVED)), []);
    }
}
