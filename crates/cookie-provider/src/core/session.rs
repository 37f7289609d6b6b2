//! The session on this page: its own cookie, and what the bridge does not know of it yet.

use bridge_protocol::{
    BridgeError, CookieJar, CookieName, CookieValue, Environment, JarState, JarVerdict, Lifetime, Misbehaved, Misuse,
    Pending, Reply, Request, Rungs, SessionCookie, Stamp, Via, find,
};

use super::{Given, Outcome, Settings};

pub(super) struct Session {
    pub(super) name: CookieName,
    lifetime: Lifetime,
    is_secure: bool,
}

impl Session {
    pub(super) fn new(settings: &Settings) -> Result<Self, BridgeError> {
        let name = settings.name.as_deref().unwrap_or_default();
        settings.rungs.ok_or(Misuse::Rungs)?;
        Ok(Self {
            name: CookieName::parse(name)?,
            lifetime: settings.max_age.map(Lifetime::from_seconds).transpose()?.unwrap_or_default(),
            is_secure: settings.is_secure,
        })
    }

    /// The page's own cookie.
    pub(super) fn own(&self, cookies: &dyn CookieJar) -> Option<String> {
        find(&cookies.read(), self.name.as_str()).map(str::to_owned)
    }

    /// A value that was passed becomes the page's own cookie, whatever the bridge will say. The save counts as pending until the
    /// bridge has it, even if this page is closed before.
    pub(super) fn save(
        &self,
        value: &Given,
        max_age: Option<f64>,
        now: Stamp,
        cookies: &mut dyn CookieJar,
    ) -> Result<Request, BridgeError> {
        let text = match value {
            Given::Text(text) => text.clone(),
            Given::NotText => return Err(Misuse::CookieValue.into()),
            Given::Nothing => self.own(cookies).ok_or(Misuse::SessionMissing)?,
        };
        let lifetime = max_age.map(Lifetime::from_seconds).transpose()?.unwrap_or(self.lifetime);
        let session = SessionCookie::new(self.name.clone(), CookieValue::parse(&text)?, lifetime)?;
        if matches!(value, Given::Text(_)) {
            session.store_first_party(self.is_secure, cookies);
        }
        let pending = Pending { at: now, lifetime: Some(lifetime) };
        self.name.set_pending(Some(pending), self.is_secure, cookies);
        Ok(Request::Save { session, since: None })
    }

    /// The page's own cookie goes at once, so that the page is rid of it even if the bridge cannot be reached.
    pub(super) fn clear(&self, now: Stamp, cookies: &mut dyn CookieJar) -> Request {
        self.name.remove_first_party(self.is_secure, cookies);
        self.name.set_pending(Some(Pending { at: now, lifetime: None }), self.is_secure, cookies);
        Request::Clear { name: self.name.clone(), since: None }
    }

    /// What the bridge does not know yet, as a request that replaces nothing later.
    pub(super) fn pending(&self, cookies: &dyn CookieJar) -> Option<Request> {
        let pending = self.name.pending(cookies)?;
        let since = Some(pending.at);
        let Some(lifetime) = pending.lifetime else {
            return Some(Request::Clear { name: self.name.clone(), since });
        };
        // None if the chat has ended meanwhile.
        let value = CookieValue::parse(&self.own(cookies)?).ok()?;
        let session = SessionCookie::new(self.name.clone(), value, lifetime).ok()?;
        Some(Request::Save { session, since })
    }

    /// Notes that the bridge does not know the page's own cookie, if there is one.
    pub(super) fn note(&self, now: Stamp, cookies: &mut dyn CookieJar) {
        if self.own(cookies).is_some() {
            let pending = Pending { at: now, lifetime: Some(self.lifetime) };
            self.name.set_pending(Some(pending), self.is_secure, cookies);
        }
    }

    pub(super) fn forget_pending(&self, cookies: &mut dyn CookieJar) {
        self.name.set_pending(None, self.is_secure, cookies);
    }

    pub(super) fn finish(
        &self,
        reply: Reply,
        rungs: Rungs,
        cookies: &mut dyn CookieJar,
    ) -> Result<Outcome, BridgeError> {
        let through = |jar: JarVerdict, is_done: bool| match (is_done && rungs.allow(jar), jar.granted) {
            (false, _) => Via::Local,
            (true, false) => Via::Cookie,
            (true, true) => Via::StorageAccess,
        };
        match reply {
            Reply::Failed(error) => {
                // What may not be saved here now would be tried again with every load.
                if error == Environment::Superseded.into() || error == Environment::NotAllowed.into() {
                    self.forget_pending(cookies);
                }
                Err(error)
            }
            Reply::Trusted(is_trusted) => Ok(Outcome::Trusted(is_trusted)),
            // Nobody waits for it.
            Reply::Shown => Err(Misbehaved::Reply.into()),
            Reply::Tested { jar } => Ok(Outcome::Tested { jar, error: None, can_continue: rungs.popup }),
            Reply::Saved { saved, jar } => {
                let saved = saved && jar.state == JarState::Shared;
                if saved {
                    self.forget_pending(cookies);
                }
                Ok(Outcome::Saved { saved, jar, via: through(jar, saved) })
            }
            Reply::Loaded { session: None, jar } => {
                Ok(Outcome::Loaded { value: None, jar, via: through(jar, jar.readable) })
            }
            Reply::Loaded { session: Some(stored), jar } => {
                // What this page did and could not share yet is newer.
                if self.name.pending(cookies).is_some_and(|pending| pending.at >= stored.at) {
                    return Ok(Outcome::Loaded { value: None, jar, via: Via::Local });
                }
                self.keep(&stored.value, cookies)?;
                Ok(Outcome::Loaded { value: Some(stored.value), jar, via: through(jar, true) })
            }
            // Again: a load that was answered in between has set it anew.
            Reply::Cleared { .. } if !self.name.remove_first_party(self.is_secure, cookies) => {
                Err(Environment::ClearRefused.into())
            }
            Reply::Cleared { cleared, jar } => {
                if cleared {
                    self.forget_pending(cookies);
                }
                Ok(Outcome::Cleared { cleared, jar, via: through(jar, cleared) })
            }
        }
    }

    /// Makes a session that came from the bridge the page's own cookie.
    pub(super) fn keep(&self, value: &CookieValue, cookies: &mut dyn CookieJar) -> Result<(), BridgeError> {
        let session = SessionCookie::new(self.name.clone(), value.clone(), self.lifetime)?;
        if !session.store_first_party(self.is_secure, cookies) {
            return Err(Environment::FirstPartyRefused.into());
        }
        self.forget_pending(cookies);
        Ok(())
    }
}
