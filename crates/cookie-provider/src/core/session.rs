//! The session on this page: its own cookie, and what the bridge does not know of it yet.

use bridge_protocol::{
    BridgeError, BridgeSession, CookieJar, CookieName, CookieValue, Environment, JarState, JarVerdict, Lifetime,
    Misbehaved, Misuse, Note, NoteState, Reply, Request, Rungs, SessionCookie, Timestamp, Via,
};

use super::own_cookie::own;
use super::{Action, Outcome, Settings, Turn};

/// What matters of the call that loads.
pub(super) struct LoadCall<'a> {
    /// When the page called.
    pub(super) at: Timestamp,
    /// The session that the chat has set by itself and the page has saved as it was; none, if the page passed what it saved.
    pub(super) of_chat: Option<&'a str>,
}

impl LoadCall<'_> {
    /// One after which the page has saved nothing.
    pub(super) const LATEST: Self = LoadCall { at: Timestamp::MAX, of_chat: None };
}

pub(super) struct Session {
    pub(super) name: CookieName,
    /// `options.maxAge`.
    max_age: Option<Lifetime>,
    pub(super) is_secure: bool,
}

impl Session {
    pub(super) fn new(settings: &Settings) -> Result<Self, BridgeError> {
        settings.rungs.ok_or(Misuse::Rungs)?;
        Ok(Self {
            name: CookieName::parse(&settings.name)?,
            max_age: settings.max_age.map(Lifetime::from_seconds).transpose()?,
            is_secure: settings.is_secure,
        })
    }

    /// The page's own cookie.
    pub(super) fn own(&self, cookies: &dyn CookieJar) -> Option<String> {
        own(cookies, self.name.as_str())
    }

    /// A value that was passed becomes the page's own cookie, whatever the bridge will say; without one, the page's own cookie is meant. The save
    /// counts as pending until the bridge has it, even if this page is closed before.
    pub(super) fn save(
        &self,
        value: Option<String>,
        max_age: Option<f64>,
        turn: &mut Turn<'_>,
    ) -> Result<Request, BridgeError> {
        let is_new = value.is_some();
        let text = value.or_else(|| self.own(&turn.cookies)).ok_or(Misuse::SessionMissing)?;
        let max_age = max_age.map(Lifetime::from_seconds).transpose()?.or(self.max_age);
        // A conversation that goes on keeps its lifetime, which starts anew.
        let noted = self.noted(&turn.cookies).filter(|note| note.state != NoteState::Clear);
        let running = noted.filter(|note| note.rest(turn.now).is_some());
        let lifetime = max_age.or(running.map(|note| note.lifetime)).unwrap_or_default();
        let session = SessionCookie::new(self.name.clone(), CookieValue::parse(&text)?, lifetime)?;
        if is_new && !self.write(&session, turn) && turn.cookies.keeps_another() {
            return Err(Environment::HttpOnly.into());
        }
        self.note(Note { at: turn.now, state: NoteState::Save, lifetime }, turn);
        Ok(Request::Save { session, since: None })
    }

    /// The page's own cookie goes at once, so that the page is rid of it even if the bridge cannot be reached.
    pub(super) fn clear(&self, turn: &mut Turn<'_>) -> Request {
        let lifetime = self.max_age.unwrap_or_default();
        let lifetime = self.noted(&turn.cookies).map_or(lifetime, |note| note.lifetime.longest(lifetime));
        self.remove(turn);
        self.note(Note { at: turn.now, state: NoteState::Clear, lifetime }, turn);
        Request::Clear { name: self.name.clone(), since: None, tombstone: Some(lifetime) }
    }

    /// Whether the session's cookie is there and no script sees it.
    pub(super) fn is_hidden(&self, turn: &mut Turn<'_>) -> bool {
        turn.cookies.is_hidden(self.name.as_str())
    }

    /// What the bridge does not know yet, as a request that replaces nothing later. A note that another host of the site has set does not count, and
    /// none whose lifetime is over.
    pub(super) fn pending(&self, turn: &mut Turn<'_>) -> Option<Request> {
        let note = self.noted(&turn.cookies).filter(|note| note.state.is_pending() && note.rest(turn.now).is_some())?;
        if !self.is_own(note, self.is_secure, turn) {
            return None;
        }
        let Note { at, state, lifetime } = note;
        let (name, since) = (self.name.clone(), Some(at));
        match state {
            NoteState::Synced | NoteState::Loaded => None,
            NoteState::Clear => Some(Request::Clear { name, since, tombstone: Some(lifetime) }),
            NoteState::Save => {
                // None if the chat has ended meanwhile.
                let value = CookieValue::parse(&self.own(&turn.cookies)?).ok()?;
                let session = SessionCookie::new(name, value, lifetime).ok()?;
                Some(Request::Save { session, since })
            }
        }
    }

    /// Whether this host has set the note. Without the prefix `__Host-`, or where the browser does not know it, another host of the site can set one,
    /// too.
    fn is_own(&self, note: Note, secure: bool, turn: &mut Turn<'_>) -> bool {
        let mut again = turn.cookies.again();
        self.name.set_note(Some(note), turn.now, secure, &mut again);
        again.was_own
    }

    /// The page's note, if there is one.
    pub(super) fn noted(&self, cookies: &dyn CookieJar) -> Option<Note> {
        self.name.note(self.is_secure, cookies)
    }

    /// Takes over the note of a version that gave its cookie a name without `__Host-`. Another host of the site may have set one of that name, but only
    /// for the whole site, so it counts only if it is this host's.
    pub(super) fn adopt_note(&self, turn: &mut Turn<'_>) {
        if self.is_secure
            && let Some(note) = self.name.note(false, &turn.cookies)
        {
            let is_own = self.is_own(note, false, turn);
            self.name.set_note(None, turn.now, false, &mut turn.cookies);
            if is_own && self.noted(&turn.cookies).is_none() {
                self.note(note, turn);
            }
        }
    }

    fn note(&self, note: Note, turn: &mut Turn<'_>) {
        self.name.set_note(Some(note), turn.now, self.is_secure, &mut turn.cookies);
    }

    /// Makes a session the page's own cookie; false if the browser did not keep it.
    fn write(&self, session: &SessionCookie, turn: &mut Turn<'_>) -> bool {
        turn.has_written_session = true;
        session.write_first_party(self.is_secure, &mut turn.cookies)
    }

    /// Removes the page's own cookie; false if it is still there.
    fn remove(&self, turn: &mut Turn<'_>) -> bool {
        turn.has_written_session = true;
        self.name.remove_first_party(self.is_secure, &mut turn.cookies)
    }

    /// Notes that the bridge does not know the page's own cookie, if there is one, and how long that is kept.
    pub(super) fn note_unshared(&self, lifetime: Lifetime, turn: &mut Turn<'_>) {
        if self.own(&turn.cookies).is_some() {
            self.note(Note { at: turn.now, state: NoteState::Save, lifetime }, turn);
        }
    }

    /// Removes all that any version has stored on the page.
    pub(super) fn remove_all(&self, turn: &mut Turn<'_>) {
        turn.cookies.remove_everywhere(self.name.as_str());
        for secure in [true, false] {
            self.name.set_note(None, turn.now, secure, &mut turn.cookies);
        }
        self.note_visit(None, turn);
    }

    fn forget(&self, turn: &mut Turn<'_>) {
        self.name.set_note(None, turn.now, self.is_secure, &mut turn.cookies);
    }

    /// The note of this request, unless the page has saved or cleared something else since, in whichever tab.
    fn note_of(&self, request: &Request, cookies: &dyn CookieJar) -> Option<Note> {
        let note = self.noted(cookies)?;
        let is_of_it = match (note.state, request) {
            (NoteState::Save, Request::Save { session, .. }) => {
                self.own(cookies).as_deref() == Some(session.value.reveal())
            }
            (NoteState::Clear, Request::Clear { .. }) => true,
            _ => false,
        };
        is_of_it.then_some(note)
    }

    /// The bridge has done what was requested.
    pub(super) fn done(&self, request: &Request, turn: &mut Turn<'_>) {
        match self.note_of(request, &turn.cookies) {
            Some(note @ Note { state: NoteState::Save, .. }) => {
                self.note(Note { state: NoteState::Synced, ..note }, turn);
            }
            Some(_) => self.forget(turn),
            None => {}
        }
    }

    /// The bridge will not do what was requested, now or later.
    pub(super) fn refused(&self, request: &Request, turn: &mut Turn<'_>) {
        if self.note_of(request, &turn.cookies).is_some() {
            self.forget(turn);
        }
    }

    /// Whether this page still has the session, or remembers that the bridge had it. If not, its lifetime is over, or another tab of this site removed
    /// all of it.
    pub(super) fn is_remembered(&self, turn: &Turn<'_>) -> bool {
        self.own(&turn.cookies).is_some() || self.noted(&turn.cookies).is_some()
    }

    /// A page ended the session.
    pub(super) fn ended(&self, turn: &mut Turn<'_>) {
        if self.noted(&turn.cookies).is_some_and(|note| !note.state.is_pending()) {
            self.forget(turn);
        }
    }

    /// The bridge's jar was looked into and has nothing. If it once had what this page saved, and nobody ended it, that is a loss. What
    /// the page still has of it counts as pending again, since when it was saved. Browsers count lifetimes in whole seconds, so what has less
    /// than that left may be over.
    pub(super) fn look_for_loss(&self, turn: &mut Turn<'_>) -> Option<BridgeError> {
        let note = self.noted(&turn.cookies).filter(|note| note.state == NoteState::Synced)?;
        if note.rest(turn.now).is_none_or(|rest| rest == Lifetime::Seconds(1)) {
            self.forget(turn);
            return None;
        }
        let again = self.own(&turn.cookies).map(|_| Note { state: NoteState::Save, ..note });
        self.name.set_note(again, turn.now, self.is_secure, &mut turn.cookies);
        let lost = Environment::SessionLost.into();
        turn.out.push(Action::Warn(lost));
        Some(lost)
    }

    /// Makes a session from the bridge's jar the page's own cookie for the rest of its lifetime, unless what this page did and could not share yet is
    /// newer. Returns whether it did, or why not, if that is to be told.
    pub(super) fn take_over(
        &self,
        stored: BridgeSession,
        load: &LoadCall<'_>,
        turn: &mut Turn<'_>,
    ) -> Result<Result<(), Option<BridgeError>>, BridgeError> {
        let BridgeSession { value, at, lifetime } = stored;
        let own = self.own(&turn.cookies);
        let is_same = own.as_deref() == Some(value.reveal());
        let note = self.noted(&turn.cookies).filter(|note| note.rest(turn.now).is_some());
        if let Some(note) = note
            && note.state.is_pending()
            && !note.at.is_before(at, turn.now)
            && self.is_own(note, self.is_secure, turn)
        {
            if is_same {
                // Of the same session the newer save counts.
                let newer = BridgeSession { value, at: note.at, lifetime: note.lifetime };
                return self.keep(&newer, turn).map(Ok);
            }
            let is_since = note.state == NoteState::Save && note.at > load.at;
            // Nobody is in a conversation on a page that nobody has touched: its chat has only started.
            let is_begun = own.as_deref() != load.of_chat || turn.cookies.is_in_use();
            if !is_since || is_begun {
                return Ok(Err(is_since.then_some(Environment::Replaced.into())));
            }
            turn.has_revived_session = true;
        }
        let is_of_page = is_same && note.is_some_and(|note| matches!(note.state, NoteState::Save | NoteState::Synced));
        let state = if is_of_page { NoteState::Synced } else { NoteState::Loaded };
        if is_of_page || lifetime != Lifetime::BrowserSession {
            self.note(Note { at, state, lifetime }, turn);
        } else if note.is_some() {
            // It is about another session.
            self.forget(turn);
        }
        self.keep(&BridgeSession { value, at, lifetime }, turn)?;
        if turn.has_revived_session {
            self.note_unshared(lifetime, turn);
        }
        Ok(Ok(()))
    }

    /// How a request ends with this reply.
    pub(super) fn end(
        &self,
        request: &Request,
        reply: Reply,
        rungs: Rungs,
        load: &LoadCall<'_>,
        turn: &mut Turn<'_>,
    ) -> Result<Outcome, BridgeError> {
        let reply =
            if request.is_answered_by(&reply) { live(reply, turn) } else { Reply::Failed(Misbehaved::Reply.into()) };
        let through = |jar: JarVerdict, is_done: bool| match (is_done && rungs.allow(jar), jar.granted) {
            (false, _) => Via::Local,
            (true, false) => Via::Cookie,
            (true, true) => Via::StorageAccess,
        };
        match reply {
            Reply::Failed(error) => {
                // What may not be saved here now would be tried again with every load.
                if error == Environment::Superseded.into() || error == Environment::NotAllowed.into() {
                    self.refused(request, turn);
                }
                Err(error)
            }
            Reply::Trusted(is_trusted) => Ok(Outcome::Trusted(is_trusted)),
            // Nobody waits for it.
            Reply::Shown | Reply::MayHandOver { .. } => Err(Misbehaved::Reply.into()),
            Reply::Tested { mut jar } => {
                let error = self.obstacle(&mut jar, rungs, turn);
                Ok(Outcome::Tested { jar, error, can_continue: rungs.popup })
            }
            Reply::Saved { saved, jar } => {
                let saved = saved && jar.state == JarState::Shared;
                if saved {
                    self.done(request, turn);
                }
                Ok(Outcome::Saved { saved, jar, via: through(jar, saved) })
            }
            Reply::Loaded { session: None, jar } => {
                let via = through(jar, jar.readable);
                let error = if via == Via::Local { None } else { self.look_for_loss(turn) };
                Ok(Outcome::Loaded { value: None, jar, via, error })
            }
            Reply::Ended { jar } => {
                self.ended(turn);
                Ok(Outcome::Loaded { value: None, jar, via: through(jar, jar.readable), error: None })
            }
            // From no bridge of ours.
            Reply::Loaded { session: Some(_), jar } if !rungs.allow(jar) => Err(Misbehaved::Reply.into()),
            Reply::Loaded { session: Some(stored), jar } => {
                let value = stored.value.clone();
                let (value, error) = match self.take_over(stored, load, turn)? {
                    Ok(()) => (Some(value), None),
                    Err(error) => (None, error),
                };
                Ok(Outcome::Loaded { via: through(jar, value.is_some()), value, jar, error })
            }
            // Again: a load that was answered in between has set it anew. But a session that this page has begun since stays.
            Reply::Cleared { .. }
                if self.noted(&turn.cookies).is_none_or(|note| note.state != NoteState::Save) && !self.remove(turn) =>
            {
                Err(Environment::ClearRefused.into())
            }
            Reply::Cleared { cleared, jar } => {
                if cleared {
                    self.done(request, turn);
                }
                Ok(Outcome::Cleared { cleared, jar, via: through(jar, cleared) })
            }
        }
    }

    /// Makes a session that came from elsewhere the page's own cookie for the rest of its lifetime.
    pub(super) fn keep(&self, stored: &BridgeSession, turn: &mut Turn<'_>) -> Result<(), BridgeError> {
        // What is over is removed.
        let rest = stored.lifetime.rest(stored.at, turn.now).unwrap_or(Lifetime::Seconds(0));
        let session = SessionCookie::new(self.name.clone(), stored.value.clone(), rest)?;
        if !self.write(&session, turn) {
            let is_hidden = turn.cookies.keeps_another();
            return Err(if is_hidden { Environment::HttpOnly } else { Environment::FirstPartyRefused }.into());
        }
        Ok(())
    }
}

/// The reply, in which a session whose lifetime is over counts for nothing: browsers remove cookies a moment later.
pub(super) fn live(reply: Reply, turn: &Turn<'_>) -> Reply {
    match reply {
        Reply::Loaded { session: Some(stored), jar } if stored.lifetime.rest(stored.at, turn.now).is_none() => {
            Reply::Loaded { session: None, jar }
        }
        reply => reply,
    }
}
