//! The provider's decisions: what to ask the bridge, what to set on this page, how a call ends.

mod handoff;
mod popup;
mod session;
mod store;

use bridge_protocol::{
    BridgeError, CookieJar, CookieValue, Environment, Fields, Hello, Incompatible, JarVerdict, Misbehaved, Misuse,
    Nonce, Notice, PortGreeting, Reply, Request, Rungs, Stamp, Via, Wire,
};

use handoff::HandOff;
pub use handoff::{Arrival, Step};
use popup::Popup;
use session::Session;

/// The most calls that wait at once.
const MAX_WAITING: usize = 64;
const DEFAULT_TIMEOUT_MS: f64 = 10_000.0;
const MAX_TIMEOUT_MS: f64 = 600_000.0;

/// From here on, the numbers of what the provider asks by itself.
const OWN_SAVE: u32 = u32::MAX;
const OWN_LOAD: u32 = u32::MAX - 1;
const OWN_TRUST: u32 = u32::MAX - 2;
const OWN_LOWEST: u32 = OWN_TRUST;

/// What the page passed to the constructor. A number that was passed but is none is NaN.
pub struct Settings {
    /// `SESSION_COOKIE_NAME`; `None` if it was not a string.
    pub name: Option<String>,
    /// `options.timeout`, in milliseconds.
    pub timeout: Option<f64>,
    /// `options.maxAge`, in seconds.
    pub max_age: Option<f64>,
    /// `options.access`; `None` if it is not a list of rungs.
    pub rungs: Option<Rungs>,
    /// Whether the page was loaded over `https`.
    pub is_secure: bool,
    /// Whether there is a bridge server, and a reference of the customer, and the page allows the rung.
    pub has_store: bool,
}

/// A method that the page called.
pub enum Call {
    /// `loadCookie()`.
    Load,
    /// `saveCookie(value, { maxAge })`.
    Save {
        /// What is to be saved.
        value: Given,
        /// In seconds, instead of the constructor's.
        max_age: Option<f64>,
    },
    /// `clearCookie()`.
    Clear,
    /// `cookieTest()`.
    Test,
    /// `isTrusted(origin)`.
    Trusts(String),
    /// `mountAccessButton(element, options)`.
    Mount {
        /// Whether the element is one.
        has_element: bool,
        /// What stands on the button, for the bridge to read.
        text: String,
    },
    /// `continueSession({ confirm })`.
    Continue {
        /// What stands on the popup's button, if the visitor has to click there.
        confirm: Option<String>,
    },
}

/// The value that the page passed to `saveCookie`.
pub enum Given {
    /// None: the page's own cookie is meant.
    Nothing,
    /// This one.
    Text(String),
    /// Something that is not a string.
    NotText,
}

/// Something that happened.
pub enum Event<'a> {
    /// The page called a method. `id` is unlike that of any call before.
    Call {
        /// Names the call from now on.
        id: u32,
        /// The method.
        call: Call,
    },
    /// A document was loaded into the iframe, for the first time or anew.
    FrameLoaded(Nonce),
    /// This page's Content-Security-Policy forbids a frame of the bridge's origin.
    FrameForbidden,
    /// The port to the iframe received a message.
    Message(&'a dyn Fields),
    /// The time of a call is up.
    Expired {
        /// The call.
        id: u32,
        /// Whether the iframe holds a bridge page, which shows by its one inner frame.
        bridge_present: bool,
    },
    /// The page came into the visitor's view, or listens for changes from now on.
    Visible,
    /// The browser opened no popup.
    PopupBlocked,
    /// The popup's window received its document, which says that it is ready.
    PopupReady(Nonce),
    /// The port to the popup received a message.
    PopupMessage(&'a dyn Fields),
    /// The popup is gone, or this page has no hold of it.
    PopupClosed {
        /// Whether it never said that it was there: then a header most probably cuts it off.
        is_unheard: bool,
    },
    /// The page was reached by a link that is part of a hand-over.
    Arrived(Arrival<'a>),
    /// What the link brought, opened; `None` if it could not be opened.
    HandedOver(Option<&'a str>),
    /// The visitor may be about to follow a link to this origin.
    LinkNear(&'a str),
    /// The bridge server answered.
    StoreAnswered {
        /// The call.
        id: u32,
        /// A session or none, or the code of an error.
        answer: Result<Option<&'a str>, &'a str>,
    },
    /// The page called `destroy()`.
    Destroy,
}

/// Something for the page to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Post this to the iframe's window with one end of a new channel, and listen to the other end only.
    Greet(Wire),
    /// Post this over the port to the iframe.
    Post(Wire),
    /// Report `Expired` for this call after so many milliseconds.
    StartTimer {
        /// The call.
        id: u32,
        /// Milliseconds.
        timeout: f64,
    },
    /// The call is over.
    Settle {
        /// The call.
        id: u32,
        /// How it ended.
        result: Result<Outcome, BridgeError>,
    },
    /// Tell the page's listeners.
    Emit(Outcome),
    /// Put a new iframe in place of the one before: into the element that the page passed, or unseen into the page.
    InsertFrame,
    /// Take the iframe away and close the port.
    RemoveFrame,
    /// Open the bridge in a popup, before this event is over.
    OpenPopup,
    /// As `Greet`, to the popup.
    GreetPopup(Wire),
    /// As `Post`, to the popup.
    PostPopup(Wire),
    /// Close the popup.
    ClosePopup,
    /// Go back to the page that the visitor came from, with a new key that only this page can use, and ask it for the session.
    AskForSession,
    /// Go to the page that asked, with the session sealed by its key, if there is one to give.
    GiveSession(Option<CookieValue>),
    /// Open what the link brought.
    OpenSession,
    /// Ask the bridge server, once it has answered what was asked before.
    AskStore {
        /// The call; 0 if no answer is wanted.
        id: u32,
        /// What.
        request: Request,
    },
}

/// How a call ended well, or what is told to listeners.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// `loadCookie`: this session is now the page's own cookie.
    Loaded {
        /// The session, if there was one.
        value: Option<CookieValue>,
        /// What the jar is worth.
        jar: JarVerdict,
        /// Through what it came.
        via: Via,
        /// Why there is none any more, if this page's session was kept once.
        error: Option<BridgeError>,
    },
    /// `saveCookie`.
    Saved {
        /// Whether it was read back from a shared jar.
        saved: bool,
        /// What the jar is worth.
        jar: JarVerdict,
        /// Through what it went.
        via: Via,
    },
    /// `clearCookie`: the page's own cookie is gone.
    Cleared {
        /// Whether it is gone from a shared jar.
        cleared: bool,
        /// What the jar is worth.
        jar: JarVerdict,
        /// Through what.
        via: Via,
    },
    /// `cookieTest`.
    Tested {
        /// What the jar is worth.
        jar: JarVerdict,
        /// Why it is unreachable.
        error: Option<BridgeError>,
        /// Whether `continueSession` is allowed.
        can_continue: bool,
    },
    /// `mountAccessButton`, or what came of the button.
    Access {
        /// What the jar is worth, if the visitor has decided.
        decided: Option<JarVerdict>,
        /// What else: the question is open, or the button cannot be seen.
        error: Option<BridgeError>,
    },
    /// `continueSession`.
    Continued {
        /// Whether something that had not been shared was saved now.
        saved: bool,
        /// The session, which is now the page's own cookie.
        value: Option<CookieValue>,
        /// What the popup's jar is worth.
        jar: JarVerdict,
        /// Why there is none any more, if this page's session was kept once.
        error: Option<BridgeError>,
    },
    /// `isTrusted`.
    Trusted(bool),
    /// A link's session was refused.
    Refused(BridgeError),
    /// The bridge has another session now.
    Changed {
        /// It, or none.
        value: Option<CookieValue>,
    },
}

impl Outcome {
    /// Whether a load, a save or a clear shared nothing.
    fn is_local(&self) -> bool {
        matches!(self, Self::Loaded { via, .. } | Self::Saved { via, .. } | Self::Cleared { via, .. } if *via == Via::Local)
    }
}

/// One provider.
pub struct Provider {
    /// What the constructor was given, or why no call can succeed.
    session: Result<Session, BridgeError>,
    timeout: f64,
    rungs: Rungs,
    link: Link,
    /// Whether the page's policy forbids the iframe. Another frame of the bridge's origin may have been meant, until one answers.
    is_forbidden: bool,
    waiting: Vec<(u32, Request)>,
    popup: Option<Popup>,
    /// The call that waits for the visitor's decision.
    mounted: Option<u32>,
    /// What stands on the button, once there is one.
    button: Option<String>,
    /// Whether the page asked for a session that it could not get.
    wants_session: bool,
    /// The bridge's session as this page knows it, once it does.
    known: Option<Option<CookieValue>>,
    handoff: HandOff,
    has_store: bool,
    /// The calls that the server was asked about, and how each ends if it does not help.
    asked_store: Vec<(u32, Outcome)>,
}

/// How far the connection to a bridge page has come.
enum Link {
    /// No document has loaded yet.
    Loading,
    /// A hello is out.
    Greeted(Nonce),
    /// The bridge has answered it.
    Connected,
    /// The bridge is of another version.
    Incompatible,
}

impl Link {
    /// Takes in a message before the connection stands; true if it stands now.
    fn receive(&mut self, data: &dyn Fields) -> bool {
        let Self::Greeted(nonce) = self else { return false };
        match PortGreeting::read(data, nonce) {
            None => return false,
            Some(PortGreeting::Incompatible) => *self = Self::Incompatible,
            Some(PortGreeting::Welcome(_)) => *self = Self::Connected,
        }
        matches!(self, Self::Connected)
    }
}

impl Provider {
    /// A provider. Settings that are wrong do not keep a page from working: each call then ends with the error.
    #[must_use]
    pub fn new(settings: &Settings, iframe_url: Result<(), BridgeError>) -> Self {
        let session = iframe_url.and_then(|()| Session::new(settings));
        let timeout = settings.timeout.unwrap_or(DEFAULT_TIMEOUT_MS);
        let is_timeout = (1.0..=MAX_TIMEOUT_MS).contains(&timeout);
        let rungs = settings.rungs.unwrap_or(Rungs::DEFAULT);
        Self {
            session: if is_timeout { session } else { Err(Misuse::CallTimeout.into()) },
            timeout: if is_timeout { timeout } else { DEFAULT_TIMEOUT_MS },
            rungs,
            link: Link::Loading,
            is_forbidden: false,
            waiting: Vec::new(),
            popup: None,
            mounted: None,
            button: None,
            wants_session: false,
            known: None,
            handoff: HandOff::default(),
            has_store: settings.has_store,
            asked_store: Vec::new(),
        }
    }

    /// Takes in an event and says what to do. `cookies` are the page's own.
    pub fn handle(&mut self, event: Event<'_>, now: Stamp, cookies: &mut dyn CookieJar) -> Vec<Action> {
        let mut out = Actions::default();
        match event {
            Event::Call { id, call } => self.call(id, call, now, cookies, &mut out),
            Event::FrameLoaded(nonce) => self.greet(nonce, &mut out),
            Event::FrameForbidden => self.forbid_frame(&mut out),
            Event::Message(data) => self.message(data, now, cookies, &mut out),
            Event::Expired { id, bridge_present } => {
                self.store_answered(id, Err(""), now, cookies, &mut out);
                self.expire(id, bridge_present, cookies, &mut out);
            }
            Event::Visible => self.load_by_itself(&mut out),
            Event::PopupBlocked => self.end_popup(Environment::PopupBlocked.into(), &mut out),
            Event::PopupReady(nonce) => self.greet_popup(nonce, &mut out),
            Event::PopupMessage(data) => self.popup_message(data, now, cookies, &mut out),
            Event::PopupClosed { is_unheard } => {
                let error = if is_unheard { Environment::PopupCutOff } else { Environment::PopupClosed };
                self.end_popup(error.into(), &mut out);
            }
            Event::Arrived(arrival) => self.arrive(&arrival, now, cookies, &mut out),
            Event::HandedOver(text) => self.handed_over(text, now, cookies, &mut out),
            Event::LinkNear(origin) => self.link_near(origin, &mut out),
            Event::StoreAnswered { id, answer } => self.store_answered(id, answer, now, cookies, &mut out),
            Event::Destroy => self.destroy(&mut out),
        }
        out.0
    }

    fn call(&mut self, id: u32, call: Call, now: Stamp, cookies: &mut dyn CookieJar, out: &mut Actions) {
        let is_test = matches!(call, Call::Test);
        let request = match (&self.session, call) {
            (Err(error), _) => Err(*error),
            (Ok(_), Call::Mount { has_element, text }) => match self.mount(id, has_element, text, out) {
                Ok(()) => return,
                Err(error) => Err(error),
            },
            (Ok(_), Call::Continue { confirm }) => match self.open_popup(id, confirm, out) {
                Ok(()) => return,
                Err(error) => Err(error),
            },
            (Ok(_), Call::Test) => Ok(Request::Test),
            (Ok(_), Call::Trusts(origin)) => Ok(Request::Trusts(origin)),
            (Ok(session), Call::Load) => Ok(Request::Load(session.name.clone())),
            (Ok(session), Call::Clear) => Ok(session.clear(now, cookies)),
            (Ok(session), Call::Save { value, max_age }) => session.save(&value, max_age, now, cookies),
        };
        let error = match request {
            Err(error) => error,
            Ok(_) if self.waiting.len() + self.asked_store.len() >= MAX_WAITING => Misbehaved::TooManyRequests.into(),
            Ok(_) if matches!(self.link, Link::Incompatible) => Incompatible::Version.into(),
            Ok(_) if self.is_forbidden => Environment::IframeForbidden.into(),
            Ok(request) => {
                out.push(Action::StartTimer { id, timeout: self.timeout });
                if matches!(request, Request::Load(_)) && matches!(self.link, Link::Connected) {
                    self.share_pending(cookies, out);
                }
                return self.send(id, request, out);
            }
        };
        out.fail(id, is_test, error);
    }

    #[inline(never)]
    fn send(&mut self, id: u32, what: Request, out: &mut Actions) {
        if matches!(self.link, Link::Connected) {
            out.push(Action::Post(what.to_wire(id)));
        }
        self.waiting.push((id, what));
    }

    /// A document in the iframe is a stranger until it has answered, even if the one before was the bridge.
    fn greet(&mut self, nonce: Nonce, out: &mut Actions) {
        if self.session.is_ok() {
            out.push(Action::Greet(Hello { nonce: nonce.clone(), rungs: self.rungs }.to_wire()));
            self.link = Link::Greeted(nonce);
        }
    }

    fn forbid_frame(&mut self, out: &mut Actions) {
        self.is_forbidden = !matches!(self.link, Link::Connected);
        if self.is_forbidden {
            let error = Environment::IframeForbidden.into();
            self.end_all(error, out);
            if let Some(id) = self.mounted.take() {
                out.settle(id, Err(error));
            }
        }
    }

    fn message(&mut self, data: &dyn Fields, now: Stamp, cookies: &mut dyn CookieJar, out: &mut Actions) {
        match self.link {
            Link::Connected => match Notice::read(data) {
                Some(notice) => self.notice(notice, cookies, out),
                None => self.reply(data, now, cookies, out),
            },
            Link::Greeted(_) => {
                if self.link.receive(data) {
                    self.connected(cookies, out);
                } else if matches!(self.link, Link::Incompatible) {
                    self.end_all(Incompatible::Version.into(), out);
                }
            }
            Link::Loading | Link::Incompatible => {}
        }
    }

    fn connected(&mut self, cookies: &mut dyn CookieJar, out: &mut Actions) {
        self.is_forbidden = false;
        if let Some(text) = &self.button {
            out.push(Action::Post(Request::Show(text.clone()).to_wire(0)));
        }
        let again = std::mem::take(&mut self.waiting);
        // Another page may have saved since they were asked for, so they replace nothing later.
        let noted = self.session.as_ref().ok().and_then(|session| session.name.note(cookies)).map(|note| note.at);
        self.share_pending(cookies, out);
        for (id, mut what) in again {
            if let Request::Save { since, .. } | Request::Clear { since, .. } = &mut what {
                *since = since.or(noted);
            }
            if id != OWN_SAVE {
                self.send(id, what, out);
            }
        }
    }

    /// Saves or clears what could not be shared when it was asked for, perhaps by a tab that was closed meanwhile. Before each load, so that
    /// what it loads is not older. What waits for its answer is noted as well, and not meant.
    fn share_pending(&mut self, cookies: &dyn CookieJar, out: &mut Actions) {
        let is_under_way = |(_, what): &(u32, Request)| matches!(what, Request::Save { .. } | Request::Clear { .. });
        if let Ok(session) = &self.session
            && !self.waiting.iter().any(is_under_way)
            && let Some(pending) = session.pending(cookies)
        {
            self.send(OWN_SAVE, pending, out);
        }
    }

    fn load_by_itself(&mut self, out: &mut Actions) {
        if let Ok(session) = &self.session
            && matches!(self.link, Link::Connected)
            && !self.is_waiting(OWN_LOAD)
        {
            let load = Request::Load(session.name.clone());
            self.send(OWN_LOAD, load, out);
        }
    }

    fn is_waiting(&self, id: u32) -> bool {
        self.waiting.iter().any(|(waiting, _)| *waiting == id)
    }

    fn notice(&mut self, notice: Notice, cookies: &mut dyn CookieJar, out: &mut Actions) {
        let (decided, error) = match notice {
            Notice::Changed => return self.load_by_itself(out),
            Notice::Seen(true) => return,
            Notice::Seen(false) => (None, Some(Environment::ButtonHidden.into())),
            Notice::Asking => (None, Some(Environment::AccessPending.into())),
            Notice::Decided(jar) if jar.is_shared() => (Some(jar), None),
            Notice::Decided(jar) => (Some(jar), Some(Environment::AccessRefused.into())),
        };
        if let Some(id) = self.mounted.take() {
            out.settle(id, error.map_or_else(|| Ok(Outcome::Access { decided, error: None }), Err));
        }
        out.push(Action::Emit(Outcome::Access { decided, error }));
        if error.is_none() {
            self.share_pending(cookies, out);
            if self.wants_session {
                self.load_by_itself(out);
            }
        }
    }

    /// A reply to nothing that waits (a second one, or one after the timeout) is ignored.
    fn reply(&mut self, data: &dyn Fields, now: Stamp, cookies: &mut dyn CookieJar, out: &mut Actions) {
        let Some((id, reply)) = Reply::read(data) else { return };
        let Some(request) = self.take(id) else { return };
        let Ok(session) = &self.session else { return };
        let reply = if request.is_answered_by(&reply) { reply } else { Reply::Failed(Misbehaved::Reply.into()) };
        match id {
            OWN_LOAD => return self.found_by_itself(&request, reply, now, cookies, out),
            OWN_TRUST => return self.trust_answered(&request, &reply, cookies, out),
            _ => {}
        }
        let mut result = session.finish(&request, reply, self.rungs, now, cookies);
        if let Ok(Outcome::Loaded { jar, .. } | Outcome::Saved { jar, .. } | Outcome::Tested { jar, .. }) = &result {
            self.handoff.jar = Some(*jar);
        }
        if let Ok(Outcome::Loaded { error: Some(_), .. }) = &result {
            self.share_pending(cookies, out);
        }
        if let Ok(Outcome::Loaded { value: None, jar, .. }) = &result {
            let jar = *jar;
            if let Some(value) = self.handoff.session.clone() {
                result = Ok(Outcome::Loaded { value: Some(value), jar, via: Via::Link, error: None });
            } else if self.handoff.is_under_way
                && let Ok(outcome) = result
            {
                // The link may bring it yet.
                return self.handoff.held.push((id, request, outcome));
            }
        }
        self.learn(&request, &result);
        if id != OWN_SAVE {
            return match result {
                Ok(outcome) => self.end_or_ask_store(id, request, outcome, cookies, out),
                Err(error) => out.fail(id, matches!(request, Request::Test), error),
            };
        }
        match result {
            Ok(outcome @ Outcome::Saved { saved: true, .. }) => out.push(Action::Emit(outcome)),
            Err(BridgeError::Environment(Environment::Superseded)) => self.load_by_itself(out),
            _ => {}
        }
    }

    /// The call ends, unless it shared nothing and the bridge server may help.
    fn end_or_ask_store(
        &mut self,
        id: u32,
        request: Request,
        outcome: Outcome,
        cookies: &dyn CookieJar,
        out: &mut Actions,
    ) {
        if self.has_store && outcome.is_local() {
            self.ask_store(id, request, outcome, cookies, out);
        } else {
            out.settle(id, Ok(outcome));
        }
    }

    /// What the provider loaded without being asked: the page's own cookie only where the page has asked before and got nothing.
    fn found_by_itself(
        &mut self,
        request: &Request,
        reply: Reply,
        now: Stamp,
        cookies: &mut dyn CookieJar,
        out: &mut Actions,
    ) {
        let Ok(session) = &self.session else { return };
        let (value, jar) = match &reply {
            Reply::Loaded { session: Some(stored), jar } => (Some(stored.value.clone()), jar),
            Reply::Ended { jar } => (None, jar),
            // Nobody has ended it. If it is lost, the next load tells, and what this page still has is saved again.
            _ => return,
        };
        if !jar.readable || !self.rungs.allow(*jar) {
            return;
        }
        if self.known.as_ref() == Some(&value) {
            return;
        }
        let is_first = self.known.replace(value.clone()).is_none();
        if std::mem::take(&mut self.wants_session) && value.is_some() {
            if let Ok(outcome @ Outcome::Loaded { value: Some(_), .. }) =
                session.finish(request, reply, self.rungs, now, cookies)
            {
                out.push(Action::Emit(outcome));
            }
            return;
        }
        // Before that the page did not know what the bridge has, so that nothing has changed for it.
        if !is_first || value.as_ref().map(CookieValue::reveal) != session.own(cookies).as_deref() {
            out.push(Action::Emit(Outcome::Changed { value }));
        }
    }

    /// Remembers what the bridge has after a call.
    fn learn(&mut self, request: &Request, result: &Result<Outcome, BridgeError>) {
        let is_load = matches!(request, Request::Load(_));
        match (request, result) {
            (Request::Save { session, .. }, Ok(Outcome::Saved { saved: true, .. })) => {
                self.known = Some(Some(session.value.clone()));
            }
            (_, Ok(Outcome::Loaded { value, via: Via::Cookie | Via::StorageAccess, .. })) => {
                self.known = Some(value.clone());
                self.wants_session = false;
            }
            (_, Ok(Outcome::Cleared { cleared: true, .. })) => self.known = Some(None),
            _ => self.wants_session |= is_load,
        }
    }

    fn take(&mut self, id: u32) -> Option<Request> {
        let position = self.waiting.iter().position(|(waiting, _)| *waiting == id)?;
        Some(self.waiting.remove(position).1)
    }

    fn expire(&mut self, id: u32, bridge_present: bool, cookies: &dyn CookieJar, out: &mut Actions) {
        if self.popup.as_ref().is_some_and(|popup| popup.call == id) {
            return self.expire_popup(out);
        }
        if id == OWN_TRUST {
            return self.end_handoff(None, cookies, out);
        }
        let Some(request) = self.take(id) else { return };
        let error = match self.link {
            Link::Connected => Environment::Timeout,
            // A bridge is silent for one reason only.
            Link::Loading | Link::Greeted(_) | Link::Incompatible if bridge_present => Environment::OriginNotTrusted,
            Link::Loading | Link::Greeted(_) | Link::Incompatible => Environment::IframeUnreachable,
        };
        self.wants_session |= matches!(request, Request::Load(_));
        out.fail(id, matches!(request, Request::Test), error.into());
    }

    /// The iframe moves into the page's element, where the visitor can click in it: its document is loaded anew, and greeted anew.
    fn mount(&mut self, id: u32, has_element: bool, text: String, out: &mut Actions) -> Result<(), BridgeError> {
        if !self.rungs.storage_access {
            return Err(Misuse::RungForbidden.into());
        }
        if !has_element {
            return Err(Misuse::NoElement.into());
        }
        self.link = Link::Loading;
        self.button = Some(text);
        if let Some(before) = self.mounted.replace(id) {
            out.settle(before, Err(Misuse::Destroyed.into()));
        }
        out.push(Action::InsertFrame);
        Ok(())
    }

    fn destroy(&mut self, out: &mut Actions) {
        let error = BridgeError::from(Misuse::Destroyed);
        self.session = Err(error);
        // A welcome that was on its way is to nobody.
        self.link = Link::Loading;
        self.end_all(error, out);
        let held = std::mem::take(&mut self.handoff.held).into_iter().map(|(id, ..)| id);
        for id in held.chain(std::mem::take(&mut self.asked_store).into_iter().map(|(id, _)| id)) {
            out.settle(id, Err(error));
        }
        if let Some(id) = self.mounted.take() {
            out.settle(id, Err(error));
        }
        self.end_popup(error, out);
        out.push(Action::RemoveFrame);
    }

    fn end_all(&mut self, error: BridgeError, out: &mut Actions) {
        for (id, request) in std::mem::take(&mut self.waiting) {
            if id < OWN_LOWEST {
                out.fail(id, matches!(request, Request::Test), error);
            }
        }
    }
}

/// What is to be done, in its order. Its methods are not inlined: they are called from everywhere, in a script that every page loads.
#[derive(Default)]
struct Actions(Vec<Action>);

impl Actions {
    #[inline(never)]
    fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    #[inline(never)]
    fn settle(&mut self, id: u32, result: Result<Outcome, BridgeError>) {
        self.push(Action::Settle { id, result });
    }

    /// A test answers that there is no bridge, and why; all else fails. Only a destroyed provider answers nothing.
    #[inline(never)]
    fn fail(&mut self, id: u32, is_test: bool, error: BridgeError) {
        let result = if is_test && error != Misuse::Destroyed.into() {
            Ok(Outcome::Tested { jar: JarVerdict::UNREACHABLE, error: Some(error), can_continue: false })
        } else {
            Err(error)
        };
        self.settle(id, result);
    }
}

#[cfg(test)]
mod tests;
