//! The iframe's core under any sequence of events, with a model of what must hold.
//!
//! A stranger gets no action at all; a page gets only what its entry allows; every request is answered at most once, and by the end
//! exactly once; the number of waiting requests is bounded; no other cookie changes.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use bridge_iframe::core as iframe;
use bridge_protocol::{Environment, Greeting, Hello, Incompatible, JarState, PortGreeting, Reply, Request};
use fake_browser::{Browser, FakeJar};

use crate::messages::{NOW, Said, Text};
use crate::rights::{Who, list};

#[derive(Arbitrary, Debug)]
enum InIframe {
    Message { from_peer: bool, from: Who, has_port: bool, said: Said },
    Request(Said),
    StorageAccess(Option<bool>),
    Permission(u8),
    AccessRequested(bool),
    TimeUp,
    Clicked,
    Sighted { ratio: u8, is_visible: Option<bool> },
    SightTimeUp,
    CookieChanged,
    Elsewhere(Text),
}

const SESSION: &str = "__Host-bridge.";

/// The bridge in its page, and the model.
struct Iframe {
    bridge: iframe::Bridge,
    jar: FakeJar,
    /// The page that was greeted last.
    page: Option<Who>,
    /// How many requests of each id are unanswered.
    open: BTreeMap<u32, u32>,
}

pub fn the_iframe(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let place = iframe::Place {
        origin: Who::Bridge.text().to_owned(),
        is_top_level: input.arbitrary()?,
        is_ephemeral: input.arbitrary()?,
        has_storage: input.arbitrary()?,
        probe_token: "token".to_owned(),
    };
    let jar = FakeJar::frame(*input.choose(&Browser::ALL)?);
    let jar = jar.with("foreign", "1").with("__Host-bridge.kept", "1795000000000.treasure");
    let mut iframe = Iframe { bridge: iframe::Bridge::new(list(), place), jar, page: None, open: BTreeMap::new() };
    while !input.is_empty() {
        let event = input.arbitrary()?;
        iframe.take(&event);
    }
    // At the end, the browser answers every open question with a refusal.
    let ends = [
        InIframe::AccessRequested(false),
        InIframe::StorageAccess(Some(false)),
        InIframe::Permission(2),
        InIframe::TimeUp,
        InIframe::AccessRequested(false),
        InIframe::StorageAccess(Some(false)),
        InIframe::Permission(2),
    ];
    for event in ends {
        iframe.take(&event);
    }
    assert!(iframe.open.is_empty(), "never answered: {:?}", iframe.open);
    Ok(())
}

impl Iframe {
    fn take(&mut self, event: &InIframe) {
        use iframe::{Action, Event, Permission};
        let before = self.jar.clone();
        self.jar.written.clear();
        let (mut asked, mut is_greeting) = (None, false);
        let actions = match event {
            InIframe::Message { from_peer, from, has_port, said } => said.with(|data| {
                let origin = from.text();
                let event = Event::Message { from_peer: *from_peer, origin, data, has_port: *has_port };
                let actions = self.bridge.handle(&event, NOW, &mut self.jar);
                let greeting = Hello::read(data);
                let is_ours = *from_peer && *has_port && from.rights("sid").is_some() && greeting != Greeting::NotOurs;
                assert!(self.jar.written.is_empty(), "a greeting writes nothing");
                match greeting {
                    _ if !is_ours => assert_eq!(actions, [], "a stranger, or no greeting"),
                    Greeting::Hello(hello, _) => {
                        assert_eq!(
                            actions,
                            [Action::Connect, Action::Post(PortGreeting::Welcome(&hello.nonce).to_wire())]
                        );
                        (self.page, is_greeting) = (Some(*from), true);
                        self.open.clear();
                    }
                    _ => {
                        let declined = PortGreeting::Declined(Incompatible::Version.into());
                        assert_eq!(actions, [Action::Decline(declined.to_wire())]);
                    }
                }
                actions
            }),
            // Without a greeting there is no port that could carry one.
            InIframe::Request(_) if self.page.is_none() => return,
            InIframe::Request(said) => said.with(|data| {
                asked = Request::read(data);
                if let Some((id, _)) = &asked {
                    *self.open.entry(*id).or_default() += 1;
                }
                self.bridge.handle(&Event::Request(data), NOW, &mut self.jar)
            }),
            InIframe::Elsewhere(text) => {
                self.jar.set("__Host-bridge.sid", &format!("{}.{}", NOW.0, text.value().reveal()));
                return;
            }
            _ => {
                let event = match *event {
                    InIframe::StorageAccess(has_access) => Event::StorageAccess(has_access),
                    InIframe::Permission(state) => {
                        let states = [Permission::Granted, Permission::Denied, Permission::Unknown];
                        Event::Permission(states[usize::from(state) % 3])
                    }
                    InIframe::AccessRequested(is_granted) => Event::AccessRequested(is_granted),
                    InIframe::TimeUp => Event::TimeUp,
                    InIframe::Clicked => Event::Clicked,
                    InIframe::Sighted { ratio, is_visible } => {
                        Event::Sighted { ratio: f64::from(ratio) / 255.0, is_visible }
                    }
                    InIframe::SightTimeUp => Event::SightTimeUp,
                    _ => Event::CookieChanged,
                };
                self.bridge.handle(&event, NOW, &mut self.jar)
            }
        };
        for action in &actions {
            if let Action::Post(wire) = action
                && !is_greeting
                && let Some((id, reply)) = Reply::read(&wire.fields())
            {
                self.answered(id, &reply);
            }
        }
        assert!(self.open.values().sum::<u32>() <= 64, "what waits is bounded");
        if let Some((id, Ok(what))) = asked {
            self.is_kept_to_its_entry(id, &what, &actions);
        }
        self.no_cookie_is_touched_that_may_not_be(&before);
    }

    fn answered(&mut self, id: u32, reply: &Reply) {
        let open = self.open.get_mut(&id).unwrap_or_else(|| panic!("{id} was answered and not asked: {reply:?}"));
        *open -= 1;
        if *open == 0 {
            self.open.remove(&id);
        }
        if let Reply::Loaded { session: Some(session), jar } = reply {
            assert!(jar.readable, "what is read is readable");
            if session.value.reveal() == "treasure" {
                assert!(self.may("kept").0, "{:?} was shown another's session", self.page);
            }
        }
        if let Reply::Saved { saved: true, jar } = reply {
            assert_eq!(jar.state, JarState::Shared, "only what is shared is called saved");
        }
    }

    fn may(&self, name: &str) -> (bool, bool) {
        self.page.and_then(|page| page.rights(name)).unwrap_or_default()
    }

    fn is_kept_to_its_entry(&self, id: u32, what: &Request, actions: &[iframe::Action]) {
        let may = match what {
            Request::Load(name) => self.may(name.as_str()).0,
            Request::Save { session, .. } => self.may(session.name.as_str()).1,
            Request::Clear { name, .. } => self.may(name.as_str()).1,
            _ => return,
        };
        if !may {
            let refused = Reply::Failed(Environment::NotAllowed.into()).to_wire(id);
            assert_eq!(actions, [iframe::Action::Post(refused)]);
        }
    }

    /// A page changes only the sessions that it may save. Probe cookies are not compared: they exist while a verdict is sought.
    fn no_cookie_is_touched_that_may_not_be(&self, before: &FakeJar) {
        let is_probe = |name: &str| name.starts_with("__Host-bridge-probe.");
        let may_change = |name: &str| is_probe(name) || name.strip_prefix(SESSION).is_some_and(|name| self.may(name).1);
        assert_eq!(self.jar.without(may_change), before.without(may_change), "{:?}", self.page);
    }
}
