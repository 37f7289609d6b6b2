//! What comes out of the core: what the page is to do, and how calls end.

use bridge_protocol::{BridgeError, CookieValue, Environment, JarVerdict, Misuse, Via, Wire};

/// Something for the page to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Post this to the iframe's window with one end of a new channel, and listen to the other end only.
    Greet(Wire),
    /// Post this over the port to the iframe.
    Post(Wire),
    /// Report `Expired` for this call after so many milliseconds.
    StartTimer {
        /// The call.
        id: u32,
        /// Milliseconds.
        timeout: f64,
    },
    /// Report `FrameDue` after so many milliseconds.
    StartFrameTimer(f64),
    /// Report `LookedAgain` after so many milliseconds.
    LookLater(f64),
    /// Report `OfferExpired` after so many milliseconds.
    StartOfferTimer(f64),
    /// The call is over.
    Settle {
        /// The call.
        id: u32,
        /// How it ended.
        result: Result<Outcome, BridgeError>,
    },
    /// Make this call again: there is consent now.
    Repeat(u32),
    /// Call the page's listeners.
    Emit(Outcome),
    /// Write this to the console, for the page's developer: no call reports it.
    Warn(BridgeError),
    /// Write to the console that the server's origin is missing in `connect-src` of the page's policy.
    WarnOfConnectSrc,
    /// Put a new iframe in place of the one before, as soon as that suits the page: where that one was shown, if the page still has the place, or
    /// else hidden.
    InsertFrame,
    /// Put a new iframe into the element that the page passed with this call, if the page still has that, or else hidden.
    MountFrame(u32),
    /// Remove the iframe and close the port.
    RemoveFrame,
    /// Open the bridge in a popup, before this event is over.
    OpenPopup,
    /// As `Greet`, to the popup.
    GreetPopup(Wire),
    /// As `Post`, to the popup.
    PostPopup(Wire),
    /// Close the popup.
    ClosePopup,
    /// Hand sessions over by links from now on: look for what a link has brought, and at the page's own links.
    BeginHandOver,
    /// Remove from the page's storage what hand-overs and chats have left there.
    RemoveNotes,
    /// Look whether this page's own return page is at this path, and report `ReturnPageSeen`.
    LookForReturnPage(String),
    /// Leave for the return page at this address, and ask it for the session.
    AskForSession {
        /// Of the origin that offered the session.
        address: String,
        /// The path of this page's own return page, which is to bring the answer.
        own_page: String,
    },
    /// Nothing comes of the offer for this provider: no other provider of the page needs to wait for it.
    DeclineOffer,
    /// Ask the bridge server, once it has answered the question before. The `id` names the question in `ServerAnswered`.
    PostToServer(Wire),
}

/// How a call ended well, or what listeners hear.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// `loadCookie`: this session is now the page's own cookie.
    Loaded {
        /// The session, if there was one.
        value: Option<CookieValue>,
        /// What the jar is worth.
        jar: JarVerdict,
        /// The rung through which it came.
        via: Via,
        /// Why there is none any more, if this page's session was kept once.
        error: Option<BridgeError>,
    },
    /// `saveCookie`.
    Saved {
        /// Whether it was read back from a shared jar.
        saved: bool,
        /// What the jar is worth.
        jar: JarVerdict,
        /// The rung through which it went.
        via: Via,
    },
    /// `clearCookie`: the page's own cookie is gone.
    Cleared {
        /// Whether it is gone from a shared jar.
        cleared: bool,
        /// What the jar is worth.
        jar: JarVerdict,
        /// The rung through which it went.
        via: Via,
    },
    /// `cookieTest`.
    Tested {
        /// What the jar is worth.
        jar: JarVerdict,
        /// Why it is unreachable, or why no click in the iframe can lead to storage access.
        error: Option<BridgeError>,
        /// Whether `continueSession` is allowed.
        can_continue: bool,
    },
    /// `mountAccessButton`, or what came of the button.
    Access {
        /// What the jar is worth, if the visitor has decided.
        decided: Option<JarVerdict>,
        /// Why access is not granted: it was refused, the browser's question is open, or the button cannot be seen.
        error: Option<BridgeError>,
    },
    /// `continueSession`.
    Continued {
        /// Whether something that had not been shared was saved now.
        saved: bool,
        /// The session, which is now the page's own cookie.
        value: Option<CookieValue>,
        /// What the popup's jar is worth.
        jar: JarVerdict,
        /// Why there is none any more, if this page's session was kept once.
        error: Option<BridgeError>,
    },
    /// `setConsent`: whether it is as the page wants, also in the bridge.
    Consent(bool),
    /// `isTrusted`.
    Trusted(bool),
    /// A link's session was refused.
    Refused(BridgeError),
    /// The bridge has another session now.
    Changed {
        /// It, or none.
        value: Option<CookieValue>,
    },
}

impl Outcome {
    /// Whether a load, a save or a clear shared nothing.
    pub(super) fn is_local(&self) -> bool {
        matches!(self, Self::Loaded { via, .. } | Self::Saved { via, .. } | Self::Cleared { via, .. } if *via == Via::Local)
    }
}

/// The actions of one event, in their order. Its methods are not inlined: they are called from everywhere, in a script that every page
/// loads.
#[derive(Default)]
pub(super) struct Actions(pub(super) Vec<Action>);

impl Actions {
    #[inline(never)]
    pub(super) fn push(&mut self, action: Action) {
        self.0.push(action);
    }

    /// The call ends. Nobody needs to await a call, so a failure is also on the console, unless the page itself brought it about.
    #[inline(never)]
    pub(super) fn settle(&mut self, id: u32, result: Result<Outcome, BridgeError>) {
        if let Err(error) = result
            && !is_by_page(error)
        {
            self.push(Action::Warn(error));
        }
        self.push(Action::Settle { id, result });
    }

    pub(super) fn emit(&mut self, outcome: Outcome) {
        self.push(Action::Emit(outcome));
    }

    /// A link or the bridge server could not help.
    #[inline(never)]
    pub(super) fn refuse(&mut self, error: BridgeError) {
        self.push(Action::Warn(error));
        self.push(Action::Emit(Outcome::Refused(error)));
    }

    /// A test answers that there is no bridge, and why; every other call fails. One that the page has ended itself answers nothing.
    #[inline(never)]
    pub(super) fn fail(&mut self, id: u32, is_test: bool, error: BridgeError) {
        if is_test && !is_by_page(error) {
            self.push(Action::Warn(error));
            let tested = Outcome::Tested { jar: JarVerdict::UNREACHABLE, error: Some(error), can_continue: false };
            self.push(Action::Settle { id, result: Ok(tested) });
        } else {
            self.settle(id, Err(error));
        }
    }
}

/// Whether the page itself has ended the call: it destroyed the provider, or withdrew consent.
fn is_by_page(error: BridgeError) -> bool {
    matches!(error, BridgeError::Misuse(Misuse::Destroyed) | BridgeError::Environment(Environment::ConsentWithdrawn))
}
