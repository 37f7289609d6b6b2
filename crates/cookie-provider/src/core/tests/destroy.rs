use super::*;

#[test]
fn destroy_ends_what_waits_and_all_that_comes_after() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    let ended = [failed(1, Misuse::Destroyed), failed(2, Misuse::Destroyed), Action::RemoveFrame];
    assert_eq!(provider.happens(Name::Destroyed, page), ended);
    assert_eq!(call(&mut provider, 3, Call::Test, page), [failed(3, Misuse::Destroyed)]);
    assert_eq!(provider.loads(2, page), []);
    assert_eq!(provider.happens(Name::Destroyed, page), [Action::RemoveFrame], "twice does no harm");
}

#[test]
fn what_comes_after_destroy_from_wherever_does_nothing() {
    let rungs = Some(Rungs { link: true, ..Rungs::DEFAULT });
    let mut provider = provider(Settings { has_reference: true, rungs, ..settings() });
    let page = &mut Page::default();
    provider.loads(1, page);
    receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page);
    arrive(&mut provider, page);
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, continued(), page);
    provider.popup_loads(5, page);
    popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page);
    assert!(provider.happens(Name::Destroyed, page).contains(&Action::DeclineOffer));
    let late = [
        answer(&mut provider, 1, &loaded("late"), page),
        notice(&mut provider, Notice::Changed, page),
        notice(&mut provider, Notice::Decided(GRANTED), page),
        receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page),
        provider.popup_loads(6, page),
        popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), page),
        popup(&mut provider, &loaded("late").to_wire(1), page),
        store_answers(&mut provider, 1, Ok(Some("late")), page),
        provider.is_handed(Some("late"), page),
        expire(&mut provider, 1, true),
        expire(&mut provider, 2, true),
    ];
    assert_eq!(late, [const { Vec::<Action>::new() }; 11]);
    assert_eq!((page.read().as_str(), page.written.len()), ("", 0));
}

#[test]
fn a_welcome_that_comes_after_destroy_is_to_nobody() {
    let (mut provider, page) = (connected(), &mut Page::default());
    call(&mut provider, 1, mount(), page);
    provider.loads(1, page);
    provider.happens(Name::Destroyed, page);
    assert_eq!(receive(&mut provider, &PortGreeting::Welcome(&nonce(1)).to_wire(), page), []);
}
