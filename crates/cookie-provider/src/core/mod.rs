//! The provider's decisions: what to ask the bridge, what to set on this page, how a call ends.

use bridge_protocol::{
    BridgeError, CookieJar, CookieName, CookieValue, Environment, Fields, Hello, Incompatible, JarState, JarVerdict,
    Lifetime, Misbehaved, Misuse, Nonce, PortGreeting, Reply, Request, SessionCookie, Via, Wire, find, read_reply,
    request,
};

/// The most calls that wait at once.
const MAX_WAITING: usize = 64;
const DEFAULT_TIMEOUT_MS: f64 = 10_000.0;
const MAX_TIMEOUT_MS: f64 = 600_000.0;

/// What the page passed to the constructor. A number that was passed but is none is NaN.
pub struct Settings {
    /// `SESSION_COOKIE_NAME`; `None` if it was not a string.
    pub name: Option<String>,
    /// `options.timeout`, in milliseconds.
    pub timeout: Option<f64>,
    /// `options.maxAge`, in seconds.
    pub max_age: Option<f64>,
    /// Whether the page was loaded over `https`.
    pub is_secure: bool,
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
    /// The port received a message.
    Message(&'a dyn Fields),
    /// The time of a call is up.
    Expired {
        /// The call.
        id: u32,
        /// Whether the iframe holds a bridge page, which shows by its one inner frame.
        bridge_present: bool,
    },
    /// The page called `destroy()`.
    Destroy,
}

/// Something for the page to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Post this to the iframe's window with one end of a new channel, and listen to the other end only.
    Greet(Wire),
    /// Post this over the port.
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
    /// Take the iframe away and close the port.
    RemoveFrame,
}

/// How a call ended well.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// `loadCookie`: this session is now the page's own cookie.
    Loaded {
        /// The session, if there was one.
        value: Option<CookieValue>,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// `saveCookie`.
    Saved {
        /// Whether it was read back from a shared jar.
        saved: bool,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// `clearCookie`: the page's own cookie is gone.
    Cleared {
        /// Whether it is gone from a shared jar.
        cleared: bool,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// `cookieTest`.
    Tested {
        /// What the jar is worth.
        jar: JarVerdict,
        /// Why it is unreachable.
        error: Option<BridgeError>,
    },
}

impl Outcome {
    /// What the jar is worth, and through what the session went.
    #[must_use]
    pub fn jar_and_via(&self) -> (JarVerdict, Via) {
        let (jar, shared) = match self {
            Self::Loaded { jar, .. } => (*jar, jar.readable),
            Self::Saved { jar, saved: done } | Self::Cleared { jar, cleared: done } => (*jar, *done),
            Self::Tested { jar, .. } => (*jar, jar.is_shared()),
        };
        (jar, if shared { Via::Cookie } else { Via::Local })
    }
}

/// One provider.
pub struct Provider {
    /// What the constructor was given, or why no call can succeed.
    session: Result<Session, BridgeError>,
    timeout: f64,
    link: Link,
    waiting: Vec<(u32, Request)>,
}

struct Session {
    name: CookieName,
    lifetime: Lifetime,
    is_secure: bool,
}

enum Link {
    /// No document has loaded in the iframe yet.
    Loading,
    /// A hello is out.
    Greeted(Nonce),
    /// The bridge has answered it.
    Connected,
    /// The bridge is of another version.
    Incompatible,
}

impl Provider {
    /// A provider. Settings that are wrong do not keep a page from working: each call then ends with the error.
    #[must_use]
    pub fn new(settings: &Settings, iframe_url: Result<(), BridgeError>) -> Self {
        let session = iframe_url.and_then(|()| Session::new(settings));
        let timeout = settings.timeout.unwrap_or(DEFAULT_TIMEOUT_MS);
        let is_timeout = (1.0..=MAX_TIMEOUT_MS).contains(&timeout);
        Self {
            session: if is_timeout { session } else { Err(Misuse::CallTimeout.into()) },
            timeout: if is_timeout { timeout } else { DEFAULT_TIMEOUT_MS },
            link: Link::Loading,
            waiting: Vec::new(),
        }
    }

    /// Takes in an event and says what to do. `cookies` are the page's own.
    pub fn handle(&mut self, event: Event<'_>, cookies: &mut dyn CookieJar) -> Vec<Action> {
        match event {
            Event::Call { id, call } => self.call(id, &call, cookies),
            Event::FrameLoaded(nonce) => self.greet(nonce),
            Event::Message(data) => self.message(data, cookies),
            Event::Expired { id, bridge_present } => self.expire(id, bridge_present),
            Event::Destroy => self.destroy(),
        }
    }

    fn call(&mut self, id: u32, call: &Call, cookies: &mut dyn CookieJar) -> Vec<Action> {
        let request = match &self.session {
            Ok(session) => session.request(call, cookies),
            Err(error) => Err(*error),
        };
        let error = match request {
            Err(error) => error,
            Ok(_) if self.waiting.len() >= MAX_WAITING => Misbehaved::TooManyRequests.into(),
            Ok(_) if matches!(self.link, Link::Incompatible) => Incompatible::Version.into(),
            Ok(request) => return self.send(id, request),
        };
        vec![settle(id, failure(matches!(call, Call::Test), error))]
    }

    fn send(&mut self, id: u32, what: Request) -> Vec<Action> {
        let mut actions = vec![Action::StartTimer { id, timeout: self.timeout }];
        if matches!(self.link, Link::Connected) {
            actions.push(Action::Post(request(id, &what)));
        }
        self.waiting.push((id, what));
        actions
    }

    /// A document in the iframe is a stranger until it has answered, even if the one before was the bridge.
    fn greet(&mut self, nonce: Nonce) -> Vec<Action> {
        if self.session.is_err() {
            return Vec::new();
        }
        let hello = Hello { nonce: nonce.clone() }.to_wire();
        self.link = Link::Greeted(nonce);
        vec![Action::Greet(hello)]
    }

    fn message(&mut self, data: &dyn Fields, cookies: &mut dyn CookieJar) -> Vec<Action> {
        match &self.link {
            Link::Connected => self.reply(data, cookies),
            Link::Greeted(nonce) => match PortGreeting::read(data, nonce) {
                PortGreeting::NotOurs => Vec::new(),
                PortGreeting::Incompatible => {
                    self.link = Link::Incompatible;
                    self.end_all(Incompatible::Version.into())
                }
                PortGreeting::Welcome => {
                    self.link = Link::Connected;
                    // Again, after a reload of the iframe: asking twice for any of them does no harm.
                    let mut actions = Vec::new();
                    for (id, what) in &self.waiting {
                        actions.push(Action::Post(request(*id, what)));
                    }
                    actions
                }
            },
            Link::Loading | Link::Incompatible => Vec::new(),
        }
    }

    /// A reply to nothing that waits (a second one, or one after the timeout) is ignored.
    fn reply(&mut self, data: &dyn Fields, cookies: &mut dyn CookieJar) -> Vec<Action> {
        let Some((id, reply)) = read_reply(data) else { return Vec::new() };
        let Some(request) = self.take(id) else { return Vec::new() };
        let reply = if request.is_answered_by(&reply) { reply } else { Reply::Failed(Misbehaved::Reply.into()) };
        let result = match (&self.session, reply) {
            (Err(error), _) => Err(*error),
            (Ok(_), Reply::Failed(error)) => failure(matches!(request, Request::Test), error),
            (Ok(session), reply) => session.finish(reply, cookies),
        };
        vec![settle(id, result)]
    }

    fn take(&mut self, id: u32) -> Option<Request> {
        let position = self.waiting.iter().position(|(waiting, _)| *waiting == id)?;
        Some(self.waiting.remove(position).1)
    }

    fn expire(&mut self, id: u32, bridge_present: bool) -> Vec<Action> {
        let Some(request) = self.take(id) else { return Vec::new() };
        let error = match self.link {
            Link::Connected => Environment::Timeout,
            // A bridge is silent for one reason only.
            Link::Loading | Link::Greeted(_) | Link::Incompatible if bridge_present => Environment::OriginNotTrusted,
            Link::Loading | Link::Greeted(_) | Link::Incompatible => Environment::IframeUnreachable,
        };
        vec![settle(id, failure(matches!(request, Request::Test), error.into()))]
    }

    fn destroy(&mut self) -> Vec<Action> {
        let error = BridgeError::from(Misuse::Destroyed);
        self.session = Err(error);
        let mut actions = self.end_all(error);
        actions.push(Action::RemoveFrame);
        actions
    }

    fn end_all(&mut self, error: BridgeError) -> Vec<Action> {
        let mut actions = Vec::new();
        for (id, request) in &self.waiting {
            actions.push(settle(*id, failure(matches!(request, Request::Test), error)));
        }
        self.waiting.clear();
        actions
    }
}

fn settle(id: u32, result: Result<Outcome, BridgeError>) -> Action {
    Action::Settle { id, result }
}

/// A test answers that there is no bridge, and why; all else fails. Only a destroyed provider answers nothing.
fn failure(is_test: bool, error: BridgeError) -> Result<Outcome, BridgeError> {
    if is_test && error != Misuse::Destroyed.into() {
        Ok(Outcome::Tested { jar: JarVerdict::UNREACHABLE, error: Some(error) })
    } else {
        Err(error)
    }
}

impl Session {
    fn new(settings: &Settings) -> Result<Self, BridgeError> {
        let name = settings.name.as_deref().unwrap_or_default();
        Ok(Self {
            name: CookieName::parse(name)?,
            lifetime: settings.max_age.map(Lifetime::from_seconds).transpose()?.unwrap_or_default(),
            is_secure: settings.is_secure,
        })
    }

    fn request(&self, call: &Call, cookies: &mut dyn CookieJar) -> Result<Request, BridgeError> {
        match call {
            Call::Load => Ok(Request::Load(self.name.clone())),
            Call::Test => Ok(Request::Test),
            Call::Clear => {
                // At once, so that the page is rid of it even if the bridge cannot be reached.
                self.name.remove_first_party(self.is_secure, cookies);
                Ok(Request::Clear(self.name.clone()))
            }
            Call::Save { value, max_age } => {
                let own = cookies.read();
                let text = match value {
                    Given::Text(text) => text,
                    Given::NotText => return Err(Misuse::CookieValue.into()),
                    Given::Nothing => find(&own, self.name.as_str()).ok_or(Misuse::SessionMissing)?,
                };
                let lifetime = max_age.map(Lifetime::from_seconds).transpose()?.unwrap_or(self.lifetime);
                let session = SessionCookie::new(self.name.clone(), CookieValue::parse(text)?, lifetime)?;
                Ok(Request::Save(session))
            }
        }
    }

    fn finish(&self, reply: Reply, cookies: &mut dyn CookieJar) -> Result<Outcome, BridgeError> {
        match reply {
            Reply::Failed(error) => Err(error),
            Reply::Tested { jar } => Ok(Outcome::Tested { jar, error: None }),
            Reply::Saved { saved, jar } => Ok(Outcome::Saved { saved: saved && jar.state == JarState::Shared, jar }),
            Reply::Loaded { value: None, jar } => Ok(Outcome::Loaded { value: None, jar }),
            Reply::Loaded { value: Some(value), jar } => {
                let session = SessionCookie::new(self.name.clone(), value.clone(), self.lifetime)?;
                if session.store_first_party(self.is_secure, cookies) {
                    Ok(Outcome::Loaded { value: Some(value), jar })
                } else {
                    Err(Environment::FirstPartyRefused.into())
                }
            }
            // Again: a load that was answered in between has set it anew.
            Reply::Cleared { .. } if !self.name.remove_first_party(self.is_secure, cookies) => {
                Err(Environment::ClearRefused.into())
            }
            Reply::Cleared { cleared, jar } => Ok(Outcome::Cleared { cleared, jar }),
        }
    }
}

#[cfg(test)]
mod tests;
