//! What goes into the core: what the page wants, and what happened in it.
//!
//! JavaScript reports it in its own words: the name of an event, and an object with the event's fields.

use bridge_protocol::{CookieJar, Fields, IframeAddress, Nonce, Rungs, words};

/// What the page passed to the constructor, and what the page is. An option that was passed but is no number is NaN.
pub struct Settings {
    /// `SESSION_COOKIE_NAME`; empty if it was not a string.
    pub name: String,
    /// Whether `IFRAME_URL` is an address at which a bridge can be.
    pub is_iframe_url: bool,
    /// The page's own origin.
    pub origin: String,
    /// The origin of `IFRAME_URL`; empty if it is no address.
    pub bridge_origin: String,
    /// The origin of `options.server`; empty if there is none.
    pub server_origin: String,
    /// `options.timeout`, in milliseconds.
    pub timeout: Option<f64>,
    /// `options.maxAge`, in seconds.
    pub max_age: Option<f64>,
    /// `options.access`; `None` if it is not a list of rungs.
    pub rungs: Option<Rungs>,
    /// Whether the page was loaded over `https`.
    pub is_secure: bool,
    /// Whether the page gave a reference of the customer.
    pub has_reference: bool,
    /// `crossOriginIsolated`: whether the page's Cross-Origin-Embedder-Policy is in force, which lets no frame in that is not sent with one.
    pub is_isolated: bool,
    /// Whether the page says nothing of consent, or that it is given.
    pub has_consent: bool,
}

impl Settings {
    /// Reads what `page/open.js` reports.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Self {
        let text = |key| text(fields, key);
        let (protocol, hostname) = (text("protocol"), text("hostname"));
        Self {
            name: text("name"),
            is_iframe_url: IframeAddress { protocol: &protocol, hostname: &hostname }.is_acceptable(),
            origin: text("origin"),
            bridge_origin: text("bridgeOrigin"),
            server_origin: text("serverOrigin"),
            timeout: number(fields, "timeout"),
            max_age: number(fields, "maxAge"),
            rungs: if fields.is_absent("access") { Some(Rungs::DEFAULT) } else { Rungs::parse(&text("access")) },
            is_secure: flag(fields, "isSecure"),
            has_reference: flag(fields, "hasReference"),
            is_isolated: flag(fields, "isIsolated"),
            has_consent: flag(fields, "hasConsent"),
        }
    }
}

#[inline(never)]
pub(super) fn text(fields: &dyn Fields, key: &str) -> String {
    fields.text(key).unwrap_or_default()
}

#[inline(never)]
pub(super) fn flag(fields: &dyn Fields, key: &str) -> bool {
    fields.flag(key) == Some(true)
}

/// An option that is a number; one that is set but is none is NaN, which no bound lets pass.
#[inline(never)]
pub(super) fn number(fields: &dyn Fields, key: &str) -> Option<f64> {
    if fields.is_absent(key) { None } else { Some(fields.number(key).unwrap_or(f64::NAN)) }
}

/// The page that the provider is in, as it is at the moment of an event. Its cookies are the page's own.
pub trait HostPage: CookieJar {
    /// Removes the cookies of this name that the page sees: of its host and every domain above it, for each path.
    fn remove_everywhere(&mut self, name: &str);
    /// Whether a cookie of this name is there that no script sees. Only for a name of which the page sees none.
    fn is_hidden(&mut self, name: &str) -> bool;
    /// Whether the visitor has clicked or typed in the page.
    fn is_in_use(&self) -> bool;
    /// The iframe.
    fn frame(&self) -> FrameView;
    /// A number that no other page can guess.
    fn nonce(&self) -> Nonce;
}

/// What the page sees of the iframe. Of a document of another origin it sees only how many frames are in it, and whether one of a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// Whether the iframe is in the page's document, or will be as soon as that suits the page.
    pub is_connected: bool,
    /// `iframe.contentWindow.length`: the frames inside the iframe's document.
    pub inner_frames: u32,
    /// Whether one of them has the name of the marker, which a bridge's script inserts.
    pub has_marker: bool,
    /// Whether one of them has the name that is there until a bridge's script runs.
    pub awaits_script: bool,
}

impl FrameView {
    /// A bridge page has the marker, whoever embeds it and whatever else is in it. The first release's had no name, and was the only frame.
    pub(super) fn is_bridge(self) -> bool {
        self.has_marker || (self.inner_frames == 1 && !self.awaits_script)
    }

    /// Whether it is a bridge's page whose script has not run.
    pub(super) fn is_stopped(self) -> bool {
        self.awaits_script && !self.has_marker
    }
}

words! {
    /// What can happen.
    pub enum Name {
        /// The constructor ran.
        Opened = "opened",
        /// The page called `loadCookie()`. This and the other methods have an `id`, which names the call from now on; no other call has the same.
        Load = "load",
        /// `saveCookie(value, { maxAge })`. Without a `value`, the page's own cookie is meant.
        Save = "save",
        /// `clearCookie()`.
        Clear = "clear",
        /// `cookieTest()`.
        Test = "test",
        /// `isTrusted(origin)`.
        Trusts = "trusts",
        /// `mountAccessButton(element, options)`: `hasElement`, and `button`, the button's label and look as JSON, which the bridge reads.
        Mount = "mount",
        /// `continueSession({ confirm, accessElement, accessButton })`: `confirm` is the label and look of the popup's button as JSON, if the visitor
        /// has to click there; `hasElement` and `button` are as for `Mount`, if the page wants the access button afterwards.
        Continue = "continue",
        /// The iframe was put into the page, or put in again at the moment that suits the page. `isShown` if it is in the element of the access button.
        FrameInserted = "frame-inserted",
        /// The iframe is no longer in the page: it was removed, or an element around it was.
        FrameGone = "frame-gone",
        /// The time until the removed iframe is put back is up.
        FrameDue = "frame-due",
        /// A document was loaded into the iframe, for the first time or again.
        FrameLoaded = "frame-loaded",
        /// The iframe's window posted a message, the data, to the page's window: `origin` is the event's.
        FrameSent = "frame-sent",
        /// The page's Content-Security-Policy was violated. The fields are those of the `SecurityPolicyViolationEvent`, but for the `origin` in
        /// place of `blockedURI`. Or its Cross-Origin-Embedder-Policy kept a frame out: then the `effectiveDirective` is the report's type, `coep`.
        PolicyViolated = "policy-violated",
        /// The port to the iframe received a message, the data.
        Message = "message",
        /// The time of the call `id` is up.
        Expired = "expired",
        /// The time to look at the page's own cookie again is up.
        LookedAgain = "looked-again",
        /// The page came into the visitor's view, or listens for changes from now on.
        Visible = "visible",
        /// The page came into the visitor's view, or is online again: what has failed may succeed now.
        Back = "back",
        /// The browser opened no popup.
        PopupBlocked = "popup-blocked",
        /// The popup's window posted a message, the data, to the page's window: `origin` is the event's.
        PopupSent = "popup-sent",
        /// The port to the popup received a message, the data.
        PopupMessage = "popup-message",
        /// The popup is closed, or a header cut this page off from it: the browser shows both as `closed`.
        PopupClosed = "popup-closed",
        /// The page was reached by a link with an offer, the `text`.
        Arrived = "arrived",
        /// The page's return page has brought a `session`, or the `code` that says why there is none.
        HandedOver = "handed-over",
        /// The page has looked for its own return page: `isThere` if it can do its work.
        ReturnPageSeen = "return-page-seen",
        /// Nobody vouched in time for the origin that offered a session.
        OfferExpired = "offer-expired",
        /// The visitor may be about to follow a link to this `origin`.
        LinkNear = "link-near",
        /// The bridge server answered the question `id`, or could not be reached. `isOk` is `response.ok`: a status from 200 to 299, with JSON in the
        /// body. The data is the object in the body.
        ServerAnswered = "server-answered",
        /// A chat on the page is about to read the page's own session: of two cookies of the name, only the one that counts is to be left.
        OwnSessionWanted = "own-session-wanted",
        /// A chat on the page has learned that the session ended elsewhere.
        OwnSessionEnded = "own-session-ended",
        /// `setConsent(true)`: the calls that waited for it are made now. This and the next have an `id`, as a method has.
        ConsentGiven = "consent-given",
        /// `setConsent(false)`.
        ConsentWithdrawn = "consent-withdrawn",
        /// The page called `destroy()`.
        Destroyed = "destroyed",
    }
}

/// Something that happened.
pub struct Event<'a> {
    /// What.
    pub name: Name,
    /// What belongs to it, as `Name` says.
    pub fields: &'a dyn Fields,
    /// What came with it from outside the page.
    pub data: &'a dyn Fields,
}
