use proptest::prelude::*;

use super::*;

/// One thing after another, in any order.
#[derive(Clone, Debug)]
enum Happening {
    Call(u8),
    FrameLoaded(u8),
    Welcome(u8),
    Incompatible,
    Reply { to: u8, kind: u8 },
    Garbage(String, f64),
    Expired(u8, bool),
    Notice(u8),
    Popup(u8),
    Store { to: u8, kind: u8 },
    Looked(u16),
    OfferExpired,
    Destroy,
}

fn steps() -> impl Strategy<Value = Vec<Happening>> {
    let step = prop_oneof![
        8 => any::<u8>().prop_map(Happening::Call),
        2 => (0..3_u8).prop_map(Happening::FrameLoaded),
        4 => (0..3_u8).prop_map(Happening::Welcome),
        1 => Just(Happening::Incompatible),
        8 => (0..40_u8, any::<u8>()).prop_map(|(to, kind)| Happening::Reply { to, kind }),
        2 => (any::<String>(), any::<f64>()).prop_map(|(text, number)| Happening::Garbage(text, number)),
        4 => (0..40_u8, any::<bool>()).prop_map(|(id, present)| Happening::Expired(id, present)),
        4 => any::<u8>().prop_map(Happening::Notice),
        6 => any::<u8>().prop_map(Happening::Popup),
        4 => (0..40_u8, any::<u8>()).prop_map(|(to, kind)| Happening::Store { to, kind }),
        4 => any::<u16>().prop_map(Happening::Looked),
        1 => Just(Happening::OfferExpired),
        1 => Just(Happening::Destroy),
    ];
    prop::collection::vec(step, 0..80)
}

fn any_call(kind: u8) -> Call {
    match kind % 9 {
        0 => Call::Load,
        8 => Call::Trusts(BRIDGE.to_owned()),
        6 => mount(),
        7 => continued(),
        1 => save(Given::Nothing),
        2 => save(text("abc")),
        3 => save(Given::NotText),
        4 => Call::Clear,
        _ => Call::Test,
    }
}

fn any_reply(kind: u8) -> Reply {
    let jar = if kind.is_multiple_of(2) { SHARED } else { PARTITIONED };
    match kind % 5 {
        0 => Reply::Loaded { session: stored("abc"), jar },
        1 => Reply::Saved { saved: true, jar },
        2 => Reply::Cleared { cleared: true, jar },
        3 => Reply::Tested { jar },
        _ => Reply::Failed(Environment::SaveRefused.into()),
    }
}

proptest! {
    #[test]
    fn whatever_happens_each_call_ends_exactly_once(steps in steps(), has_reference: bool) {
        let mut provider = provider(Settings { has_reference, ..settings() });
        let page = &mut Page::default();
        let (mut calls, mut settled) = (0, Vec::new());
        // At the end the time of every call is up, the popup is closed and the visitor has decided.
        let ends = (0..80).map(|id| Happening::Expired(id, false)).chain([Happening::Popup(0), Happening::FrameLoaded(0), Happening::Welcome(0), Happening::Notice(1)]);
        let ends = [Happening::Looked(u16::MAX)].into_iter().chain(ends);
        for step in steps.into_iter().chain(ends) {
            let event_page = &mut *page;
            let actions = match step {
                Happening::Call(kind) => {
                    calls += 1;
                    call(&mut provider, calls - 1, any_call(kind), event_page)
                }
                Happening::FrameLoaded(of) => provider.loads(of, event_page),
                Happening::Welcome(of) => receive(&mut provider, &PortGreeting::Welcome(&nonce(of)).to_wire(), event_page),
                Happening::Incompatible => receive(&mut provider, &PortGreeting::Declined(Incompatible::Version.into()).to_wire(), event_page),
                Happening::Reply { to, kind } => answer(&mut provider, u32::from(to), &any_reply(kind), event_page),
                Happening::Garbage(text, number) => {
                    let fields = [("v", Field::Number(1.0)), ("kind", Field::Text(text)), ("id", Field::Number(number))];
                    provider.hears(Name::Message, &fields.as_slice(), event_page)
                }
                Happening::Expired(id, present) => expire(&mut provider, u32::from(id), present),
                Happening::Notice(kind) => {
                    let what = match kind % 5 {
                        0 => Notice::Changed,
                        1 => Notice::Decided(GRANTED),
                        2 => Notice::Decided(PARTITIONED),
                        3 => Notice::Asking,
                        _ => Notice::Seen(false),
                    };
                    notice(&mut provider, what, event_page)
                }
                Happening::Popup(kind) => match kind % 9 {
                    0 => provider.happens(Name::PopupClosed, event_page),
                    1 => provider.happens(Name::PopupBlocked, event_page),
                    2 => provider.popup_loads(5, event_page),
                    3 | 4 => popup(&mut provider, &PortGreeting::Welcome(&nonce(5)).to_wire(), event_page),
                    _ => popup(&mut provider, &any_reply(kind / 9).to_wire(2), event_page),
                },
                Happening::Store { to, kind } => {
                    let answers = [Ok(Some("abc")), Ok(None), Err("session-superseded"), Err("store-unavailable"), Ok(Some("a;b"))];
                    store_answers(&mut provider, u32::from(to), answers[usize::from(kind) % 5], event_page)
                }
                Happening::Looked(after) => {
                    provider.happens_at(Timestamp(NOW.0 + u64::from(after)), Name::LookedAgain, &[], event_page)
                }
                Happening::OfferExpired => provider.happens(Name::OfferExpired, event_page),
                Happening::Destroy => provider.happens(Name::Destroyed, event_page),
            };
            settled.extend(actions.into_iter().filter_map(|action| match action {
                Action::Settle { id, .. } => Some(id),
                _ => None,
            }));
        }
        settled.sort_unstable();
        prop_assert_eq!(settled, (0..calls).collect::<Vec<_>>());
    }
}
