//! The requests that have no end yet: who wants it, and what it waits for.

use bridge_protocol::{BridgeError, Request, Timestamp};

use super::{Action, Outcome, Turn};

/// The most calls that wait at once.
pub(super) const MAX_WAITING: usize = 64;

/// Who wants the reply to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The page, by this call.
    Call(u32),
    /// The provider itself, to save or clear what could not be shared before.
    Share,
    /// The provider itself, to save the cookie that the chat has set after the save that the page called.
    SaveAgain,
    /// The provider itself, to load, because something may have changed.
    Load,
    /// The provider itself, to test the jar, because a test of the page's got no answer in time.
    Test,
    /// The provider itself: whether another origin may hand over a session.
    Trust,
    /// The page, by this call that withdrew consent: to forget the session.
    Forget(u32),
    /// The page, by this call of `mountAccessButton`: whether the button can help.
    Mount(u32),
    /// The provider itself, after the popup of this call: the same.
    MountAfterPopup(u32),
}

/// What a request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The bridge, which has it or will get it once it is connected.
    Bridge,
    /// A link, which may bring the session yet.
    Link,
    /// The bridge server.
    Server,
}

/// A request without an end.
pub(super) struct WaitingRequest {
    /// Names it on the wire.
    pub(super) number: u32,
    pub(super) purpose: Purpose,
    pub(super) request: Request,
    pub(super) source: Source,
    /// When it was made.
    pub(super) at: Timestamp,
    /// Whether its time was up late, and it got that time again.
    pub(super) was_late: bool,
    /// What the bridge has replied, if it is not what it waits for: how the call ends if nothing better comes.
    pub(super) outcome: Option<Outcome>,
}

/// It is large, and handed from one function to the next: each copy of it would be code that every page loads.
pub(super) type Boxed = Box<WaitingRequest>;

impl WaitingRequest {
    /// Reports an error to the page that called, or for what the provider requested by itself, to the console.
    pub(super) fn fail(&self, error: BridgeError, turn: &mut Turn<'_>) {
        match self.purpose {
            Purpose::Call(id) => turn.out.fail(id, matches!(self.request, Request::Test), error),
            Purpose::Mount(id) | Purpose::Forget(id) => turn.out.settle(id, Err(error)),
            _ => turn.out.push(Action::Warn(error)),
        }
    }
}

#[derive(Default)]
pub(super) struct Waiting {
    requests: Vec<Boxed>,
    last: u32,
}

impl Waiting {
    /// A number that no request on the wire has.
    pub(super) fn new_number(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    #[inline(never)]
    pub(super) fn add(&mut self, waiting: Boxed) {
        self.requests.push(waiting);
    }

    pub(super) fn len(&self) -> usize {
        self.requests.len()
    }

    /// How many calls of the page wait.
    pub(super) fn calls(&self) -> usize {
        self.requests.iter().filter(|waiting| matches!(waiting.purpose, Purpose::Call(_) | Purpose::Mount(_))).count()
    }

    pub(super) fn has_any(&self, source: Source) -> bool {
        self.requests.iter().any(|waiting| waiting.source == source)
    }

    /// Whether a save or a clear is on its way to the bridge.
    pub(super) fn has_write(&self) -> bool {
        self.requests.iter().any(|waiting| {
            waiting.source == Source::Bridge && matches!(waiting.request, Request::Save { .. } | Request::Clear { .. })
        })
    }

    /// The first request of such a purpose.
    pub(super) fn find(&mut self, is_meant: impl Fn(Purpose) -> bool, source: Source) -> Option<&mut Boxed> {
        self.requests.iter_mut().find(|waiting| is_meant(waiting.purpose) && waiting.source == source)
    }

    /// The number of the request for this purpose.
    #[inline(never)]
    pub(super) fn number_of(&self, purpose: Purpose, source: Source) -> Option<u32> {
        let is_meant = |waiting: &&Boxed| waiting.purpose == purpose && waiting.source == source;
        self.requests.iter().find(is_meant).map(|waiting| waiting.number)
    }

    /// The request of this number, which no longer waits.
    #[inline(never)]
    pub(super) fn take(&mut self, number: u32, source: Source) -> Option<Boxed> {
        let is_meant = |waiting: &Boxed| waiting.number == number && waiting.source == source;
        let position = self.requests.iter().position(is_meant)?;
        Some(self.requests.remove(position))
    }

    /// The request for this purpose, which no longer waits.
    #[inline(never)]
    pub(super) fn take_for(&mut self, purpose: Purpose, source: Source) -> Option<Boxed> {
        let number = self.number_of(purpose, source)?;
        self.take(number, source)
    }

    /// All that wait for this; none does any more.
    #[inline(never)]
    pub(super) fn take_all(&mut self, source: Source) -> Vec<Boxed> {
        let (taken, left) =
            std::mem::take(&mut self.requests).into_iter().partition(|waiting| waiting.source == source);
        self.requests = left;
        taken
    }
}
