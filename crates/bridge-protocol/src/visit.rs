//! The note that the visitor has clicked in the bridge as a page of its own.

use crate::cookie::{CookieJar, Lifetime};
use crate::note::{Note, NoteState};
use crate::timestamp::Timestamp;

/// For how long after the visit Chromium grants storage access: 30 days (`kStorageAccessAPITopLevelUserInteractionBound`).
const BOUND_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The host page's note of a visit: a [`Note`] in a cookie of its own, whose state is always that of what is done. It does not name the bridge. If the
/// page's origin uses a second one, where the visitor has not been, the browser's refusal removes the note.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Whether the page was loaded over `https`.
    pub secure: bool,
}

impl Visit {
    /// Whether the page has noted a visit that still counts. One that is later than now was noted before the clock was set back, so nobody knows
    /// its age.
    #[must_use]
    pub fn is_noted(self, now: Timestamp, jar: &dyn CookieJar) -> bool {
        Note::find(self.cookie(), jar).is_some_and(|Note { at, state, .. }| {
            let age_ms = now.0.saturating_sub(at.0);
            state == NoteState::Synced
                && !at.is_from_future(now)
                && age_ms < u64::from(BOUND_SECONDS).saturating_mul(1000)
        })
    }

    /// Notes a visit at this time; `None` removes the note.
    pub fn note(self, at: Option<Timestamp>, jar: &mut dyn CookieJar) {
        let note = at.map(|at| Note { at, state: NoteState::Synced, lifetime: Lifetime::Seconds(BOUND_SECONDS) });
        Note::set(self.cookie(), note, at.unwrap_or(Timestamp(0)), self.secure, jar);
    }

    /// The names are chosen as those of a session's note are.
    fn cookie(self) -> &'static str {
        if self.secure { "__Host-bridge-visit" } else { "bridge-visit" }
    }
}
