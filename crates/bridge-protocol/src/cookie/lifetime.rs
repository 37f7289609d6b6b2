use super::CookieError;
use crate::text::push_number;
use crate::timestamp::Timestamp;

/// The longest lifetime in seconds: 400 days, the limit of RFC 6265bis, section 5.5.
pub const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// The most bytes that a lifetime takes after a timestamp, with the mark between them.
pub(crate) const LIFETIME_BYTES: usize = 9;

/// How long a session is kept: one lifetime, in the bridge and on each page. Also how long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the browser is closed.
    #[default]
    BrowserSession,
    /// This many seconds, from 1 to [`MAX_AGE_SECONDS`]; 0 removes the cookie.
    Seconds(u32),
}

impl Lifetime {
    /// # Errors
    /// [`CookieError::Lifetime`] unless it is 1 to [`MAX_AGE_SECONDS`]. Fractions of a second are dropped.
    pub fn from_seconds(seconds: f64) -> Result<Self, CookieError> {
        if (1.0..=f64::from(MAX_AGE_SECONDS)).contains(&seconds) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
            Ok(Self::Seconds(seconds as u32))
        } else {
            Err(CookieError::Lifetime)
        }
    }

    /// What is left of a lifetime that began then; `None` if it is over. A second that has begun counts. A beginning in the future was recorded
    /// before the clock was set back, so nobody knows how much is over: then the whole is left.
    #[must_use]
    pub fn rest(self, since: Timestamp, now: Timestamp) -> Option<Self> {
        let Self::Seconds(seconds) = self else { return Some(self) };
        let age = u32::try_from(now.0.saturating_sub(since.0) / 1000).ok()?;
        seconds.checked_sub(age).filter(|rest| *rest > 0).map(Self::Seconds)
    }

    /// The longer one. Seconds are longer than the time until the browser is closed: only they survive that.
    #[must_use]
    pub fn longest(self, other: Self) -> Self {
        match (self, other) {
            (Self::Seconds(one), Self::Seconds(two)) => Self::Seconds(one.max(two)),
            (Self::BrowserSession, longest) | (longest, Self::BrowserSession) => longest,
        }
    }

    pub(super) fn append_to(self, cookie: &mut String) {
        if let Self::Seconds(seconds) = self {
            cookie.push_str("; Max-Age=");
            push_number(cookie, seconds.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_lifetime_gets_less_until_it_is_over() {
        let hour = Lifetime::Seconds(3600);
        let rest = |since, now| hour.rest(Timestamp(since), Timestamp(now));
        assert_eq!(rest(1000, 1000), Some(hour));
        assert_eq!(rest(1000, 1999), Some(hour), "a second that has begun counts");
        assert_eq!(rest(1000, 2000), Some(Lifetime::Seconds(3599)));
        assert_eq!(rest(1000, 3_600_999), Some(Lifetime::Seconds(1)));
        for over in [3_601_000, 4_000_000, Timestamp::MAX.0, u64::MAX] {
            assert_eq!(rest(1000, over), None, "{over}");
        }
        assert_eq!(rest(86_400_000, 1000), Some(hour), "the clock was set back");
        let browser = Lifetime::BrowserSession;
        assert_eq!(browser.rest(Timestamp(0), Timestamp::MAX), Some(browser));
    }

    #[test]
    fn of_two_lifetimes_the_one_in_seconds_survives_the_browser() {
        let (browser, short, long) = (Lifetime::BrowserSession, Lifetime::Seconds(1), Lifetime::Seconds(2));
        for (one, two, longest) in [(short, long, long), (browser, short, short), (browser, browser, browser)] {
            assert_eq!((one.longest(two), two.longest(one)), (longest, longest));
        }
    }

    #[test]
    fn a_lifetime_has_bounds() {
        assert_eq!(Lifetime::from_seconds(1.0), Ok(Lifetime::Seconds(1)));
        assert_eq!(Lifetime::from_seconds(3600.9), Ok(Lifetime::Seconds(3600)));
        assert_eq!(Lifetime::from_seconds(34_560_000.0), Ok(Lifetime::Seconds(MAX_AGE_SECONDS)));
        for bad in [0.0, -1.0, 0.5, 34_560_001.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            assert_eq!(Lifetime::from_seconds(bad), Err(CookieError::Lifetime), "{bad}");
        }
    }
}
