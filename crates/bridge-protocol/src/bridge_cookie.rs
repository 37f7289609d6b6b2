//! What the bridge stores in its own jar: a session, or a tombstone of one that was ended, each with its time.

use crate::cookie::{
    BRIDGE_PREFIX, CookieError, CookieJar, CookieName, CookieValue, Lifetime, MAX_AGE_SECONDS, MAX_COOKIE_BYTES, find,
    third_party_cookie, without_space,
};
use crate::text::{cut, number, pieces, push_number};
use crate::timestamp::{TIMESTAMP_BYTES, Timestamp};

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
    /// [`CookieError::TooLarge`] if the cookie in the bridge's jar, with its prefix and time, would exceed [`MAX_COOKIE_BYTES`].
    pub fn new(name: CookieName, value: CookieValue, lifetime: Lifetime) -> Result<Self, CookieError> {
        let size = BRIDGE_PREFIX.len() + name.as_str().len() + TIMESTAMP_BYTES + value.reveal().len();
        if size <= MAX_COOKIE_BYTES { Ok(Self { name, value, lifetime }) } else { Err(CookieError::TooLarge) }
    }

    /// Writes the session into the bridge's jar and reads it back.
    pub fn write_to_bridge(&self, at: Timestamp, jar: &mut dyn CookieJar) -> Written {
        let name = self.name.in_bridge();
        let before = jar.read();
        let mut stamped = String::new();
        at.append_to(&mut stamped);
        stamped.push_str(self.value.reveal());
        // Unchanged content has two causes. A jar that drops writes also drops the next one. If another page wrote the old content again in
        // between, the next write succeeds.
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

/// What was read back after a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The written session.
    Kept,
    /// Another one: a page wrote right after this one.
    Replaced,
    /// What was there before: the browser ignored the write.
    Dropped,
}

/// A session in the bridge's jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeSession {
    /// The session.
    pub value: CookieValue,
    /// When it was saved.
    pub at: Timestamp,
}

/// What the bridge's jar contains for a session's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InJar {
    /// Nothing: it was never saved, it expired, the browser evicted it, or the visitor cleared it.
    Nothing,
    /// A tombstone: a page ended the session at this time.
    Ended(Timestamp),
    /// The session.
    Session(BridgeSession),
}

impl CookieName {
    /// Reads the session of this name from the bridge's jar.
    ///
    /// # Errors
    /// [`CookieError::Value`] if the cookie is not in the form that the bridge writes.
    pub fn load(&self, jar: &dyn CookieJar) -> Result<InJar, CookieError> {
        let cookies = jar.read();
        let Some(stored) = find(&cookies, &self.in_bridge()) else { return Ok(InJar::Nothing) };
        if let Some(at) = number(stored, Timestamp::MAX.0) {
            return Ok(InJar::Ended(Timestamp(at)));
        }
        let (at, value) = Timestamp::cut_from(stored).ok_or(CookieError::Value)?;
        Ok(InJar::Session(BridgeSession { value: CookieValue::parse(value)?, at }))
    }

    /// Replaces the session in the bridge's jar by a tombstone, and returns whether it was read back. Without the tombstone, a page that
    /// could not save at once would bring an ended session back, and an ended session would look like an evicted one. So it lives as long as
    /// any page may remember the session.
    pub fn end(&self, at: Timestamp, jar: &mut dyn CookieJar) -> bool {
        let name = self.in_bridge();
        let mut stamp = String::new();
        push_number(&mut stamp, at.0);
        jar.write(&third_party_cookie(&name, &stamp, Lifetime::Seconds(MAX_AGE_SECONDS)));
        find(&jar.read(), &name) == Some(&stamp)
    }

    /// The sessions with a wanted name among all cookies of the bridge's origin, as one string to compare with a later one.
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
        let room = MAX_COOKIE_BYTES - BRIDGE_PREFIX.len() - TIMESTAMP_BYTES - "sid".len();
        let cookie = |length| {
            let value = CookieValue::parse(&"v".repeat(length)).unwrap();
            SessionCookie::new(name("sid"), value, Lifetime::BrowserSession)
        };
        assert!(cookie(room).is_ok());
        assert_eq!(cookie(room + 1), Err(CookieError::TooLarge));
    }
}
