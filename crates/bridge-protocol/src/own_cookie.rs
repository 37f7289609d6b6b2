//! The session as the host page's own cookie, in which its chat keeps it.

use crate::bridge_cookie::SessionCookie;
use crate::cookie::{CookieJar, CookieName, Lifetime, find, first_party_cookie};

impl SessionCookie {
    /// Writes the session into the jar of a host page for its lifetime, and returns whether it was read back.
    pub fn write_first_party(&self, secure: bool, jar: &mut dyn CookieJar) -> bool {
        jar.write(&first_party_cookie(self.name.as_str(), self.value.reveal(), secure, self.lifetime));
        find(&jar.read(), self.name.as_str()) == Some(self.value.reveal())
    }
}

impl CookieName {
    /// Removes the session from the jar of a host page, and returns whether it is gone.
    pub fn remove_first_party(&self, secure: bool, jar: &mut dyn CookieJar) -> bool {
        jar.write(&first_party_cookie(self.as_str(), "", secure, Lifetime::Seconds(0)));
        find(&jar.read(), self.as_str()).is_none()
    }
}
