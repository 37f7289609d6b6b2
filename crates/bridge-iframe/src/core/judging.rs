//! Whether the jar is shared: asks the browser one question after another, and then answers the requests that waited.

use bridge_protocol::{AccessRequest, CookieJar, JarState, JarVerdict, Notice, Timestamp};

use super::output::Actions;
use super::perform::perform;
use super::{Action, Bridge, Permission};

/// How long a request for storage access may take before it counts as unanswered, in milliseconds. A browser's prompt may stay open
/// forever.
pub(super) const ACCESS_TIMEOUT_MS: i32 = 5_000;

/// The step of the verdict on the jar.
#[derive(Clone, Copy)]
pub(super) enum Judging {
    /// No verdict is in progress.
    Idle,
    /// `hasStorageAccess()` was called; `plain` is whether a test cookie could be read back before.
    StorageAccess { plain: bool },
    /// The permission is being queried: the jar is not shared, or this document may have a grant that it did not request.
    Permission(JarVerdict),
    /// The permission is granted, or the visitor clicked: storage access was requested.
    Request(JarVerdict),
}

impl Bridge {
    /// Tests the jar again for every request: a grant or the visitor's settings may have changed it since the last one.
    ///
    /// The test cookie stays until `hasStorageAccess()` has answered: WebKit's is false while the site has no cookie at all.
    pub(super) fn judge(&mut self, now: Timestamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let plain = self.probe("", jar);
        if self.place.is_top_level {
            // Only the visitor's settings can keep a top-level page from its own cookies.
            self.end_probe("", jar);
            let state = if plain { JarState::Shared } else { JarState::Blocked };
            return self.conclude(JarVerdict::new(state, plain), now, jar, out);
        }
        self.judging = Judging::StorageAccess { plain };
        out.push(Action::QueryStorageAccess);
    }

    pub(super) fn judge_by_access(
        &mut self,
        has_access: Option<bool>,
        now: Timestamp,
        jar: &mut dyn CookieJar,
        out: &mut Actions,
    ) {
        let Judging::StorageAccess { plain } = self.judging else { return };
        let mut verdict = self.verdict(plain, has_access, jar);
        let is_settled = if verdict.is_shared() {
            self.granted.is_some()
        } else {
            has_access.is_none() || self.place.is_ephemeral || !self.rungs.storage_access
        };
        if is_settled {
            verdict.request = AccessRequest::Impossible;
            return self.conclude(verdict, now, jar, out);
        }
        self.judging = Judging::Permission(verdict);
        out.push(Action::QueryPermission);
    }

    pub(super) fn judge_by_permission(
        &mut self,
        permission: Permission,
        now: Timestamp,
        jar: &mut dyn CookieJar,
        out: &mut Actions,
    ) {
        let Judging::Permission(mut verdict) = self.judging else { return };
        if verdict.is_shared() {
            // With `Activate-Storage-Access` the browser put an earlier grant into force before this document ran.
            let is_granted = permission == Permission::Granted;
            self.granted = Some(is_granted);
            return self.conclude(self.shared(is_granted), now, jar, out);
        }
        verdict.request = match (permission, verdict.request) {
            // A grant stands, so the browser needs no visit.
            (Permission::Granted, AccessRequest::AfterVisit) => AccessRequest::Possible,
            (Permission::Denied, _) => AccessRequest::Impossible,
            (_, request) => request,
        };
        if permission == Permission::Granted && self.granted != Some(true) && !self.refused {
            self.request_access(verdict, out);
        } else {
            self.conclude(verdict, now, jar, out)
        }
    }

    fn request_access(&mut self, verdict: JarVerdict, out: &mut Actions) {
        self.judging = Judging::Request(verdict);
        out.push(Action::RequestAccess(ACCESS_TIMEOUT_MS));
    }

    /// A click is the only moment in which the browser lets a frame request access, so this abandons any verdict in progress.
    pub(super) fn click(&mut self, now: Timestamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        self.clicked = true;
        if self.place.is_top_level {
            return self.judge(now, jar, out);
        }
        if let Judging::StorageAccess { .. } = self.judging {
            self.end_probe("", jar);
        }
        let request = AccessRequest::Possible;
        self.request_access(JarVerdict { request, ..JarVerdict::new(JarState::Blocked, false) }, out);
    }

    /// A fulfilled promise proves nothing: by default, WebKit's changes nothing. So the jar is tested again.
    pub(super) fn access_requested(
        &mut self,
        is_granted: bool,
        now: Timestamp,
        jar: &mut dyn CookieJar,
        out: &mut Actions,
    ) {
        if is_granted {
            self.granted = Some(true);
        }
        self.refused = !is_granted;
        match self.judging {
            // `Idle`: the answer came after its time was up.
            Judging::Request(_) | Judging::Idle => self.judge(now, jar, out),
            Judging::StorageAccess { .. } | Judging::Permission(_) => {}
        }
    }

    pub(super) fn time_up(&mut self, now: Timestamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        let Judging::Request(verdict) = self.judging else { return };
        let asked = self.clicked;
        // The visitor may still answer the prompt; the page gets the decision then.
        self.clicked = false;
        self.conclude(verdict, now, jar, out);
        self.clicked = asked;
        if asked {
            out.tell(Notice::Asking);
        }
    }

    fn conclude(&mut self, verdict: JarVerdict, now: Timestamp, jar: &mut dyn CookieJar, out: &mut Actions) {
        self.judging = Judging::Idle;
        if std::mem::take(&mut self.clicked) {
            out.tell(Notice::Decided(verdict));
        }
        for (id, request) in std::mem::take(&mut self.waiting) {
            out.answer(id, &perform(&request, verdict, self.rungs, now, jar));
        }
        // The page's own writes are no change to report.
        self.seen = self.sessions(jar);
    }
}
