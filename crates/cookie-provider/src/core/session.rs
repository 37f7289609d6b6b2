//! The session on this page: its own cookie, and what the bridge does not know of it yet.

use bridge_protocol::{
    BridgeError, CookieJar, CookieName, CookieValue, Environment, JarState, JarVerdict, Lifetime, Misbehaved, Misuse,
    Note, NoteState, Reply, Request, Rungs, SessionCookie, Stamp, Stored, Via, find,
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
        Request::Clear { name: self.name.clone(), since: None }
    }

    /// What the bridge does not know yet, as a request that replaces nothing later.
    pub(super) fn pending(&self, cookies: &dyn CookieJar) -> Option<Request> {
        let Note { at, state, lifetime } = self.name.note(cookies)?;
        let (name, since) = (self.name.clone(), Some(at));
        match state {
            NoteState::Kept => None,
            NoteState::Clear => Some(Request::Clear { name, since }),
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

    fn forget(&self, cookies: &mut dyn CookieJar) {
        self.name.set_note(None, self.is_secure, cookies);
    }

    /// The note of this request, unless the page has saved or cleared something else since, in whichever tab.
    fn note_of(&self, request: &Request, cookies: &dyn CookieJar) -> Option<Note> {
        let note = self.name.note(cookies)?;
        let is_of_it = match (note.state, request) {
            (NoteState::Save, Request::Save { session, .. }) => {
                self.own(cookies).as_deref() == Some(session.value.reveal())
            }
            (NoteState::Clear, Request::Clear { .. }) => true,
            _ => false,
        };
        is_of_it.then_some(note)
    }

    /// The bridge has done what was asked.
    pub(super) fn done(&self, request: &Request, cookies: &mut dyn CookieJar) {
        match self.note_of(request, cookies) {
            Some(note @ Note { state: NoteState::Save, .. }) => {
                self.note(Note { state: NoteState::Kept, ..note }, cookies);
            }
            Some(_) => self.forget(cookies),
            None => {}
        }
    }

    /// The bridge will not do what was asked, now or later.
    pub(super) fn refused(&self, request: &Request, cookies: &mut dyn CookieJar) {
        if self.note_of(request, cookies).is_some() {
            self.forget(cookies);
        }
    }

    /// A page ended the session.
    pub(super) fn ended(&self, cookies: &mut dyn CookieJar) {
        if self.name.note(cookies).is_some_and(|note| note.state == NoteState::Kept) {
            self.forget(cookies);
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

    /// Makes a session from the bridge's jar the page's own cookie, unless what this page did and could not share yet is newer.
    pub(super) fn take_over(
        &self,
        stored: &Stored,
        now: Stamp,
        cookies: &mut dyn CookieJar,
    ) -> Result<bool, BridgeError> {
        if self.own(cookies).as_deref() != Some(stored.value.reveal())
            && let Some(note) = self.name.note(cookies)
        {
            if note.state != NoteState::Kept && !note.at.is_before(stored.at, now) {
                return Ok(false);
            }
            // It is of another session.
            self.forget(cookies);
        }
        self.keep(&stored.value, cookies).map(|()| true)
    }

    /// How a call ends.
    pub(super) fn finish(
        &self,
        request: &Request,
        reply: Reply,
        rungs: Rungs,
        now: Stamp,
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
                    self.refused(request, cookies);
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
                    self.done(request, cookies);
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
            // From no bridge of ours.
            Reply::Loaded { session: Some(_), jar } if !rungs.allow(jar) => Err(Misbehaved::Reply.into()),
            Reply::Loaded { session: Some(stored), jar } => {
                let is_taken = self.take_over(&stored, now, cookies)?;
                let value = is_taken.then_some(stored.value);
                Ok(Outcome::Loaded { via: through(jar, value.is_some()), value, jar, error: None })
            }
            // Again: a load that was answered in between has set it anew. But a session that this page has begun since stays.
            Reply::Cleared { .. }
                if self.name.note(cookies).is_none_or(|note| note.state != NoteState::Save)
                    && !self.name.remove_first_party(self.is_secure, cookies) =>
            {
                Err(Environment::ClearRefused.into())
            }
            Reply::Cleared { cleared, jar } => {
                if cleared {
                    self.done(request, cookies);
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
        Ok(())
    }
}
