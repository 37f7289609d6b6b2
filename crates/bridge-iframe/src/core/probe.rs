//! The test cookie, and what it proves.

use bridge_protocol::{AccessRequest, CookieJar, CookieName, JarState, JarVerdict, find};

use super::Bridge;

/// A frame that is removed in the middle of a verdict removes no test cookie, so the browser does. Long enough for `hasStorageAccess()` to answer.
const PROBE: &str = "=1; Max-Age=60";

/// The attribute that asks for a partitioned jar (CHIPS).
const PARTITIONED: &str = "; Partitioned";

impl Bridge {
    /// The verdict from the test cookie and the result of `hasStorageAccess()`. A cookie that reads back proves nothing by itself: Firefox keeps it
    /// in a partitioned jar, and Chromium may keep only a `Partitioned` one. Which of them the browser keeps also shows what a request for
    /// storage access can lead to.
    pub(super) fn verdict(&self, plain: bool, has_access: Option<bool>, jar: &mut dyn CookieJar) -> JarVerdict {
        self.end_probe("", jar);
        if self.place.is_ephemeral {
            return JarVerdict::new(JarState::Partitioned, false);
        }
        let keeps_partitioned = !plain && self.probe(PARTITIONED, jar);
        self.end_probe(PARTITIONED, jar);
        // A browser without `hasStorageAccess` may be older than partitioned jars, or have them without it. What cannot be told is not called shared.
        match (plain, has_access.unwrap_or(false)) {
            (true, true) => self.shared(self.granted == Some(true)),
            // Firefox's model: it prompts even a visitor who has never been at the bridge.
            (true, false) => {
                JarVerdict { request: AccessRequest::Possible, ..JarVerdict::new(JarState::Partitioned, false) }
            }
            // Chromium's model.
            (false, _) if keeps_partitioned => {
                JarVerdict { request: AccessRequest::AfterVisit, ..JarVerdict::new(JarState::Partitioned, false) }
            }
            // WebKit's model.
            (false, has_access) => {
                let readable = has_access && !CookieName::all_in(&jar.read(), &|_| true).is_empty();
                // A frame that reads its site's cookies and writes none has all that a grant would give it. And where the visitor blocks all
                // cookies, no grant opens a jar.
                let is_hopeless = readable || !self.place.has_storage;
                let request = if is_hopeless { AccessRequest::Impossible } else { AccessRequest::AfterVisit };
                JarVerdict { request, ..JarVerdict::new(JarState::Blocked, readable) }
            }
        }
    }

    /// The verdict on a jar that is shared. A page that forbids storage access gets the verdict that it would get without the grant.
    pub(super) fn shared(&self, granted: bool) -> JarVerdict {
        if granted && !self.rungs.storage_access {
            return JarVerdict::new(JarState::Partitioned, false);
        }
        JarVerdict { granted, ..JarVerdict::new(JarState::Shared, true) }
    }

    /// Whether a cookie with this attribute can be read back.
    pub(super) fn probe(&self, attribute: &str, jar: &mut dyn CookieJar) -> bool {
        self.write_probe(PROBE, attribute, jar);
        find(&jar.read(), &self.probe_name()).is_some()
    }

    pub(super) fn end_probe(&self, attribute: &str, jar: &mut dyn CookieJar) {
        self.write_probe("=; Max-Age=0", attribute, jar);
    }

    fn write_probe(&self, value: &str, attribute: &str, jar: &mut dyn CookieJar) {
        jar.write(&[&self.probe_name(), value, "; Path=/; Secure; SameSite=None", attribute].concat());
    }

    fn probe_name(&self) -> String {
        ["__Host-bridge-probe.", &self.place.probe_token].concat()
    }
}
