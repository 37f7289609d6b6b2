//! The page's own cookies, of which a chat widget may set a second one under the same name.
//!
//! A cookie of this page's host and one of a domain above it, or of another path, are two cookies of one name (RFC 6265bis, section 5.7).
//! `document.cookie` shows both without their domains and paths: the one with the longer path in front, and of two with the same the one that was set
//! first.

use bridge_protocol::{CookieJar, Nonce, count, find, join};

use super::{FrameView, HostPage};

const PROBE: &str = "bridge-probe";

/// The page's own cookies, written so that no cookie of a domain above hides what the provider writes.
pub(super) struct OwnCookies<'a> {
    page: &'a mut dyn HostPage,
}

impl<'a> OwnCookies<'a> {
    pub(super) fn new(page: &'a mut dyn HostPage) -> Self {
        Self { page }
    }

    pub(super) fn frame(&self) -> FrameView {
        self.page.frame()
    }

    pub(super) fn nonce(&self) -> Nonce {
        self.page.nonce()
    }

    pub(super) fn is_in_use(&self) -> bool {
        self.page.is_in_use()
    }

    /// Whether there is a cookie of this name and the page sees none: it is `HttpOnly`.
    pub(super) fn is_hidden(&mut self, name: &str) -> bool {
        count(&self.read(), name) == 0 && self.page.is_hidden(name)
    }

    /// Whether the browser keeps a cookie of a name that nobody uses. If it does, and refuses one for the same path and host, a cookie that no script can
    /// replace has that one's name.
    pub(super) fn keeps_another(&mut self) -> bool {
        self.page.write(&join(&[PROBE, "=; Path=/; SameSite=Lax; Max-Age=9"]));
        let is_kept = count(&self.read(), PROBE) > 0;
        self.page.write(&join(&[PROBE, "=; Path=/; Max-Age=0"]));
        is_kept
    }

    /// The value of this name, once there is only one.
    ///
    /// The provider's writes leave one cookie of a name, for `/`. So a second one is a widget's, set later for a domain above or for the path of a
    /// page: it counts, and this page's own, which would hide it or be hidden by it, is removed.
    pub(super) fn session(&mut self, name: &str) -> Option<String> {
        if count(&self.read(), name) > 1 {
            self.page.write(&join(&[name, "=; Path=/; Max-Age=0"]));
        }
        own(self, name)
    }

    /// A jar for a cookie that is written again as it was, to detect whether it is this host's own.
    pub(super) fn again(&mut self) -> Again<'_> {
        Again { page: self.page, was_own: false }
    }

    /// Removes every cookie of this name that this page can remove.
    pub(super) fn remove_everywhere(&mut self, name: &str) {
        self.page.remove_everywhere(name);
    }
}

/// See [`OwnCookies::again`].
pub(super) struct Again<'a> {
    page: &'a mut dyn HostPage,
    /// Whether the cookie replaced itself. One that was set for a domain above, or for another path, stays beside it.
    pub(super) was_own: bool,
}

impl CookieJar for Again<'_> {
    fn read(&self) -> String {
        self.page.read()
    }

    fn write(&mut self, cookie: &str) {
        let name = name_of(cookie);
        self.page.write(cookie);
        self.was_own = count(&self.read(), name) == 1;
        if !self.was_own {
            self.page.remove_everywhere(name);
        }
    }
}

fn name_of(cookie: &str) -> &str {
    let end = cookie.bytes().position(|b| b == b'=').unwrap_or_default();
    cookie.get(..end).unwrap_or_default()
}

/// The value of the first cookie of this name.
#[inline(never)]
pub(super) fn own(cookies: &dyn CookieJar, name: &str) -> Option<String> {
    find(&cookies.read(), name).map(str::to_owned)
}

impl CookieJar for OwnCookies<'_> {
    fn read(&self) -> String {
        self.page.read()
    }

    fn write(&mut self, cookie: &str) {
        self.page.write(cookie);
        let name = name_of(cookie);
        if count(&self.read(), name) > usize::from(!cookie.ends_with("; Max-Age=0")) {
            self.remove_everywhere(name);
            self.page.write(cookie);
        }
    }
}
