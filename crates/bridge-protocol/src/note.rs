//! The cookies in which a host page notes what it asked the bridge to store, and that the visitor has been there.

use crate::cookie::{CookieJar, CookieName, Lifetime, MAX_AGE_SECONDS, find, first_party_cookie};
use crate::text::{cut, join, number, push_number};
use crate::timestamp::Timestamp;
use crate::words;

/// The prefix of that cookie's name. `__Host-` makes the browser refuse a cookie of the name from any other host of the site, which could otherwise
/// have a page save or clear in its own name (RFC 6265bis, section 4.1.3.2).
const PREFIX: &str = "__Host-bridge-note.";

/// That of a page that was not loaded over `https`, which cannot have a `__Host-` cookie. Every page had it once.
const PLAIN_PREFIX: &str = "bridge-note.";

/// What a host page asked the bridge to do with a session, and whether the bridge has done it. It does not contain the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// When the page asked, or when the session was saved that was loaded.
    pub at: Timestamp,
    /// What it asked for.
    pub state: NoteState,
    /// How long the session or the tombstone is kept from then on.
    pub lifetime: Lifetime,
}

words! {
    /// See [`Note`].
    pub enum NoteState {
        /// A save that is still pending.
        Save = "save",
        /// A clear that is still pending.
        Clear = "clear",
        /// A save that the bridge has done and read back.
        Synced = "kept",
        /// Nothing was asked for: the session came from elsewhere, and the note keeps its lifetime.
        Loaded = "loaded",
    }
}

impl NoteState {
    /// Whether the bridge is still to do something.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Save | Self::Clear)
    }
}

impl CookieName {
    /// The page's note about the session of this name; `None` also for what this crate did not write.
    #[must_use]
    pub fn note(&self, secure: bool, jar: &dyn CookieJar) -> Option<Note> {
        Note::find(&self.note_cookie(secure), jar)
    }

    /// The name of the cookie with the note.
    #[must_use]
    pub fn note_cookie(&self, secure: bool) -> String {
        join(&[if secure { PREFIX } else { PLAIN_PREFIX }, self.as_str()])
    }

    /// Writes the note for the rest of its lifetime, or removes it.
    pub fn set_note(&self, note: Option<Note>, now: Timestamp, secure: bool, jar: &mut dyn CookieJar) {
        Note::set(&self.note_cookie(secure), note, now, secure, jar);
    }
}

impl Note {
    #[inline(never)]
    pub(crate) fn find(cookie: &str, jar: &dyn CookieJar) -> Option<Self> {
        Self::read(find(&jar.read(), cookie)?)
    }

    #[inline(never)]
    pub(crate) fn set(cookie: &str, note: Option<Self>, now: Timestamp, secure: bool, jar: &mut dyn CookieJar) {
        let live = note.and_then(|note| Some((note, note.rest(now)?)));
        let Some((Self { at, state, lifetime }, mut rest)) = live else {
            jar.write(&first_party_cookie(cookie, "", secure, Lifetime::Seconds(0)));
            return;
        };
        let mut value = String::new();
        at.append_to(&mut value);
        value.push_str(state.as_str());
        value.push('.');
        if let Lifetime::Seconds(seconds) = lifetime {
            push_number(&mut value, seconds.into());
        }
        if let Lifetime::Seconds(age) = &mut rest {
            // The note is written after the session and must not outlive it.
            *age -= u32::from(*age > 1);
        }
        jar.write(&first_party_cookie(cookie, &value, secure, rest));
    }

    /// What is left of the lifetime; `None` if it is over.
    #[must_use]
    pub fn rest(self, now: Timestamp) -> Option<Lifetime> {
        self.lifetime.rest(self.at, now)
    }

    /// Reads the cookie's value; `None` for what this crate did not write.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (at, rest) = Timestamp::cut_from(text)?;
        let (word, age) = cut(rest, b'.')?;
        let state = NoteState::parse(word)?;
        let lifetime = match age {
            "" => Lifetime::BrowserSession,
            // Never written: 0 would remove the cookie. The bridge refuses such a save, so the page would retry it forever.
            "0" => return None,
            age => Lifetime::Seconds(u32::try_from(number(age, MAX_AGE_SECONDS.into())?).ok()?),
        };
        Some(Self { at, state, lifetime })
    }
}
