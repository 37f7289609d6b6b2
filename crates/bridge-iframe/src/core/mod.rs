//! The iframe's decisions: whom to answer, what the jar is worth, what to answer.

use bridge_protocol::{
    Access, CookieJar, CookieName, CookieValue, Environment, Fields, Greeting, Hello, InJar, JarState, JarVerdict,
    Misbehaved, Notice, PortGreeting, Reply, Request, Rights, Rungs, Stamp, TrustedDomains, Wire, Written, find,
};

/// The most requests that wait for a verdict at once; more are refused. A page has no use for that many.
const MAX_WAITING: usize = 64;

/// The attribute that asks for a jar of the top-level site's own (CHIPS).
const PARTITIONED: &str = "; Partitioned";

/// How long a request for storage access may take before it counts as unanswered, in milliseconds. A browser's question to the
/// visitor may stay open for ever.
const ACCESS_TIMEOUT_MS: f64 = 5_000.0;

/// Something that happened in the page.
pub enum Event<'a> {
    /// The window received a message.
    Message {
        /// Whether `event.source` is the window that embeds this one, or that opened it.
        from_peer: bool,
        /// `event.origin`.
        origin: &'a str,
        /// `event.data`.
        data: &'a dyn Fields,
        /// Whether exactly one port came with it.
        has_port: bool,
    },
    /// The port received a message.
    Request(&'a dyn Fields),
    /// What `document.hasStorageAccess()` answered; `None` where the browser has no such function.
    StorageAccess(Option<bool>),
    /// What the permission `storage-access` is.
    Permission(Permission),
    /// A request for storage access ended so.
    AccessRequested(bool),
    /// The time for a request for storage access is up.
    TimeUp,
    /// The visitor clicked the button.
    Clicked,
    /// The button came into view, or out of it.
    Seen(bool),
    /// Some cookie was changed.
    CookieChanged,
}

/// The state of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It stands: access is there for the asking, without the visitor.
    Granted,
    /// It will not be granted.
    Denied,
    /// The visitor must be asked, or the browser does not tell.
    Unknown,
}

/// Something for the page to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Use the message's port from now on, instead of any before it.
    Connect,
    /// Post this over the port that just came, and forget that port.
    Decline(Wire),
    /// Post this over the connected port.
    Post(Wire),
    /// Call `document.hasStorageAccess()` and report what it answers.
    AskStorageAccess,
    /// Look up the permission `storage-access` and report it.
    AskPermission,
    /// Call `document.requestStorageAccess()`, before this event is over, and report how it ends; report when its time is up.
    RequestAccess(f64),
    /// Show a button with this text.
    Show(String),
}

/// What the page is, which does not change while it is there.
pub struct Place {
    /// The page's own origin. Its own pages may ask as the listed ones do: they can see its cookies anyway.
    pub origin: String,
    /// Whether it is the top-level page: the popup.
    pub is_top_level: bool,
    /// Whether this frame's storage ends with the page (`window.credentialless`).
    pub is_ephemeral: bool,
    /// Names the cookies that test the jar. It must not be guessable nor used by another frame.
    pub probe_token: String,
}

/// One bridge: the page's policy, and the requests that wait for a verdict on the jar.
pub struct Bridge {
    trusted: TrustedDomains,
    place: Place,
    rungs: Rungs,
    /// What the page that was greeted last may do; `None` before there is one.
    rights: Option<Rights>,
    waiting: Vec<(u32, Request)>,
    judging: Judging,
    /// Whether a request of this document for storage access was fulfilled.
    granted: bool,
    /// Whether one was not, so that it is not repeated without a click.
    refused: bool,
    /// Whether the visitor clicked and waits for what comes of it.
    clicked: bool,
    /// The sessions as they were when last looked at.
    seen: String,
}

/// How far a verdict on the jar has come.
#[derive(Clone, Copy)]
enum Judging {
    /// None is sought.
    Idle,
    /// `hasStorageAccess()` is out; whether a cookie could be read back before.
    StorageAccess { plain: bool },
    /// The jar is not shared; the permission is being looked up.
    Permission(JarVerdict),
    /// The permission stands, or the visitor clicked: storage access has been requested.
    Request(JarVerdict),
}

impl Bridge {
    /// A bridge for these domains.
    #[must_use]
    pub fn new(trusted: TrustedDomains, place: Place) -> Self {
        Self {
            trusted,
            place,
            rungs: Rungs::DEFAULT,
            rights: None,
            waiting: Vec::new(),
            judging: Judging::Idle,
            granted: false,
            refused: false,
            clicked: false,
            seen: String::new(),
        }
    }

    /// Takes in an event and says what to do.
    pub fn handle(&mut self, event: &Event<'_>, now: Stamp, jar: &mut dyn CookieJar) -> Vec<Action> {
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
            Event::Clicked => self.click(now, jar, out),
            Event::Seen(is_seen) => out.tell(Notice::Seen(is_seen)),
            Event::CookieChanged => self.look(jar, out),
        }
        std::mem::take(&mut out.0)
    }

    /// A stranger gets no answer, not even that its version is wrong.
    fn greet(&mut self, origin: &str, data: &dyn Fields, jar: &dyn CookieJar, out: &mut Actions) {
        let greeting = Hello::read(data);
        if greeting == Greeting::NotOurs {
            return;
        }
        let Some(rights) = self.rights_of(origin) else { return };
        match greeting {
            Greeting::NotOurs => {}
            Greeting::Incompatible => out.push(Action::Decline(PortGreeting::Incompatible.to_wire())),
            Greeting::Hello(hello) => {
                self.waiting.clear();
                self.rungs = hello.rungs;
                self.rights = Some(rights);
                self.seen = self.sessions(jar);
                out.push(Action::Connect);
                out.push(Action::Post(PortGreeting::Welcome(&hello.nonce).to_wire()));
            }
        }
    }

    /// What pages of this origin may do; `None` if it is not trusted. All pages without an origin have the same `null`, also where
    /// the bridge is such a page itself.
    fn rights_of(&self, origin: &str) -> Option<Rights> {
        if origin == self.place.origin && origin != "null" {
            return Some(Rights::ALL);
        }
        self.trusted.admit(origin).map(|grant| grant.rights)
    }

    fn allows(&self, access: Access, name: &CookieName) -> bool {
        self.rights.as_ref().is_some_and(|rights| rights.allow(access, name))
    }

    /// Whether the page may ask for this. What touches no session is for every page that was greeted.
    fn may(&self, request: &Request) -> bool {
        match request {
            Request::Load(name) => self.allows(Access::Load, name),
            Request::Save { session, .. } => self.allows(Access::Save, &session.name),
            Request::Clear { name, .. } => self.allows(Access::Save, name),
            Request::HandsOver { part: Access::Save, name, .. } => self.allows(Access::Load, name),
            Request::HandsOver { part: Access::Load, name, .. } => self.allows(Access::Save, name),
            Request::Test | Request::Trusts(_) | Request::Show(_) => true,
        }
    }

    fn request(&mut self, data: &dyn Fields, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let Some((id, request)) = Request::read(data) else { return };
        match request {
            Err(error) => out.answer(id, &Reply::Failed(error)),
            Ok(request) if !self.may(&request) => out.answer(id, &Reply::Failed(Environment::NotAllowed.into())),
            Ok(Request::Trusts(origin)) => out.answer(id, &Reply::Trusted(self.rights_of(&origin).is_some())),
            Ok(Request::HandsOver { origin, part, name }) => {
                let may = self.rights_of(&origin).is_some_and(|rights| rights.allow(part, &name));
                out.answer(id, &Reply::Trusted(may));
            }
            Ok(Request::Show(text)) => {
                out.push(Action::Show(text));
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

    /// The jar is tested anew for every request: a grant or the visitor's settings may have changed it since the last one.
    ///
    /// The cookie stays until the answer is there: WebKit's `hasStorageAccess()` is false while the site has no cookie at all.
    fn judge(&mut self, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let plain = self.probe("", jar);
        if self.place.is_top_level {
            // Nothing stands between a page and its own cookies but the visitor's will.
            self.end_probe("", jar);
            let state = if plain { JarState::Shared } else { JarState::Blocked };
            return self.conclude(JarVerdict::new(state, plain), now, jar, out);
        }
        self.judging = Judging::StorageAccess { plain };
        out.push(Action::AskStorageAccess);
    }

    fn judge_by_access(&mut self, has_access: Option<bool>, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let Judging::StorageAccess { plain } = self.judging else { return };
        let verdict = self.verdict(plain, has_access, jar);
        if verdict.is_shared() || has_access.is_none() || self.place.is_ephemeral || !self.rungs.storage_access {
            return self.conclude(verdict, now, jar, out);
        }
        self.judging = Judging::Permission(verdict);
        out.push(Action::AskPermission);
    }

    fn judge_by_permission(&mut self, permission: Permission, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let Judging::Permission(mut verdict) = self.judging else { return };
        verdict.can_request = permission != Permission::Denied;
        if permission == Permission::Granted && !self.granted && !self.refused {
            self.request_access(verdict, out);
        } else {
            self.conclude(verdict, now, jar, out)
        }
    }

    fn request_access(&mut self, verdict: JarVerdict, out: &mut Actions) {
        self.judging = Judging::Request(verdict);
        out.push(Action::RequestAccess(ACCESS_TIMEOUT_MS));
    }

    /// A click is the one moment in which the browser lets a frame ask, so whatever was being found out is left.
    fn click(&mut self, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        self.clicked = true;
        if self.place.is_top_level {
            return self.judge(now, jar, out);
        }
        if let Judging::StorageAccess { .. } = self.judging {
            self.end_probe("", jar);
        }
        self.request_access(JarVerdict { can_request: true, ..JarVerdict::new(JarState::Blocked, false) }, out);
    }

    /// A fulfilled promise alone proves nothing: WebKit's changes nothing by default. So the jar is tested again.
    fn access_requested(&mut self, is_granted: bool, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        self.granted |= is_granted;
        self.refused = !is_granted;
        match self.judging {
            // Or the answer came after its time was up.
            Judging::Request(_) | Judging::Idle => self.judge(now, jar, out),
            Judging::StorageAccess { .. } | Judging::Permission(_) => {}
        }
    }

    fn time_up(&mut self, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let Judging::Request(verdict) = self.judging else { return };
        let asked = self.clicked;
        // The visitor may still answer: the decision is told then.
        self.clicked = false;
        self.conclude(verdict, now, jar, out);
        self.clicked = asked;
        if asked {
            out.tell(Notice::Asking);
        }
    }

    /// What the page may know of the sessions in the jar.
    fn sessions(&self, jar: &dyn CookieJar) -> String {
        CookieName::all_in(&jar.read(), &|name| self.allows(Access::Load, name))
    }

    /// Some cookie was changed, perhaps by the iframe on another page.
    fn look(&mut self, jar: &dyn CookieJar, out: &mut Actions) {
        let sessions = self.sessions(jar);
        if sessions != self.seen {
            self.seen = sessions;
            out.tell(Notice::Changed);
        }
    }

    /// A cookie that reads back proves nothing by itself: Firefox keeps it in a partitioned jar and Chromium may keep only a
    /// `Partitioned` one. Together with the answer of `hasStorageAccess()` they tell the states apart.
    fn verdict(&self, plain: bool, has_access: Option<bool>, jar: &mut dyn CookieJar) -> JarVerdict {
        self.end_probe("", jar);
        if self.place.is_ephemeral {
            return JarVerdict::new(JarState::Partitioned, false);
        }
        let keeps_partitioned = !plain && self.probe(PARTITIONED, jar);
        self.end_probe(PARTITIONED, jar);
        // A browser without the function is older than partitioned jars.
        match (plain, has_access.unwrap_or(plain)) {
            (true, true) => JarVerdict { granted: self.granted, ..JarVerdict::new(JarState::Shared, true) },
            (true, false) => JarVerdict::new(JarState::Partitioned, false),
            (false, _) if keeps_partitioned => JarVerdict::new(JarState::Partitioned, false),
            (false, has_access) => {
                JarVerdict::new(JarState::Blocked, has_access && !CookieName::all_in(&jar.read(), &|_| true).is_empty())
            }
        }
    }

    /// Whether a cookie with this attribute can be read back.
    fn probe(&self, attribute: &str, jar: &mut dyn CookieJar) -> bool {
        self.write_probe("=1", attribute, jar);
        find(&jar.read(), &self.probe_name()).is_some()
    }

    fn end_probe(&self, attribute: &str, jar: &mut dyn CookieJar) {
        self.write_probe("=; Max-Age=0", attribute, jar);
    }

    fn write_probe(&self, value: &str, attribute: &str, jar: &mut dyn CookieJar) {
        jar.write(&[&self.probe_name(), value, "; Path=/; Secure; SameSite=None", attribute].concat());
    }

    fn probe_name(&self) -> String {
        ["__Host-bridge-probe.", &self.place.probe_token].concat()
    }

    fn conclude(&mut self, verdict: JarVerdict, now: Stamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        self.judging = Judging::Idle;
        if std::mem::take(&mut self.clicked) {
            out.tell(Notice::Decided(verdict));
        }
        for (id, request) in std::mem::take(&mut self.waiting) {
            out.answer(id, &perform(&request, verdict, self.rungs, now, jar));
        }
        // What this page did itself is no news to it.
        self.seen = self.sessions(jar);
    }
}

/// What is to be done, in its order. Its methods are not inlined, for size.
struct Actions(Vec<Action>);

impl Actions {
    #[inline(never)]
    fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    #[inline(never)]
    fn answer(&mut self, id: u32, with: &Reply) {
        self.push(Action::Post(with.to_wire(id)));
    }

    #[inline(never)]
    fn tell(&mut self, notice: Notice) {
        self.push(Action::Post(notice.to_wire()));
    }
}

fn perform(request: &Request, verdict: JarVerdict, rungs: Rungs, now: Stamp, jar: &mut dyn CookieJar) -> Reply {
    let is_shared = verdict.is_shared() && rungs.allow(verdict);
    let is_readable = verdict.readable && rungs.allow(verdict);
    match request {
        Request::Test => Reply::Tested { jar: verdict },
        Request::Load(_) if !is_readable => Reply::Loaded { session: None, jar: verdict },
        Request::Load(name) => match name.load(jar) {
            Ok(InJar::Nothing) => Reply::Loaded { session: None, jar: verdict },
            Ok(InJar::Ended(_)) => Reply::Ended { jar: verdict },
            Ok(InJar::Session(session)) => Reply::Loaded { session: Some(session), jar: verdict },
            Err(_) => Reply::Failed(Misbehaved::StoredValue.into()),
        },
        // What is written to a jar that is not shared would only seem to be saved.
        Request::Save { .. } if !is_shared => Reply::Saved { saved: false, jar: verdict },
        Request::Save { session, since } => {
            let at = time_of(&session.name, Some(&session.value), *since, now, jar);
            match at.map_or(Written::Replaced, |at| session.store(at, jar)) {
                Written::Kept => Reply::Saved { saved: true, jar: verdict },
                Written::Replaced => Reply::Failed(Environment::Superseded.into()),
                Written::Dropped => Reply::Failed(Environment::SaveRefused.into()),
            }
        }
        Request::Clear { .. } if !is_shared => Reply::Cleared { cleared: false, jar: verdict },
        Request::Clear { name, since } => match time_of(name, None, *since, now, jar) {
            None => Reply::Failed(Environment::Superseded.into()),
            Some(at) if name.end(at, jar) => Reply::Cleared { cleared: true, jar: verdict },
            Some(_) => Reply::Failed(Environment::ClearRefused.into()),
        },
        // Answered at once.
        Request::Trusts(_) | Request::HandsOver { .. } | Request::Show(_) => Reply::Failed(Misbehaved::Request.into()),
    }
}

/// When a save of this value, or a clear, is to count as done: now, or when the page asked for it; `None` if something else came after that.
fn time_of(
    name: &CookieName,
    value: Option<&CookieValue>,
    since: Option<Stamp>,
    now: Stamp,
    jar: &dyn CookieJar,
) -> Option<Stamp> {
    let Some(since) = since else { return Some(now) };
    let (kept, at) = match name.load(jar) {
        Ok(InJar::Session(stored)) => (Some(stored.value), stored.at),
        Ok(InJar::Ended(at)) => (None, at),
        Ok(InJar::Nothing) | Err(_) => return Some(since),
    };
    match (since.is_before(at, now), kept.as_ref() == value) {
        (false, _) => Some(since),
        // It has been done, but the page was not told: it was closed, or the iframe reloaded.
        (true, true) => Some(at),
        (true, false) => None,
    }
}

#[cfg(test)]
mod tests;
