use super::*;
use bridge_protocol::{Field, incompatible, read_request, reply, welcome};
use proptest::prelude::*;

const SHARED: JarVerdict = JarVerdict { state: JarState::Shared, readable: true };
const PARTITIONED: JarVerdict = JarVerdict { state: JarState::Partitioned, readable: false };

/// The page's own cookies, with the attributes of the last write.
#[derive(Default)]
struct Page {
    cookies: Vec<(String, String)>,
    written: String,
    drops_writes: bool,
}

impl Page {
    fn with_session(value: &str) -> Self {
        Self { cookies: vec![("sid".to_owned(), value.to_owned())], ..Self::default() }
    }
}

impl CookieJar for Page {
    fn read(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn write(&mut self, cookie: &str) {
        if self.drops_writes {
            return;
        }
        cookie.clone_into(&mut self.written);
        let (name, rest) = cookie.split_once('=').unwrap();
        self.cookies.retain(|(kept, _)| kept != name);
        if !cookie.contains("; Max-Age=0") {
            self.cookies.push((name.to_owned(), rest.split(';').next().unwrap().to_owned()));
        }
    }
}

fn settings() -> Settings {
    Settings { name: Some("sid".to_owned()), timeout: None, max_age: None, is_secure: true }
}

fn provider(settings: &Settings) -> Provider {
    Provider::new(settings, Ok(()))
}

fn nonce(of: u8) -> Nonce {
    Nonce::from_random([of; 16])
}

fn connect(provider: &mut Provider) -> Vec<Action> {
    let greeting = provider.handle(Event::FrameLoaded(nonce(1)), &mut Page::default());
    assert_eq!(greeting, [Action::Greet(Hello { nonce: nonce(1) }.to_wire())]);
    receive(provider, &welcome(&nonce(1)), &mut Page::default())
}

fn connected() -> Provider {
    let mut provider = provider(&settings());
    assert_eq!(connect(&mut provider), []);
    provider
}

fn call(provider: &mut Provider, id: u32, call: Call, page: &mut Page) -> Vec<Action> {
    provider.handle(Event::Call { id, call }, page)
}

fn receive(provider: &mut Provider, wire: &Wire, page: &mut Page) -> Vec<Action> {
    provider.handle(Event::Message(&wire.fields()), page)
}

fn answer(provider: &mut Provider, id: u32, with: &Reply, page: &mut Page) -> Vec<Action> {
    receive(provider, &reply(id, with), page)
}

fn expire(provider: &mut Provider, id: u32, bridge_present: bool) -> Vec<Action> {
    provider.handle(Event::Expired { id, bridge_present }, &mut Page::default())
}

fn save(value: Given) -> Call {
    Call::Save { value, max_age: None }
}

fn text(value: &str) -> Given {
    Given::Text(value.to_owned())
}

fn name() -> CookieName {
    CookieName::parse("sid").unwrap()
}

fn value(text: &str) -> CookieValue {
    CookieValue::parse(text).unwrap()
}

fn failed(id: u32, error: impl Into<BridgeError>) -> Action {
    settle(id, Err(error.into()))
}

fn unreachable(id: u32, error: impl Into<BridgeError>) -> Action {
    settle(id, Ok(Outcome::Tested { jar: JarVerdict::UNREACHABLE, error: Some(error.into()) }))
}

/// The request that a call posts once the bridge is connected.
fn posted(actions: &[Action]) -> Request {
    let [Action::StartTimer { .. }, Action::Post(wire)] = actions else { panic!("{actions:?}") };
    read_request(&wire.fields()).unwrap().1.unwrap()
}

#[test]
fn calls_before_the_bridge_is_there_are_posted_in_their_order_once_it_is() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    let timer = |id| [Action::StartTimer { id, timeout: 10_000.0 }];
    assert_eq!(call(&mut provider, 1, Call::Load, page), timer(1));
    assert_eq!(call(&mut provider, 2, save(text("abc")), page), timer(2));
    assert_eq!(call(&mut provider, 3, Call::Test, page), timer(3));
    let session = SessionCookie::new(name(), value("abc"), Lifetime::BrowserSession).unwrap();
    let expected = [(1, Request::Load(name())), (2, Request::Save(session)), (3, Request::Test)];
    assert_eq!(connect(&mut provider), expected.map(|(id, what)| Action::Post(request(id, &what))));
}

#[test]
fn only_the_answer_to_this_pages_hello_connects() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(receive(&mut provider, &welcome(&nonce(1)), page), [], "before any hello");
    provider.handle(Event::FrameLoaded(nonce(1)), page);
    assert_eq!(receive(&mut provider, &welcome(&nonce(2)), page), [], "of another hello");
    assert_eq!(answer(&mut provider, 1, &Reply::Loaded { value: None, jar: SHARED }, page), [], "before the welcome");
    assert_eq!(receive(&mut provider, &welcome(&nonce(1)), page).len(), 1);
}

#[test]
fn a_bridge_of_another_version_ends_every_call_until_the_iframe_loads_anew() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    provider.handle(Event::FrameLoaded(nonce(1)), page);
    let ended = [failed(1, Incompatible::Version), unreachable(2, Incompatible::Version)];
    assert_eq!(receive(&mut provider, &incompatible(), page), ended);
    assert_eq!(call(&mut provider, 3, Call::Load, page), [failed(3, Incompatible::Version)]);
    assert_eq!(connect(&mut provider), []);
    assert_eq!(posted(&call(&mut provider, 4, Call::Load, page)), Request::Load(name()));
}

#[test]
fn a_welcome_of_another_version_is_told_as_such() {
    let mut provider = provider(&settings());
    call(&mut provider, 1, Call::Load, &mut Page::default());
    provider.handle(Event::FrameLoaded(nonce(1)), &mut Page::default());
    let mut other = welcome(&nonce(1)).fields().to_vec();
    other[0] = ("v", Field::Number(2.0));
    let actions = provider.handle(Event::Message(&other.as_slice()), &mut Page::default());
    assert_eq!(actions, [failed(1, Incompatible::Version)]);
}

#[test]
fn an_iframe_that_reloads_is_greeted_anew_and_asked_again() {
    let mut provider = connected();
    let page = &mut Page::default();
    let Action::Post(first) = call(&mut provider, 1, Call::Load, page).remove(1) else { panic!() };
    let greeting = provider.handle(Event::FrameLoaded(nonce(2)), page);
    assert_eq!(greeting, [Action::Greet(Hello { nonce: nonce(2) }.to_wire())]);
    assert_eq!(call(&mut provider, 2, Call::Load, page).len(), 1, "not posted to a document that has not answered");
    let again = receive(&mut provider, &welcome(&nonce(2)), page);
    assert_eq!(again, [Action::Post(first), Action::Post(request(2, &Request::Load(name())))]);
}

#[test]
fn a_load_sets_the_pages_own_cookie() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    let settled = answer(&mut provider, 1, &Reply::Loaded { value: Some(value("abc")), jar: SHARED }, page);
    assert_eq!(settled, [settle(1, Ok(Outcome::Loaded { value: Some(value("abc")), jar: SHARED }))]);
    assert_eq!(page.written, "sid=abc; Path=/; SameSite=Lax; Secure");
}

#[test]
fn the_pages_own_cookie_lives_as_long_as_the_page_wants_and_is_secure_where_the_page_is() {
    let settings = Settings { max_age: Some(60.0), is_secure: false, ..settings() };
    let mut provider = provider(&settings);
    connect(&mut provider);
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    answer(&mut provider, 1, &Reply::Loaded { value: Some(value("abc")), jar: SHARED }, page);
    assert_eq!(page.written, "sid=abc; Path=/; SameSite=Lax; Max-Age=60");
}

#[test]
fn a_load_of_nothing_leaves_the_pages_own_cookie_alone() {
    let mut provider = connected();
    let page = &mut Page::with_session("mine");
    call(&mut provider, 1, Call::Load, page);
    let settled = answer(&mut provider, 1, &Reply::Loaded { value: None, jar: PARTITIONED }, page);
    assert_eq!(settled, [settle(1, Ok(Outcome::Loaded { value: None, jar: PARTITIONED }))]);
    assert_eq!(page.read(), "sid=mine");
}

#[test]
fn a_page_that_may_not_keep_cookies_is_told() {
    let mut provider = connected();
    let page = &mut Page { drops_writes: true, ..Page::default() };
    call(&mut provider, 1, Call::Load, page);
    let settled = answer(&mut provider, 1, &Reply::Loaded { value: Some(value("abc")), jar: SHARED }, page);
    assert_eq!(settled, [failed(1, Environment::FirstPartyRefused)]);
}

#[test]
fn a_save_takes_the_pages_own_cookie_or_the_value_that_is_passed() {
    let mut provider = connected();
    let page = &mut Page::with_session("mine");
    for (id, given, expected) in [(1, Given::Nothing, "mine"), (2, text("passed"), "passed"), (3, text(""), "")] {
        let session = SessionCookie::new(name(), value(expected), Lifetime::BrowserSession).unwrap();
        assert_eq!(posted(&call(&mut provider, id, save(given), page)), Request::Save(session));
    }
}

#[test]
fn a_save_bounds_its_lifetime_by_the_call_before_the_constructor() {
    let settings = Settings { max_age: Some(60.0), ..settings() };
    let mut provider = provider(&settings);
    connect(&mut provider);
    for (id, max_age, expected) in [(1, None, 60), (2, Some(5.0), 5)] {
        let posted = posted(&call(&mut provider, id, Call::Save { value: text("abc"), max_age }, &mut Page::default()));
        let Request::Save(session) = posted else { panic!("{posted:?}") };
        assert_eq!(session.lifetime, Lifetime::Seconds(expected));
    }
}

#[test]
fn what_cannot_be_saved_is_refused_before_it_is_sent() {
    let mut provider = connected();
    let page = &mut Page::default();
    let largest = 4082 - "sid".len();
    for (given, error) in [
        (Given::Nothing, Misuse::SessionMissing),
        (Given::NotText, Misuse::CookieValue),
        (text("a; Domain=evil.test"), Misuse::CookieValue),
        (text("\u{e9}"), Misuse::CookieValue),
        (text(&"v".repeat(largest + 1)), Misuse::CookieTooLarge),
    ] {
        assert_eq!(call(&mut provider, 1, save(given), page), [failed(1, error)]);
    }
    for bad in [0.0, -1.0, f64::NAN, 34_560_001.0] {
        let refused = call(&mut provider, 1, Call::Save { value: text("abc"), max_age: Some(bad) }, page);
        assert_eq!(refused, [failed(1, Misuse::Lifetime)]);
    }
    assert_eq!(call(&mut provider, 1, save(text(&"v".repeat(largest))), page).len(), 2);
}

#[test]
fn saved_is_said_only_of_a_shared_jar() {
    for (jar, done, saved, via) in [
        (SHARED, true, true, Via::Cookie),
        (SHARED, false, false, Via::Local),
        (PARTITIONED, false, false, Via::Local),
        // A bridge that claims what cannot be.
        (PARTITIONED, true, false, Via::Local),
    ] {
        let mut provider = connected();
        let page = &mut Page::with_session("abc");
        call(&mut provider, 1, save(Given::Nothing), page);
        let settled = answer(&mut provider, 1, &Reply::Saved { saved: done, jar }, page);
        assert_eq!(settled, [settle(1, Ok(Outcome::Saved { saved, jar }))]);
        assert_eq!(Outcome::Saved { saved, jar }.jar_and_via(), (jar, via));
    }
}

#[test]
fn a_clear_removes_the_pages_own_cookie_at_once_and_again_after_a_load_in_between() {
    let mut provider = connected();
    let page = &mut Page::with_session("old");
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Clear, page);
    assert_eq!(page.read(), "");
    answer(&mut provider, 1, &Reply::Loaded { value: Some(value("old")), jar: SHARED }, page);
    assert_eq!(page.read(), "sid=old");
    let settled = answer(&mut provider, 2, &Reply::Cleared { cleared: true, jar: SHARED }, page);
    assert_eq!(settled, [settle(2, Ok(Outcome::Cleared { cleared: true, jar: SHARED }))]);
    assert_eq!(page.read(), "");
}

#[test]
fn a_cookie_that_cannot_be_removed_is_told() {
    let mut provider = connected();
    let page = &mut Page { drops_writes: true, ..Page::with_session("stuck") };
    call(&mut provider, 1, Call::Clear, page);
    let settled = answer(&mut provider, 1, &Reply::Cleared { cleared: true, jar: SHARED }, page);
    assert_eq!(settled, [failed(1, Environment::ClearRefused)]);
}

#[test]
fn the_bridges_own_error_reaches_the_caller() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, save(text("abc")), page);
    call(&mut provider, 2, Call::Test, page);
    let refused = Reply::Failed(Environment::SaveRefused.into());
    assert_eq!(answer(&mut provider, 1, &refused, page), [failed(1, Environment::SaveRefused)]);
    assert_eq!(answer(&mut provider, 2, &refused, page), [unreachable(2, Environment::SaveRefused)]);
}

#[test]
fn a_reply_of_the_wrong_kind_is_malformed() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    let wrong = Reply::Saved { saved: true, jar: SHARED };
    assert_eq!(answer(&mut provider, 1, &wrong, page), [failed(1, Misbehaved::Reply)]);
}

#[test]
fn second_late_and_foreign_replies_are_ignored() {
    let mut provider = connected();
    let page = &mut Page::default();
    let nothing = Reply::Loaded { value: Some(value("abc")), jar: SHARED };
    call(&mut provider, 1, Call::Load, page);
    assert_eq!(answer(&mut provider, 2, &nothing, page), [], "nobody asked");
    assert_eq!(answer(&mut provider, 1, &nothing, page).len(), 1);
    page.cookies.clear();
    assert_eq!(answer(&mut provider, 1, &nothing, page), [], "a second time");
    call(&mut provider, 3, Call::Load, page);
    assert_eq!(expire(&mut provider, 3, true), [failed(3, Environment::Timeout)]);
    assert_eq!(answer(&mut provider, 3, &nothing, page), [], "too late");
    assert_eq!(page.read(), "", "an ignored reply sets no cookie");
    assert_eq!(expire(&mut provider, 3, true), [], "a call ends once");
}

#[test]
fn a_call_whose_time_is_up_says_how_far_it_came() {
    let mut greeted = provider(&settings());
    greeted.handle(Event::FrameLoaded(nonce(1)), &mut Page::default());
    for (mut provider, bridge_present, error) in [
        (provider(&settings()), false, Environment::IframeUnreachable),
        (greeted, true, Environment::OriginNotTrusted),
        (connected(), true, Environment::Timeout),
    ] {
        call(&mut provider, 1, Call::Load, &mut Page::default());
        call(&mut provider, 2, Call::Test, &mut Page::default());
        assert_eq!(expire(&mut provider, 1, bridge_present), [failed(1, error)]);
        assert_eq!(expire(&mut provider, 2, bridge_present), [unreachable(2, error)]);
    }
}

#[test]
fn wrong_settings_end_every_call_and_greet_nobody() {
    let with = |name: Option<&str>, timeout, max_age| {
        let settings = Settings { name: name.map(str::to_owned), timeout, max_age, is_secure: true };
        Provider::new(&settings, Ok(()))
    };
    for (mut provider, error) in [
        (Provider::new(&settings(), Err(Misuse::IframeUrl.into())), Misuse::IframeUrl),
        (with(None, None, None), Misuse::CookieName),
        (with(Some("a b"), None, None), Misuse::CookieName),
        (with(Some("sid"), Some(0.0), None), Misuse::CallTimeout),
        (with(Some("sid"), Some(f64::NAN), None), Misuse::CallTimeout),
        (with(Some("sid"), Some(600_001.0), None), Misuse::CallTimeout),
        (with(Some("sid"), None, Some(f64::NAN)), Misuse::Lifetime),
    ] {
        let page = &mut Page::default();
        assert_eq!(provider.handle(Event::FrameLoaded(nonce(1)), page), []);
        assert_eq!(call(&mut provider, 1, Call::Load, page), [failed(1, error)]);
        assert_eq!(call(&mut provider, 2, save(text("abc")), page), [failed(2, error)]);
        assert_eq!(call(&mut provider, 3, Call::Clear, page), [failed(3, error)]);
        assert_eq!(call(&mut provider, 4, Call::Test, page), [unreachable(4, error)]);
    }
}

#[test]
fn the_timeout_is_the_pages() {
    let settings = Settings { timeout: Some(250.0), ..settings() };
    let actions = call(&mut provider(&settings), 1, Call::Load, &mut Page::default());
    assert_eq!(actions, [Action::StartTimer { id: 1, timeout: 250.0 }]);
}

#[test]
fn destroy_ends_what_waits_and_all_that_comes_after() {
    let mut provider = connected();
    let page = &mut Page::default();
    call(&mut provider, 1, Call::Load, page);
    call(&mut provider, 2, Call::Test, page);
    let ended = [failed(1, Misuse::Destroyed), failed(2, Misuse::Destroyed), Action::RemoveFrame];
    assert_eq!(provider.handle(Event::Destroy, page), ended);
    assert_eq!(call(&mut provider, 3, Call::Test, page), [failed(3, Misuse::Destroyed)]);
    assert_eq!(provider.handle(Event::FrameLoaded(nonce(2)), page), []);
    assert_eq!(provider.handle(Event::Destroy, page), [Action::RemoveFrame], "twice does no harm");
}

#[test]
fn calls_that_wait_are_bounded() {
    let mut provider = provider(&settings());
    let page = &mut Page::default();
    for id in 0..64 {
        assert_eq!(call(&mut provider, id, Call::Load, page).len(), 1);
    }
    assert_eq!(call(&mut provider, 64, Call::Load, page), [failed(64, Misbehaved::TooManyRequests)]);
    expire(&mut provider, 0, false);
    assert_eq!(call(&mut provider, 65, Call::Load, page).len(), 1, "there is room again");
}

/// One thing after another, in any order.
#[derive(Clone, Debug)]
enum Step {
    Call(u8),
    FrameLoaded(u8),
    Welcome(u8),
    Incompatible,
    Reply { to: u8, kind: u8 },
    Garbage(String, f64),
    Expired(u8, bool),
    Destroy,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => any::<u8>().prop_map(Step::Call),
        2 => (0..3_u8).prop_map(Step::FrameLoaded),
        4 => (0..3_u8).prop_map(Step::Welcome),
        1 => Just(Step::Incompatible),
        8 => (0..40_u8, any::<u8>()).prop_map(|(to, kind)| Step::Reply { to, kind }),
        2 => (any::<String>(), any::<f64>()).prop_map(|(text, number)| Step::Garbage(text, number)),
        4 => (0..40_u8, any::<bool>()).prop_map(|(id, present)| Step::Expired(id, present)),
        1 => Just(Step::Destroy),
    ];
    prop::collection::vec(step, 0..80)
}

fn any_call(kind: u8) -> Call {
    match kind % 6 {
        0 => Call::Load,
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
        0 => Reply::Loaded { value: Some(value("abc")), jar },
        1 => Reply::Saved { saved: true, jar },
        2 => Reply::Cleared { cleared: true, jar },
        3 => Reply::Tested { jar },
        _ => Reply::Failed(Environment::SaveRefused.into()),
    }
}

proptest! {
    #[test]
    fn whatever_happens_each_call_ends_exactly_once(steps in steps()) {
        let mut provider = provider(&settings());
        let page = &mut Page::default();
        let (mut calls, mut settled) = (0, Vec::new());
        // At the end the time of every call is up.
        let ends = (0..80).map(|id| Step::Expired(id, false));
        for step in steps.into_iter().chain(ends) {
            let event_page = &mut *page;
            let actions = match step {
                Step::Call(kind) => {
                    calls += 1;
                    call(&mut provider, calls - 1, any_call(kind), event_page)
                }
                Step::FrameLoaded(of) => provider.handle(Event::FrameLoaded(nonce(of)), event_page),
                Step::Welcome(of) => receive(&mut provider, &welcome(&nonce(of)), event_page),
                Step::Incompatible => receive(&mut provider, &incompatible(), event_page),
                Step::Reply { to, kind } => answer(&mut provider, u32::from(to), &any_reply(kind), event_page),
                Step::Garbage(text, number) => {
                    let fields = [("v", Field::Number(1.0)), ("kind", Field::Text(text)), ("id", Field::Number(number))];
                    provider.handle(Event::Message(&fields.as_slice()), event_page)
                }
                Step::Expired(id, present) => expire(&mut provider, u32::from(id), present),
                Step::Destroy => provider.handle(Event::Destroy, event_page),
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
