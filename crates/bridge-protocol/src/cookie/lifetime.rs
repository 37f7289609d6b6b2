use super::CookieError;
use crate::text::push_number;

/// The longest lifetime in seconds: 400 days, the limit of RFC 6265bis, section 5.5.
pub const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// How long a browser keeps a cookie.
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
    fn a_lifetime_has_bounds() {
        assert_eq!(Lifetime::from_seconds(1.0), Ok(Lifetime::Seconds(1)));
        assert_eq!(Lifetime::from_seconds(3600.9), Ok(Lifetime::Seconds(3600)));
        assert_eq!(Lifetime::from_seconds(34_560_000.0), Ok(Lifetime::Seconds(MAX_AGE_SECONDS)));
        for bad in [0.0, -1.0, 0.5, 34_560_001.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            assert_eq!(Lifetime::from_seconds(bad), Err(CookieError::Lifetime), "{bad}");
        }
    }
}
