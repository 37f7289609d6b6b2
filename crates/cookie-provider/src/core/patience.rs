//! How long a call waits for the bridge: only as long as the bridge could answer. Its time runs from when the page let the iframe in, and not while the
//! page was frozen or the machine slept.

use super::waiting::{Purpose, Source};
use super::{Action, Provider, Turn};

/// A timer that is this late, in milliseconds, was held up by more than a busy page.
const LATE_MS: f64 = 2_000.0;

impl Provider {
    /// The timer of this call is up. If the call's time is not, the timer starts again for the rest of it.
    pub(super) fn extend(&mut self, id: u32, turn: &mut Turn<'_>) -> bool {
        let [call, mount] = [Purpose::Call(id), Purpose::Mount(id)];
        let Some(waiting) = self.waiting.find(|purpose| purpose == call || purpose == mount, Source::Bridge) else {
            return false;
        };
        let let_in = self.frame.let_in.unwrap_or(turn.now);
        // None if the clock was set back: then the timer counts.
        let Some(waited) = turn.now.0.checked_sub(waiting.at.0.max(let_in.0)) else { return false };
        #[expect(clippy::cast_precision_loss, reason = "no page waits for so long")]
        let left = self.timeout - waited as f64;
        let is_late = left < -LATE_MS && !std::mem::replace(&mut waiting.was_late, true);
        let timeout = match is_late {
            true => self.timeout,
            // The call was made before the iframe was let in.
            false if waiting.at.0 < let_in.0 && left >= 1.0 => left,
            false => return false,
        };
        self.frame.wait_on(turn.now);
        turn.out.push(Action::StartTimer { id, timeout });
        true
    }
}
