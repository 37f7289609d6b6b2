//! The bridge's decisions: which page gets an answer, whether its jar is shared, and what the answer is.

mod button;
mod input;
mod judging;
mod output;
mod perform;
mod probe;

pub use input::{Event, Permission, Place};
pub use output::Action;

use bridge_protocol::{
    CookieJar, CookieName, Environment, Fields, Greeting, Hello, Incompatible, Misbehaved, Notice, Operation,
    PortGreeting, RETURN_PAGE, Reply, Request, Rights, Rungs, Spoken, Timestamp, TrustedDomains,
};

use button::{Button, SIGHT_TIMEOUT_MS};
use judging::Judging;
use output::Actions;

/// The most requests that may wait for a verdict at the same time; the bridge refuses more. No page needs that many.
const MAX_WAITING: usize = 64;

/// The state of one bridge.
pub struct Bridge {
    trusted: TrustedDomains,
    place: Place,
    rungs: Rungs,
    /// The versions of the protocol that this bridge speaks.
    spoken: Spoken,
    /// The one that the page speaks which was greeted last.
    version: u32,
    /// What the page that was greeted last may do; `None` before any greeting.
    rights: Option<Rights>,
    /// The requests that wait for a verdict on the jar, with their ids.
    waiting: Vec<(u32, Request)>,
    judging: Judging,
    button: Button,
    /// Whether this document has storage access by a grant; `None` until it is known.
    granted: Option<bool>,
    /// Whether the browser refused the last request for storage access, so that only a click repeats it.
    refused: bool,
    /// Whether the visitor clicked the button and the page awaits the outcome.
    clicked: bool,
    /// The sessions that the page may load, as of the last look at the jar.
    seen: String,
}

impl Bridge {
    /// A bridge for these domains.
    #[must_use]
    pub fn new(trusted: TrustedDomains, place: Place) -> Self {
        Self {
            trusted,
            place,
            rungs: Rungs::DEFAULT,
            spoken: Spoken::RELEASE,
            version: Spoken::RELEASE.newest,
            rights: None,
            waiting: Vec::new(),
            judging: Judging::Idle,
            button: Button::default(),
            granted: None,
            refused: false,
            clicked: false,
            seen: String::new(),
        }
    }

    /// Takes in an event and returns what to do, in order.
    pub fn handle(&mut self, event: &Event<'_>, now: Timestamp, jar: &mut dyn CookieJar) -> Vec<Action> {
        let out = &mut Actions(Vec::new());
        match *event {
            Event::Message { from_peer, origin, data, has_port } => {
                if from_peer && has_port {
                    self.greet(origin, data, jar, out);
                }
            }
            Event::Request(data) => self.request(data, now, jar, out),
            Event::StorageAccess(has_access) => self.judge_by_access(has_access, now, jar, out),
            Event::Permission(permission) => self.judge_by_permission(permission, now, jar, out),
            Event::AccessRequested(is_granted) => self.access_requested(is_granted, now, jar, out),
            Event::TimeUp => self.time_up(now, jar, out),
            Event::Clicked if self.button.is_seen => self.click(now, jar, out),
            Event::Clicked => out.tell(Notice::Seen(false)),
            Event::Sighted { ratio, is_visible } => {
                if self.button.observe(ratio, is_visible) {
                    out.tell(Notice::Seen(true));
                }
            }
            Event::SightTimeUp => {
                if !self.button.was_seen {
                    out.tell(Notice::Seen(false));
                }
            }
            Event::CookieChanged => self.look(jar, out),
        }
        let actions = std::mem::take(&mut out.0).into_iter();
        let in_version = |action| match action {
            Action::Post(wire) => Action::Post(wire.in_version(self.version)),
            action => action,
        };
        actions.map(in_version).collect()
    }

    /// A stranger gets no answer, not even that its version is wrong.
    fn greet(&mut self, origin: &str, data: &dyn Fields, jar: &dyn CookieJar, out: &mut Actions) {
        let greeting = Hello::read_in(self.spoken, data);
        if greeting == Greeting::NotOurs {
            return;
        }
        let Some(rights) = self.rights_of(origin) else { return };
        match greeting {
            Greeting::NotOurs => {}
            Greeting::Incompatible => {
                let declined = PortGreeting::Declined(Incompatible::Version.into()).to_wire();
                out.push(Action::Decline(declined.in_version(self.spoken.newest)));
            }
            Greeting::Hello(hello, version) => {
                self.waiting.clear();
                self.version = version;
                self.rungs = hello.rungs;
                self.rights = Some(rights);
                self.seen = self.sessions(jar);
                out.push(Action::Connect);
                out.push(Action::Post(PortGreeting::Welcome(&hello.nonce).to_wire()));
            }
        }
    }

    /// What pages of this origin may do; `None` if it is not trusted. Every page without an origin has the origin `null`, so `null` proves nothing,
    /// even where the bridge is such a page itself.
    fn rights_of(&self, origin: &str) -> Option<Rights> {
        if origin == self.place.origin && origin != "null" {
            return Some(Rights::ALL);
        }
        self.trusted.admit(origin).map(|grant| grant.rights)
    }

    fn allows(&self, access: Operation, name: &CookieName) -> bool {
        self.rights.as_ref().is_some_and(|rights| rights.allow(access, name))
    }

    /// Whether the page may send this request. A request that touches no session is open to every page that was greeted.
    fn may(&self, request: &Request) -> bool {
        match request {
            Request::Load(name) => self.allows(Operation::Load, name),
            Request::Save { session, .. } => self.allows(Operation::Save, &session.name),
            Request::Clear { name, .. } => self.allows(Operation::Save, name),
            Request::HandsOver { part: Operation::Save, name, .. } => self.allows(Operation::Load, name),
            Request::HandsOver { part: Operation::Load, name, .. } => self.allows(Operation::Save, name),
            Request::Test | Request::Trusts(_) | Request::Show(_) => true,
        }
    }

    fn request(&mut self, data: &dyn Fields, now: Timestamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let Some((id, request)) = Request::read_in(self.spoken, data) else { return };
        match request {
            Err(error) => out.answer(id, &Reply::Failed(error)),
            Ok(request) if !self.may(&request) => out.answer(id, &Reply::Failed(Environment::NotAllowed.into())),
            Ok(Request::Trusts(origin)) => out.answer(id, &Reply::Trusted(self.rights_of(&origin).is_some())),
            Ok(Request::HandsOver { origin, part, name }) => {
                let other = self.rights_of(&origin);
                let page = |rights: Option<&Rights>| rights.map_or(RETURN_PAGE, Rights::return_page).to_owned();
                let may = other.as_ref().is_some_and(|rights| rights.allow(part, &name));
                let (own_page, other_page) = (page(self.rights.as_ref()), page(other.as_ref()));
                out.answer(id, &Reply::MayHandOver { may, own_page, other_page });
            }
            Ok(Request::Show(text)) => {
                self.button = Button::default();
                out.push(Action::Show { text, sight_timeout: SIGHT_TIMEOUT_MS });
                out.answer(id, &Reply::Shown);
            }
            Ok(_) if self.waiting.len() >= MAX_WAITING => {
                out.answer(id, &Reply::Failed(Misbehaved::TooManyRequests.into()));
            }
            Ok(request) => {
                self.waiting.push((id, request));
                if let Judging::Idle = self.judging {
                    self.judge(now, jar, out);
                }
            }
        }
    }

    /// The sessions in the jar that the page may load, as text to compare.
    fn sessions(&self, jar: &dyn CookieJar) -> String {
        CookieName::all_in(&jar.read(), &|name| self.allows(Operation::Load, name))
    }

    /// Some cookie changed: perhaps the bridge on another page wrote it.
    fn look(&mut self, jar: &dyn CookieJar, out: &mut Actions) {
        let sessions = self.sessions(jar);
        if sessions != self.seen {
            self.seen = sessions;
            out.tell(Notice::Changed);
        }
    }
}

#[cfg(test)]
mod tests;
