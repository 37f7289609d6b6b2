//! The session on this page: its own cookie, and what the bridge does not know of it yet.

use bridge_protocol::{
    BridgeError, CookieJar, CookieName, CookieValue, Environment, JarState, JarVerdict, Lifetime, Misbehaved, Misuse,
    Note, NoteState, Reply, Request, Rungs, SessionCookie, Stamp, Via, find,
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
        self.note(Note { at: now, state: NoteState::Save, lifetime }, cookies);
        Ok(Request::Save { session, since: None })
    }

    /// The page's own cookie goes at once, so that the page is rid of it even if the bridge cannot be reached.
    pub(super) fn clear(&self, now: Stamp, cookies: &mut dyn CookieJar) -> Request {
        self.name.remove_first_party(self.is_secure, cookies);
        self.note(Note { at: now, state: NoteState::Clear, lifetime: self.lifetime }, cookies);
        Request::Clear { name: self.name.clone(), since: None, lifetime: self.lifetime }
    }

    /// What the bridge does not know yet, as a request that replaces nothing later.
    pub(super) fn pending(&self, cookies: &dyn CookieJar) -> Option<Request> {
        let Note { at, state, lifetime } = self.name.note(cookies)?;
        let (name, since) = (self.name.clone(), Some(at));
        match state {
            NoteState::Kept => None,
            NoteState::Clear => Some(Request::Clear { name, since, lifetime }),
            NoteState::Save => {
                // None if the chat has ended meanwhile.
                let value = CookieValue::parse(&self.own(cookies)?).ok()?;
                let session = SessionCookie::new(name, value, lifetime).ok()?;
                Some(Request::Save { session, since })
            }
        }
    }

    fn note(&self, note: Note, cookies: &mut dyn CookieJar) {
        self.name.set_note(Some(note), self.is_secure, cookies);
    }

    /// Notes that the bridge does not know the page's own cookie, if there is one.
    pub(super) fn note_unshared(&self, now: Stamp, cookies: &mut dyn CookieJar) {
        if self.own(cookies).is_some() {
            self.note(Note { at: now, state: NoteState::Save, lifetime: self.lifetime }, cookies);
        }
    }

    /// Nothing is pending any more. What the bridge has kept stays noted, so that its loss is noticed.
    pub(super) fn forget_pending(&self, cookies: &mut dyn CookieJar) {
        if self.name.note(cookies).is_none_or(|note| note.state != NoteState::Kept) {
            self.name.set_note(None, self.is_secure, cookies);
        }
    }

    /// A page ended the session.
    pub(super) fn ended(&self, cookies: &mut dyn CookieJar) {
        if self.name.note(cookies).is_some_and(|note| note.state == NoteState::Kept) {
            self.name.set_note(None, self.is_secure, cookies);
        }
    }

    /// The bridge has what was pending.
    pub(super) fn shared(&self, cookies: &mut dyn CookieJar) {
        match self.name.note(cookies) {
            Some(note @ Note { state: NoteState::Save, .. }) => {
                self.note(Note { state: NoteState::Kept, ..note }, cookies);
            }
            _ => self.forget_pending(cookies),
        }
    }

    /// The bridge's jar was looked into and has nothing. If it once had what this page saved, and nobody ended it, that is a loss. What
    /// the page still has of it counts as pending again, since when it was saved.
    pub(super) fn look_for_loss(&self, cookies: &mut dyn CookieJar) -> Option<BridgeError> {
        let note = self.name.note(cookies).filter(|note| note.state == NoteState::Kept)?;
        let again = self.own(cookies).map(|_| Note { state: NoteState::Save, ..note });
        self.name.set_note(again, self.is_secure, cookies);
        Some(Environment::SessionLost.into())
    }

    /// How a call ends. `is_last` is false while a later save or clear of this page is under way: what was noted is that one's.
    pub(super) fn finish(
        &self,
        reply: Reply,
        rungs: Rungs,
        is_last: bool,
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
                if is_last && (error == Environment::Superseded.into() || error == Environment::NotAllowed.into()) {
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
                if saved && is_last {
                    self.shared(cookies);
                }
                Ok(Outcome::Saved { saved, jar, via: through(jar, saved) })
            }
            Reply::Loaded { session: None, jar } => {
                let via = through(jar, jar.readable);
                let error = if via == Via::Local { None } else { self.look_for_loss(cookies) };
                Ok(Outcome::Loaded { value: None, jar, via, error })
            }
            Reply::Ended { jar } => {
                self.ended(cookies);
                Ok(Outcome::Loaded { value: None, jar, via: through(jar, jar.readable), error: None })
            }
            Reply::Loaded { session: Some(stored), jar } => {
                // What this page did and could not share yet is newer.
                let is_newer = |note: Note| note.state != NoteState::Kept && note.at >= stored.at;
                let is_same = self.own(cookies).as_deref() == Some(stored.value.reveal());
                if !is_same && self.name.note(cookies).is_some_and(is_newer) {
                    return Ok(Outcome::Loaded { value: None, jar, via: Via::Local, error: None });
                }
                self.keep(&stored.value, cookies)?;
                Ok(Outcome::Loaded { value: Some(stored.value), jar, via: through(jar, true), error: None })
            }
            // Again: a load that was answered in between has set it anew.
            Reply::Cleared { .. } if !self.name.remove_first_party(self.is_secure, cookies) => {
                Err(Environment::ClearRefused.into())
            }
            Reply::Cleared { cleared, jar } => {
                if cleared && is_last {
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
