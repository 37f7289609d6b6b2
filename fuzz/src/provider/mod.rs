//! The provider's core under any sequence of events, with a model of what must hold.
//!
//! No message has an effect before the welcome; every call ends at most once, and by `destroy` at the latest; the number of waiting calls is
//! bounded.

use arbitrary::{Arbitrary, Unstructured};
use bridge_protocol::{JarState, Misuse, PortGreeting, Request, Rungs, Stamp, Via};
use cookie_provider::core as provider;
use fake_browser::{Browser, FakeJar};

use crate::messages::{NOW, Said, Text, nonce};
use crate::rights::Who;

#[derive(Arbitrary, Debug)]
enum InPage {
    Call(Called),
    FrameLoaded(u8),
    Message(Said),
    Expired(u8, bool),
    Visible,
    PopupBlocked,
    PopupReady(u8),
    PopupMessage(Said),
    PopupClosed(bool),
    StoreAnswered(u8, Answer),
    Chat(Option<Text>),
    Later(u8),
    Destroy,
}

#[derive(Arbitrary, Debug)]
enum Called {
    Load,
    Save(Option<Text>, Option<f32>),
    SaveText(String),
    SaveNoText,
    Clear,
    Test,
    Trusts(Who),
    Mount(bool),
    Continue(bool),
}

#[derive(Arbitrary, Debug)]
enum Answer {
    Nothing,
    Session(Text),
    Text(String),
    Error(u8),
    Odd(String),
}

/// A provider in its page, and the model.
struct Page {
    provider: provider::Provider,
    jar: FakeJar,
    now: Stamp,
    calls: u32,
    /// The calls that have not ended.
    open: Vec<u32>,
    /// The nonce of the hello that was sent last.
    greeted: Option<u8>,
    is_connected: bool,
    is_destroyed: bool,
}

pub fn the_provider(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let settings = provider::Settings {
        name: Some("sid".to_owned()),
        timeout: None,
        max_age: input.arbitrary::<Option<u16>>()?.map(f64::from),
        rungs: Some(Rungs {
            cookie: input.arbitrary()?,
            storage_access: input.arbitrary()?,
            popup: input.arbitrary()?,
            link: input.arbitrary()?,
            store: input.arbitrary()?,
        }),
        is_secure: input.arbitrary()?,
        has_store: input.arbitrary()?,
    };
    let jar = FakeJar::page(*input.choose(&Browser::ALL)?).with("foreign", "1").with("sid2", "2");
    let mut page = Page {
        provider: provider::Provider::new(&settings, Ok(())),
        jar,
        now: NOW,
        calls: 0,
        open: Vec::new(),
        greeted: None,
        is_connected: false,
        is_destroyed: false,
    };
    while !input.is_empty() {
        let event = input.arbitrary()?;
        page.take(event);
    }
    page.take(InPage::Destroy);
    assert!(page.open.is_empty(), "these calls never ended");
    Ok(())
}

impl Page {
    fn take(&mut self, event: InPage) {
        use provider::Event;
        let own = self.jar.get("sid").map(str::to_owned);
        let others = |jar: &FakeJar| jar.without(|name| name == "sid" || name == "bridge-note.sid");
        let before = others(&self.jar);
        self.jar.written.clear();
        // Whether the other side may set the page's own cookie now.
        let mut is_believed = false;
        let actions = match event {
            InPage::Call(call) => {
                is_believed = true;
                let id = self.calls;
                self.calls += 1;
                self.open.push(id);
                self.handle(Event::Call { id, call: call.call() })
            }
            InPage::FrameLoaded(of) => {
                (self.greeted, self.is_connected) = (Some(of % 4), false);
                self.handle(Event::FrameLoaded(nonce(of % 4)))
            }
            InPage::Message(said) => said.with(|data| {
                is_believed = self.is_connected;
                if let (false, Some(of)) = (self.is_connected, self.greeted) {
                    match PortGreeting::read(data, &nonce(of)) {
                        Some(PortGreeting::Welcome(_)) => self.is_connected = !self.is_destroyed,
                        Some(PortGreeting::Incompatible) => self.greeted = None,
                        None => {}
                    }
                }
                self.handle(Event::Message(data))
            }),
            InPage::Expired(id, bridge_present) => {
                // Only calls of the page expire here, not the provider's own requests.
                self.handle(Event::Expired { id: u32::from(id), bridge_present })
            }
            InPage::Visible => self.handle(Event::Visible),
            InPage::PopupBlocked => self.handle(Event::PopupBlocked),
            InPage::PopupReady(of) => self.handle(Event::PopupReady(nonce(of % 4))),
            InPage::PopupMessage(said) => {
                is_believed = true;
                said.with(|data| self.handle(Event::PopupMessage(data)))
            }
            InPage::PopupClosed(is_unheard) => self.handle(Event::PopupClosed { is_unheard }),
            InPage::StoreAnswered(id, answer) => {
                is_believed = true;
                let codes = ["session-superseded", "store-unavailable", "reference-expired", ""];
                let session;
                let answer = match &answer {
                    Answer::Nothing => Ok(None),
                    Answer::Session(text) => {
                        session = text.value();
                        Ok(Some(session.reveal()))
                    }
                    Answer::Text(text) => Ok(Some(text.as_str())),
                    Answer::Error(which) => Err(codes[usize::from(*which) % codes.len()]),
                    Answer::Odd(text) => Err(text.as_str()),
                };
                self.handle(Event::StoreAnswered { id: u32::from(id), answer })
            }
            InPage::Chat(None) => return self.jar.delete("sid"),
            InPage::Chat(Some(text)) => return self.jar.set("sid", text.value().reveal()),
            InPage::Later(seconds) => {
                self.now.0 += u64::from(seconds) * 1000;
                return;
            }
            InPage::Destroy => {
                let actions = self.handle(Event::Destroy);
                self.is_destroyed = true;
                self.is_connected = false;
                assert_eq!(actions.last(), Some(&provider::Action::RemoveFrame));
                actions
            }
        };
        if actions.contains(&provider::Action::InsertFrame) {
            (self.greeted, self.is_connected) = (None, false);
        }
        self.check(&actions);
        assert_eq!(others(&self.jar), before, "another cookie was touched");
        if !is_believed {
            assert_eq!(self.jar.get("sid"), own.as_deref(), "nobody may set the session now");
        }
        // 64 calls, one more for the visitor's decision, and one for the popup.
        assert!(self.open.len() <= 66, "what waits is bounded");
        if self.is_destroyed {
            assert!(self.open.is_empty(), "nothing waits after destroy");
        }
    }

    fn handle(&mut self, event: provider::Event<'_>) -> Vec<provider::Action> {
        self.provider.handle(event, self.now, &mut self.jar)
    }

    fn check(&mut self, actions: &[provider::Action]) {
        use provider::{Action, Outcome};
        for action in actions {
            match action {
                Action::Settle { id, result } => {
                    let at = self.open.iter().position(|open| open == id);
                    self.open.remove(at.unwrap_or_else(|| panic!("{id} ended twice, or was none: {result:?}")));
                    if self.is_destroyed {
                        assert_eq!(*result, Err(Misuse::Destroyed.into()));
                    }
                    match result {
                        Ok(Outcome::Loaded { value: Some(value), via, .. }) => {
                            assert!(*via != Via::Local);
                            assert_eq!(
                                self.jar.get("sid"),
                                Some(value.reveal()),
                                "what was loaded is the page's own cookie"
                            );
                        }
                        Ok(Outcome::Saved { saved, via, jar } | Outcome::Cleared { cleared: saved, via, jar }) => {
                            let is_shared = jar.state == JarState::Shared;
                            assert!(*saved || *via == Via::Local, "what went through something is done");
                            assert!(
                                !saved
                                    || is_shared
                                    || matches!(via, Via::Store)
                                    || matches!(result, Ok(Outcome::Cleared { .. }))
                            );
                        }
                        Ok(Outcome::Continued { value: Some(value), .. }) => {
                            assert_eq!(self.jar.get("sid"), Some(value.reveal()));
                        }
                        _ => {}
                    }
                }
                Action::Post(wire) => {
                    assert!(self.is_connected, "posted to a stranger: {wire:?}");
                    assert!(
                        matches!(Request::read(&wire.fields()), Some((_, Ok(_)))),
                        "what is asked can be read: {wire:?}"
                    );
                }
                Action::PostPopup(wire) => assert!(matches!(Request::read(&wire.fields()), Some((_, Ok(_))))),
                Action::Greet(_)
                | Action::GreetPopup(_)
                | Action::OpenPopup
                | Action::InsertFrame
                | Action::AskStore { .. } => {
                    assert!(!self.is_destroyed);
                }
                Action::GiveSession(_) | Action::OpenSession | Action::AskForSession => panic!("no link was followed"),
                Action::StartTimer { timeout, .. } => assert!((1.0..=600_000.0).contains(timeout)),
                Action::Emit(_) | Action::RemoveFrame | Action::ClosePopup => {}
            }
        }
    }
}

impl Called {
    fn call(self) -> provider::Call {
        use provider::{Call, Given};
        match self {
            Self::Load => Call::Load,
            Self::Save(value, max_age) => {
                let value = value.map_or(Given::Nothing, |text| Given::Text(text.value().reveal().to_owned()));
                Call::Save { value, max_age: max_age.map(f64::from) }
            }
            Self::SaveText(text) => Call::Save { value: Given::Text(text), max_age: None },
            Self::SaveNoText => Call::Save { value: Given::NotText, max_age: None },
            Self::Clear => Call::Clear,
            Self::Test => Call::Test,
            Self::Trusts(origin) => Call::Trusts(origin.text().to_owned()),
            Self::Mount(has_element) => Call::Mount { has_element, text: "{}".to_owned() },
            Self::Continue(is_confirmed) => Call::Continue { confirm: is_confirmed.then(|| "{}".to_owned()) },
        }
    }
}
