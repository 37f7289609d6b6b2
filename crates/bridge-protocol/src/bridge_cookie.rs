//! What the bridge stores in its own jar: a session, or a tombstone of one that was ended, each with its time and its lifetime.
//!
//! `<time>+<seconds>.<session>`; without `.<session>` it is a tombstone, and without `+<seconds>` the lifetime ends when the browser is closed.

use crate::cookie::{
    BRIDGE_PREFIX, CookieError, CookieJar, CookieName, CookieValue, LIFETIME_BYTES, Lifetime, MAX_AGE_SECONDS,
    MAX_COOKIE_BYTES, find, third_party_cookie, without_space,
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
    /// How long it is kept, from when it was saved.
    pub lifetime: Lifetime,
}

impl SessionCookie {
    /// # Errors
    /// [`CookieError::TooLarge`] if the cookie in the bridge's jar, with its prefix, time and lifetime, would exceed [`MAX_COOKIE_BYTES`].
    pub fn new(name: CookieName, value: CookieValue, lifetime: Lifetime) -> Result<Self, CookieError> {
        let lifetime_bytes = if lifetime == Lifetime::BrowserSession { 0 } else { LIFETIME_BYTES };
        let size = BRIDGE_PREFIX.len() + name.as_str().len() + TIMESTAMP_BYTES + lifetime_bytes + value.reveal().len();
        if size <= MAX_COOKIE_BYTES { Ok(Self { name, value, lifetime }) } else { Err(CookieError::TooLarge) }
    }

    /// Writes the session that was saved at this time into the bridge's jar for the rest of its lifetime, and reads it back.
    pub fn write_to_bridge(&self, at: Timestamp, now: Timestamp, jar: &mut dyn CookieJar) -> Written {
        let Some(rest) = self.lifetime.rest(at, now) else { return Written::Replaced };
        let name = self.name.in_bridge();
        let before = jar.read();
        let stamped = stamped(at, self.lifetime, Some(&self.value));
        // Unchanged content has two causes. A jar that drops writes also drops the next one. If another page wrote the old content again in
        // between, the next write succeeds.
        for _ in 0..3 {
            jar.write(&third_party_cookie(&name, &stamped, rest));
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
    /// Another one, because a page wrote right after this one; or nothing was written, because the lifetime is over.
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
    /// How long it is kept from then on.
    pub lifetime: Lifetime,
}

/// What the bridge's jar contains for a session's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InJar {
    /// Nothing: it was never saved, it expired, the browser evicted it, or the visitor cleared it.
    Nothing,
    /// A tombstone: a page ended the session.
    Ended {
        /// When.
        at: Timestamp,
        /// How long the tombstone is kept.
        lifetime: Lifetime,
    },
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
        let (stamp, value) = cut(stored, b'.').map_or((stored, None), |(stamp, value)| (stamp, Some(value)));
        let (at, lifetime) = read_stamp(stamp).ok_or(CookieError::Value)?;
        Ok(match value {
            Some(value) => InJar::Session(BridgeSession { value: CookieValue::parse(value)?, at, lifetime }),
            None => InJar::Ended { at, lifetime },
        })
    }

    /// Replaces the session in the bridge's jar by a tombstone, and returns whether it was read back. Without the tombstone, a page that
    /// could not save at once would bring an ended session back, and an ended session would look like an evicted one. It lives as long as the
    /// session could have: what pages remember of the session began before it ended, and so is over by then.
    pub fn end(&self, at: Timestamp, lifetime: Lifetime, jar: &mut dyn CookieJar) -> bool {
        let name = self.in_bridge();
        let stamp = stamped(at, lifetime, None);
        jar.write(&third_party_cookie(&name, &stamp, lifetime));
        find(&jar.read(), &name) == Some(&stamp)
    }

    /// Removes whatever the bridge's jar contains for the session's name, and returns whether it is gone.
    pub fn forget(&self, jar: &mut dyn CookieJar) -> bool {
        let name = self.in_bridge();
        jar.write(&third_party_cookie(&name, "", Lifetime::Seconds(0)));
        find(&jar.read(), &name).is_none()
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

fn stamped(at: Timestamp, lifetime: Lifetime, value: Option<&CookieValue>) -> String {
    let mut text = String::new();
    push_number(&mut text, at.0);
    if let Lifetime::Seconds(seconds) = lifetime {
        text.push('+');
        push_number(&mut text, seconds.into());
    }
    if let Some(value) = value {
        text.push('.');
        text.push_str(value.reveal());
    }
    text
}

fn read_stamp(stamp: &str) -> Option<(Timestamp, Lifetime)> {
    let (at, lifetime) = match cut(stamp, b'+') {
        None => (stamp, Lifetime::BrowserSession),
        Some((_, "0")) => return None,
        Some((at, age)) => (at, Lifetime::Seconds(u32::try_from(number(age, MAX_AGE_SECONDS.into())?).ok()?)),
    };
    Some((Timestamp(number(at, Timestamp::MAX.0)?), lifetime))
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
        let cookie = |length, lifetime| {
            let value = CookieValue::parse(&"v".repeat(length)).unwrap();
            SessionCookie::new(name("sid"), value, lifetime)
        };
        for (lifetime, room) in
            [(Lifetime::BrowserSession, room), (Lifetime::Seconds(MAX_AGE_SECONDS), room - LIFETIME_BYTES)]
        {
            let largest = cookie(room, lifetime).unwrap();
            assert_eq!(cookie(room + 1, lifetime), Err(CookieError::TooLarge));
            let written = stamped(Timestamp::MAX, lifetime, Some(&largest.value));
            assert_eq!(largest.name.in_bridge().len() + written.len(), MAX_COOKIE_BYTES, "{lifetime:?}");
        }
    }
}
