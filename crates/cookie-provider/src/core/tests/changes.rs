use super::*;

#[test]
fn a_change_elsewhere_is_told_once_and_ones_own_is_not() {
    let mut provider = connected();
    let page = &mut with_session("abc");
    call(&mut provider, 1, save(Given::Nothing), page);
    answer(&mut provider, 1, &Reply::Saved { saved: true, jar: SHARED }, page);
    for (reply, told) in [
        (loaded("abc"), vec![]),
        (loaded("other"), vec![Action::Emit(Outcome::Changed { value: Some(value("other")) })]),
        (loaded("other"), vec![]),
        // Nobody has ended it: the next load tells whether it is lost.
        (NOTHING, vec![]),
        (Reply::Ended { jar: SHARED }, vec![Action::Emit(Outcome::Changed { value: None })]),
    ] {
        let waiting = notice(&mut provider, Notice::Changed, page);
        assert_eq!(waiting, [Action::Post(Request::Load(name()).to_wire(own(&provider, Purpose::Load)))]);
        assert_eq!(notice(&mut provider, Notice::Changed, page), [], "one question at a time");
        assert_eq!(answer_own(&mut provider, Purpose::Load, &reply, page), told);
    }
    assert_eq!(page.read(), ["sid=abc", KEPT].concat(), "the page decides");
}

#[test]
fn a_page_that_comes_into_view_looks_for_changes() {
    let mut provider = connected();
    let load = [Action::Post(Request::Load(name()).to_wire(1))];
    assert_eq!(provider.happens(Name::Visible, &mut Page::default()), load);
}

#[test]
fn a_bridge_that_reports_changes_and_answers_nonsense_is_not_followed_without_end() {
    let (mut provider, page) = (connected(), &mut Page::default());
    let mut loads = 0;
    for _ in 0..1000 {
        if notice(&mut provider, Notice::Changed, page).is_empty() {
            break;
        }
        loads += 1;
        answer_own(&mut provider, Purpose::Load, &Reply::Trusted(true), page);
    }
    assert_eq!(loads, 8);
    // Once a load succeeds, it is followed again.
    provider.happens(Name::Visible, page);
    answer_own(&mut provider, Purpose::Load, &NOTHING, page);
    assert_eq!(notice(&mut provider, Notice::Changed, page).len(), 1);
}
