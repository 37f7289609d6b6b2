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
    /// When the page asked.
    pub at: Timestamp,
    /// What it asked for.
    pub state: NoteState,
    /// The lifetime of the session or the tombstone.
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

    /// Writes the note, or removes it.
    pub fn set_note(&self, note: Option<Note>, secure: bool, jar: &mut dyn CookieJar) {
        Note::set(&self.note_cookie(secure), note, secure, jar);
    }
}

impl Note {
    #[inline(never)]
    pub(crate) fn find(cookie: &str, jar: &dyn CookieJar) -> Option<Self> {
        Self::read(find(&jar.read(), cookie)?)
    }

    #[inline(never)]
    pub(crate) fn set(cookie: &str, note: Option<Self>, secure: bool, jar: &mut dyn CookieJar) {
        let Some(Self { at, state, mut lifetime }) = note else {
            jar.write(&first_party_cookie(cookie, "", secure, Lifetime::Seconds(0)));
            return;
        };
        let mut value = String::new();
        at.append_to(&mut value);
        value.push_str(state.as_str());
        value.push('.');
        if let Lifetime::Seconds(age) = &mut lifetime {
            push_number(&mut value, (*age).into());
            // The note is written after the session and must not outlive it.
            *age -= u32::from(*age > 1);
        }
        jar.write(&first_party_cookie(cookie, &value, secure, lifetime));
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
