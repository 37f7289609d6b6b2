//! What a host page notes in a cookie of its own about what it told the bridge.

use crate::cookie::{CookieJar, CookieName, Lifetime, MAX_AGE_SECONDS, find, first_party_cookie};
use crate::stamp::Stamp;
use crate::text::{cut, join, number, push_number};

/// In front of the name of a cookie in which a host page notes what the bridge knows of its session.
const NOTE_PREFIX: &str = "bridge-note.";

/// What a host page remembers of what it told the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// When the page asked for it.
    pub at: Stamp,
    /// What it asked for, and whether the bridge knows.
    pub state: NoteState,
    /// How long the session, or that it ended, is to be kept.
    pub lifetime: Lifetime,
}

/// See [`Note`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteState {
    /// A save that the bridge does not know of yet.
    Save,
    /// A clear that the bridge does not know of yet.
    Clear,
    /// A save that the bridge has read back from its jar.
    Kept,
}

impl CookieName {
    /// What a host page has noted of the session of this name.
    #[must_use]
    pub fn note(&self, jar: &dyn CookieJar) -> Option<Note> {
        let cookies = jar.read();
        let (at, rest) = Stamp::cut_from(find(&cookies, &join(&[NOTE_PREFIX, self.as_str()]))?)?;
        let (word, age) = cut(rest, b'.')?;
        let state = match word {
            "save" => NoteState::Save,
            "clear" => NoteState::Clear,
            "kept" => NoteState::Kept,
            _ => return None,
        };
        let lifetime = match age {
            "" => Lifetime::BrowserSession,
            // It would remove the cookie, which is never noted so: the bridge takes no such save, and it would be tried for ever.
            "0" => return None,
            age => Lifetime::Seconds(u32::try_from(number(age, MAX_AGE_SECONDS.into())?).ok()?),
        };
        Some(Note { at, state, lifetime })
    }

    /// Notes it in a cookie of the host page's own, or that there is nothing any more.
    pub fn set_note(&self, note: Option<Note>, secure: bool, jar: &mut dyn CookieJar) {
        let name = join(&[NOTE_PREFIX, self.as_str()]);
        let Some(Note { at, state, mut lifetime }) = note else {
            jar.write(&first_party_cookie(&name, "", secure, Lifetime::Seconds(0)));
            return;
        };
        let mut value = String::new();
        at.append_to(&mut value);
        value.push_str(match state {
            NoteState::Save => "save.",
            NoteState::Clear => "clear.",
            NoteState::Kept => "kept.",
        });
        if let Lifetime::Seconds(age) = &mut lifetime {
            push_number(&mut value, (*age).into());
            // It is written after the session, and must not be there after it.
            *age -= u32::from(*age > 1);
        }
        jar.write(&first_party_cookie(&name, &value, secure, lifetime));
    }
}
