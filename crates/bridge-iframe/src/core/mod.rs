//! The iframe's decisions: whom to answer, what the jar is worth, what to answer.

use bridge_protocol::{
    CookieJar, CookieName, Environment, Fields, Greeting, Hello, JarState, JarVerdict, Misbehaved, Reply, Request,
    TrustedDomains, Wire, find, incompatible, read_request, reply, welcome,
};

/// The most requests that wait for a verdict at once; more are refused. A page has no use for that many.
const MAX_WAITING: usize = 64;

/// The attribute that asks for a jar of the top-level site's own (CHIPS).
const PARTITIONED: &str = "; Partitioned";

/// Something that happened in the page.
pub enum Event<'a> {
    /// The window received a message.
    Message {
        /// Whether `event.source` is the window that embeds this one.
        from_parent: bool,
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
}

/// One bridge: the page's policy, and the requests that wait for a verdict on the jar.
pub struct Bridge {
    trusted: TrustedDomains,
    /// Whether this frame's storage ends with the page (`window.credentialless`).
    is_ephemeral: bool,
    /// The name of the cookies that test the jar, unlike that of any other frame.
    probe_name: String,
    waiting: Vec<(u32, Request)>,
    /// While `hasStorageAccess()` is out: whether an unpartitioned-looking cookie could be read back before.
    asked_with_plain_cookie: Option<bool>,
}

impl Bridge {
    /// A bridge for these domains. `probe_token` must not be guessable nor used by another frame.
    #[must_use]
    pub fn new(trusted: TrustedDomains, is_ephemeral: bool, probe_token: &str) -> Self {
        let probe_name = ["__Host-bridge-probe.", probe_token].concat();
        Self { trusted, is_ephemeral, probe_name, waiting: Vec::new(), asked_with_plain_cookie: None }
    }

    /// Takes in an event and says what to do.
    pub fn handle(&mut self, event: &Event<'_>, jar: &mut dyn CookieJar) -> Vec<Action> {
        match *event {
            Event::Message { from_parent, origin, data, has_port } => {
                if from_parent && has_port {
                    self.greet(origin, data)
                } else {
                    Vec::new()
                }
            }
            Event::Request(data) => self.request(data, jar),
            Event::StorageAccess(has_access) => self.answer_all(has_access, jar),
        }
    }

    /// A stranger gets no answer, not even that its version is wrong.
    fn greet(&mut self, origin: &str, data: &dyn Fields) -> Vec<Action> {
        let greeting = Hello::read(data);
        if greeting == Greeting::NotOurs || self.trusted.admit(origin).is_none() {
            return Vec::new();
        }
        match greeting {
            Greeting::NotOurs => Vec::new(),
            Greeting::Incompatible => vec![Action::Decline(incompatible())],
            Greeting::Hello(hello) => {
                self.waiting.clear();
                vec![Action::Connect, Action::Post(welcome(&hello.nonce))]
            }
        }
    }

    fn request(&mut self, data: &dyn Fields, jar: &mut dyn CookieJar) -> Vec<Action> {
        match read_request(data) {
            None => Vec::new(),
            Some((id, Err(error))) => vec![answer(id, &Reply::Failed(error))],
            Some((id, Ok(_))) if self.waiting.len() >= MAX_WAITING => {
                vec![answer(id, &Reply::Failed(Misbehaved::TooManyRequests.into()))]
            }
            Some((id, Ok(request))) => {
                self.waiting.push((id, request));
                self.begin_verdict(jar)
            }
        }
    }

    /// The jar is tested anew for every request: a grant or the visitor's settings may have changed it since the last one.
    ///
    /// The cookie stays until the answer is there: WebKit's `hasStorageAccess()` is false while the site has no cookie at all.
    fn begin_verdict(&mut self, jar: &mut dyn CookieJar) -> Vec<Action> {
        if self.asked_with_plain_cookie.is_some() {
            return Vec::new();
        }
        self.asked_with_plain_cookie = Some(self.probe("", jar));
        vec![Action::AskStorageAccess]
    }

    /// A cookie that reads back proves nothing by itself: Firefox keeps it in a partitioned jar and Chromium may keep only a
    /// `Partitioned` one. Together with the answer of `hasStorageAccess()` they tell the states apart.
    fn finish_verdict(&self, plain: bool, has_access: Option<bool>, jar: &mut dyn CookieJar) -> JarVerdict {
        let verdict = |state, readable| JarVerdict { state, readable };
        self.end_probe("", jar);
        if self.is_ephemeral {
            return verdict(JarState::Partitioned, false);
        }
        let keeps_partitioned = !plain && self.probe(PARTITIONED, jar);
        self.end_probe(PARTITIONED, jar);
        // A browser without the function is older than partitioned jars.
        match (plain, has_access.unwrap_or(plain)) {
            (true, true) => verdict(JarState::Shared, true),
            (true, false) => verdict(JarState::Partitioned, false),
            (false, _) if keeps_partitioned => verdict(JarState::Partitioned, false),
            (false, true) if CookieName::is_in(&jar.read()) => verdict(JarState::Blocked, true),
            (false, _) => verdict(JarState::Blocked, false),
        }
    }

    /// Whether a cookie with this attribute can be read back.
    fn probe(&self, attribute: &str, jar: &mut dyn CookieJar) -> bool {
        self.write_probe("=1", attribute, jar);
        find(&jar.read(), &self.probe_name).is_some()
    }

    fn end_probe(&self, attribute: &str, jar: &mut dyn CookieJar) {
        self.write_probe("=; Max-Age=0", attribute, jar);
    }

    fn write_probe(&self, value: &str, attribute: &str, jar: &mut dyn CookieJar) {
        jar.write(&[self.probe_name.as_str(), value, "; Path=/; Secure; SameSite=None", attribute].concat());
    }

    fn answer_all(&mut self, has_access: Option<bool>, jar: &mut dyn CookieJar) -> Vec<Action> {
        let Some(plain) = self.asked_with_plain_cookie.take() else { return Vec::new() };
        let verdict = self.finish_verdict(plain, has_access, jar);
        let mut actions = Vec::new();
        for (id, request) in &self.waiting {
            actions.push(answer(*id, &perform(request, verdict, jar)));
        }
        self.waiting.clear();
        actions
    }
}

fn perform(request: &Request, jar_verdict: JarVerdict, jar: &mut dyn CookieJar) -> Reply {
    let is_shared = jar_verdict.is_shared();
    match request {
        Request::Test => Reply::Tested { jar: jar_verdict },
        Request::Load(_) if !jar_verdict.readable => Reply::Loaded { value: None, jar: jar_verdict },
        Request::Load(name) => match name.load(jar) {
            Ok(value) => Reply::Loaded { value, jar: jar_verdict },
            Err(_) => Reply::Failed(Misbehaved::StoredValue.into()),
        },
        // What is written to a jar that is not shared would only seem to be saved.
        Request::Save(_) if !is_shared => Reply::Saved { saved: false, jar: jar_verdict },
        Request::Save(session) if session.store(jar) => Reply::Saved { saved: true, jar: jar_verdict },
        Request::Save(_) => Reply::Failed(Environment::SaveRefused.into()),
        Request::Clear(_) if !is_shared => Reply::Cleared { cleared: false, jar: jar_verdict },
        Request::Clear(name) if name.remove(jar) => Reply::Cleared { cleared: true, jar: jar_verdict },
        Request::Clear(_) => Reply::Failed(Environment::ClearRefused.into()),
    }
}

fn answer(id: u32, with: &Reply) -> Action {
    Action::Post(reply(id, with))
}

#[cfg(test)]
mod tests;
