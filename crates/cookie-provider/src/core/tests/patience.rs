use super::*;

fn after(milliseconds: u64) -> Timestamp {
    Timestamp(NOW.0 + milliseconds)
}

/// The timer of the first call is up.
fn time_up(provider: &mut Provider, milliseconds: u64) -> Vec<Action> {
    let page = &mut Page::seeing(WITHOUT_BRIDGE);
    provider.happens_at(after(milliseconds), Name::Expired, &[of_call(1)], page)
}

fn again(timeout: f64) -> Vec<Action> {
    vec![Action::StartTimer { id: 1, timeout }]
}

fn unreachable() -> Vec<Action> {
    vec![failed(1, Environment::IframeUnreachable)]
}

#[test]
fn the_time_of_a_call_begins_once_the_page_lets_the_iframe_in() {
    let mut provider = Provider::new(settings());
    provider.happens(Name::Opened, &mut Page::default());
    call(&mut provider, 1, Call::Load, &mut Page::default());
    // A page may be prerendered for long.
    for milliseconds in [10_000, 20_000, 4_000_000] {
        assert_eq!(time_up(&mut provider, milliseconds), again(10_000.0));
    }
    let_in(&mut provider, after(4_003_000));
    assert_eq!(time_up(&mut provider, 4_010_000), again(3_000.0));
    // What comes later changes nothing.
    let_in(&mut provider, after(4_012_000));
    assert_eq!(time_up(&mut provider, 4_013_000), unreachable());
}

#[test]
fn a_call_whose_timer_is_late_because_the_machine_slept_gets_its_time_again_once() {
    let mut provider = provider(settings());
    call(&mut provider, 1, Call::Load, &mut Page::seeing(WITHOUT_BRIDGE));
    assert_eq!(time_up(&mut provider, 3_600_000), again(10_000.0));
    // So does the iframe, whose loading slept as well.
    let page = &mut Page::seeing(WITHOUT_BRIDGE);
    let next = call_at(&mut provider, after(3_605_000), 2, Call::Load, page);
    assert_eq!(next, [Action::StartTimer { id: 2, timeout: 10_000.0 }]);
    assert_eq!(time_up(&mut provider, 3_660_000), unreachable());
}

#[test]
fn a_timer_that_is_a_little_late_or_whose_clock_was_set_back_ends_the_call() {
    for milliseconds in [9_990, 10_000, 12_000] {
        let mut provider = provider(settings());
        call(&mut provider, 1, Call::Load, &mut Page::seeing(WITHOUT_BRIDGE));
        assert_eq!(time_up(&mut provider, milliseconds), unreachable());
    }
    let mut provider = provider(settings());
    let page = &mut Page::seeing(WITHOUT_BRIDGE);
    call_at(&mut provider, after(86_400_000), 1, Call::Load, page);
    assert_eq!(time_up(&mut provider, 0), unreachable());
}
