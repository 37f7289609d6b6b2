//! What the bridge keeps in its own jar: a session, or that it was ended, each with its time.

use crate::cookie::{
    BRIDGE_PREFIX, CookieError, CookieJar, CookieName, CookieValue, Lifetime, MAX_AGE_SECONDS, MAX_COOKIE_BYTES, find,
    third_party_cookie, without_space,
};
use crate::stamp::{STAMP_BYTES, Stamp};
use crate::text::{cut, number, pieces, push_number};

/// A session that fits into a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    /// The name on host pages.
    pub name: CookieName,
    /// The session.
    pub value: CookieValue,
    /// How long the bridge keeps it.
    pub lifetime: Lifetime,
}

impl SessionCookie {
    /// # Errors
    /// [`CookieError::TooLarge`] where the name in the bridge's jar and the value together exceed [`MAX_COOKIE_BYTES`].
    pub fn new(name: CookieName, value: CookieValue, lifetime: Lifetime) -> Result<Self, CookieError> {
        let size = BRIDGE_PREFIX.len() + name.as_str().len() + STAMP_BYTES + value.reveal().len();
        if size <= MAX_COOKIE_BYTES { Ok(Self { name, value, lifetime }) } else { Err(CookieError::TooLarge) }
    }

    /// Writes it into the bridge's jar, and says what was read back.
    pub fn store(&self, at: Stamp, jar: &mut dyn CookieJar) -> Written {
        let name = self.name.in_bridge();
        let before = jar.read();
        let mut stamped = String::new();
        at.append_to(&mut stamped);
        stamped.push_str(self.value.reveal());
        // A jar that drops a write drops it again; one in which another page's write came in between, with what was there
        // before, does not.
        for _ in 0..3 {
            jar.write(&third_party_cookie(&name, &stamped, self.lifetime));
            match find(&jar.read(), &name) {
                Some(found) if found == stamped => return Written::Kept,
                Some(found) if Some(found) != find(&before, &name) => return Written::Replaced,
                _ => {}
            }
        }
        Written::Dropped
    }
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was read back.
    Kept,
    /// Another page's write came right after it.
    Replaced,
    /// The browser ignored it.
    Dropped,
}

/// A session in the bridge's jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The session.
    pub value: CookieValue,
    /// When it was saved.
    pub at: Stamp,
}

/// What the bridge's jar has of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InJar {
    /// Nothing: it never was there, its time is over, or the browser or the visitor removed it.
    Nothing,
    /// A page ended it then.
    Ended(Stamp),
    /// It is there.
    Session(Stored),
}

impl CookieName {
    /// Reads what the bridge's jar has of the session of this name.
    ///
    /// # Errors
    /// [`CookieError::Value`] where something else than the bridge wrote it.
    pub fn load(&self, jar: &dyn CookieJar) -> Result<InJar, CookieError> {
        let cookies = jar.read();
        let Some(stored) = find(&cookies, &self.in_bridge()) else { return Ok(InJar::Nothing) };
        if let Some(at) = number(stored, Stamp::MAX.0) {
            return Ok(InJar::Ended(Stamp(at)));
        }
        let (at, value) = Stamp::cut_from(stored).ok_or(CookieError::Value)?;
        Ok(InJar::Session(Stored { value: CookieValue::parse(value)?, at }))
    }

    /// Leaves only the time in the bridge's jar, and says whether the session is gone. Without the time, a page that could not save at once
    /// would bring an ended session back, and one that was lost could not be told from it. So it stays as long as any page may
    /// remember the session.
    pub fn end(&self, at: Stamp, jar: &mut dyn CookieJar) -> bool {
        let name = self.in_bridge();
        let mut stamp = String::new();
        push_number(&mut stamp, at.0);
        jar.write(&third_party_cookie(&name, &stamp, Lifetime::Seconds(MAX_AGE_SECONDS)));
        find(&jar.read(), &name) == Some(&stamp)
    }

    /// The bridge's own sessions among the cookies of its origin, as one text: those whose name is wanted.
    #[must_use]
    pub fn all_in(cookies: &str, is_wanted: &dyn Fn(&Self) -> bool) -> String {
        let mut sessions = String::new();
        for pair in pieces(cookies, b';') {
            let name = without_space(pair).strip_prefix(BRIDGE_PREFIX).and_then(|pair| cut(pair, b'='));
            if name.is_some_and(|(name, _)| Self::parse(name).is_ok_and(|name| is_wanted(&name))) {
                sessions.push_str(pair);
            }
        }
        sessions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> CookieName {
        CookieName::parse(text).unwrap()
    }

    #[test]
    fn the_size_is_counted_with_the_name_in_the_bridge() {
        let room = MAX_COOKIE_BYTES - BRIDGE_PREFIX.len() - STAMP_BYTES - "sid".len();
        let cookie = |length| {
            let value = CookieValue::parse(&"v".repeat(length)).unwrap();
            SessionCookie::new(name("sid"), value, Lifetime::BrowserSession)
        };
        assert!(cookie(room).is_ok());
        assert_eq!(cookie(room + 1), Err(CookieError::TooLarge));
    }
}
