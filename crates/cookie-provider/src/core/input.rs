//! What goes into the core: what the page wants, and what happened in it.
//!
//! JavaScript reports it in its own words: the name of an event, and an object with the event's fields.

use bridge_protocol::{CookieJar, Fields, IframeAddress, Nonce, Rungs};

/// What the page passed to the constructor, and what the page is. An option that was passed but is no number is NaN.
pub struct Settings {
    /// `SESSION_COOKIE_NAME`; empty if it was not a string.
    pub name: String,
    /// Whether `IFRAME_URL` is an address at which a bridge can be.
    pub is_iframe_url: bool,
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
            bridge_origin: text("bridgeOrigin"),
            server_origin: text("serverOrigin"),
            timeout: number(fields, "timeout"),
            max_age: number(fields, "maxAge"),
            rungs: if fields.is_absent("access") { Some(Rungs::DEFAULT) } else { Rungs::parse(&text("access")) },
            is_secure: flag(fields, "isSecure"),
            has_reference: flag(fields, "hasReference"),
        }
    }
}

#[inline(never)]
pub(super) fn text(fields: &dyn Fields, key: &str) -> String {
    fields.text(key).unwrap_or_default()
}

#[inline(never)]
fn flag(fields: &dyn Fields, key: &str) -> bool {
    fields.flag(key) == Some(true)
}

/// An option that is a number; one that is set but is none is NaN, which no bound lets pass.
#[inline(never)]
pub(crate) fn number(fields: &dyn Fields, key: &str) -> Option<f64> {
    if fields.is_absent(key) { None } else { Some(fields.number(key).unwrap_or(f64::NAN)) }
}

/// A method that the page called.
pub enum Call {
    /// `loadCookie()`.
    Load,
    /// `saveCookie(value, { maxAge })`.
    Save {
        /// The value to save.
        value: Given,
        /// In seconds, instead of the constructor's.
        max_age: Option<f64>,
    },
    /// `clearCookie()`.
    Clear,
    /// `cookieTest()`.
    Test,
    /// `isTrusted(origin)`.
    Trusts(String),
    /// `mountAccessButton(element, options)`.
    Mount {
        /// Whether the element is one.
        has_element: bool,
        /// The button's label and look as JSON, which the bridge reads.
        button: String,
    },
    /// `continueSession({ confirm })`.
    Continue {
        /// The label and look of the popup's button as JSON, if the visitor has to click there.
        confirm: Option<String>,
    },
}

/// The value that the page passed to `saveCookie`.
pub enum Given {
    /// None: the page's own cookie is meant.
    Nothing,
    /// This one.
    Text(String),
    /// Something that is not a string.
    NotText,
}

/// The page that the provider is in, as it is at the moment of an event. Its cookies are the page's own.
pub trait HostPage: CookieJar {
    /// Removes the cookies of this name that the page's host set for `/`, and those of every domain above it.
    fn remove_everywhere(&mut self, name: &str);
    /// The iframe.
    fn frame(&self) -> FrameView;
    /// A number that no other page can guess.
    fn nonce(&self) -> Nonce;
}

/// What the page sees of the iframe. Of a document of another origin it sees only how many frames are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// `iframe.isConnected`: whether the iframe is in the page's document.
    pub is_connected: bool,
    /// `iframe.contentWindow.length`: the frames inside the iframe's document.
    pub inner_frames: u32,
}

impl FrameView {
    /// A bridge page has exactly one inner frame, whoever embeds it.
    pub(super) fn is_bridge(self) -> bool {
        self.inner_frames == 1
    }
}

/// Something that happened.
pub enum Event<'a> {
    /// The constructor ran.
    Opened,
    /// The page called a method.
    Call {
        /// Names the call from now on; no other call has the same number.
        id: u32,
        /// The method.
        call: Call,
    },
    /// A document was loaded into the iframe, for the first time or again.
    FrameLoaded,
    /// The page's Content-Security-Policy was violated. The fields are those of the `SecurityPolicyViolationEvent`, but for the `origin`
    /// in place of `blockedURI`.
    PolicyViolated(&'a dyn Fields),
    /// The port to the iframe received a message.
    Message(&'a dyn Fields),
    /// The time of a call is up.
    Expired(u32),
    /// The time to look at the page's own cookie again is up.
    LookedAgain,
    /// The page came into the visitor's view, or listens for changes from now on.
    Visible,
    /// The browser opened no popup.
    PopupBlocked,
    /// The popup's window posted a message to the page's window.
    PopupSent {
        /// `event.origin`.
        origin: String,
        /// `event.data`.
        data: &'a dyn Fields,
    },
    /// The port to the popup received a message.
    PopupMessage(&'a dyn Fields),
    /// The popup is closed, or a header cut this page off from it: the browser shows both as `closed`.
    PopupClosed,
    /// The page was reached by a link that is part of a hand-over; see `Arrival`.
    Arrived(&'a dyn Fields),
    /// What the link brought, opened; `None` if it could not be opened.
    HandedOver(Option<String>),
    /// Nobody vouched in time for the origin that offered a session.
    OfferExpired,
    /// The visitor may be about to follow a link to this origin.
    LinkNear(String),
    /// The bridge server answered, or could not be reached.
    StoreAnswered {
        /// The number of the question.
        number: u32,
        /// `response.ok`: a status from 200 to 299, with JSON in the body.
        is_ok: bool,
        /// The object in the body; without fields, if there is none.
        body: &'a dyn Fields,
    },
    /// A chat on the page is about to read the page's own session: of two cookies of the name, only the one that counts is to be left.
    OwnSessionWanted,
    /// A chat on the page has learned that the session ended elsewhere.
    OwnSessionEnded,
    /// The page called `destroy()`.
    Destroy,
}

impl<'a> Event<'a> {
    /// Reads an event that JavaScript reports: its name, its fields, and the data that came with it from outside the page. `None` if there is
    /// no such event, or a field of it is missing.
    pub fn read(name: &str, fields: &'a dyn Fields, data: &'a dyn Fields) -> Option<Self> {
        let text = |key| text(fields, key);
        let flag = |key| flag(fields, key);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        let id = fields.number("id").unwrap_or_default() as u32;
        let call = match name {
            "load" => Call::Load,
            "clear" => Call::Clear,
            "test" => Call::Test,
            "trusts" => Call::Trusts(text("origin")),
            "mount" => Call::Mount { has_element: flag("hasElement"), button: text("button") },
            "continue" => Call::Continue { confirm: fields.text("confirm") },
            "opened" => return Some(Self::Opened),
            "frame-loaded" => return Some(Self::FrameLoaded),
            "message" => return Some(Self::Message(data)),
            "expired" => return Some(Self::Expired(id)),
            "looked-again" => return Some(Self::LookedAgain),
            "visible" => return Some(Self::Visible),
            "policy-violated" => return Some(Self::PolicyViolated(fields)),
            "popup-blocked" => return Some(Self::PopupBlocked),
            "popup-sent" => return Some(Self::PopupSent { origin: text("origin"), data }),
            "popup-message" => return Some(Self::PopupMessage(data)),
            "popup-closed" => return Some(Self::PopupClosed),
            "arrived" => return Some(Self::Arrived(fields)),
            "handed-over" => return Some(Self::HandedOver(fields.text("session"))),
            "offer-expired" => return Some(Self::OfferExpired),
            "link-near" => return Some(Self::LinkNear(text("origin"))),
            "store-answered" => return Some(Self::StoreAnswered { number: id, is_ok: flag("isOk"), body: data }),
            "own-session-wanted" => return Some(Self::OwnSessionWanted),
            "own-session-ended" => return Some(Self::OwnSessionEnded),
            "destroyed" => return Some(Self::Destroy),
            _ => return None,
        };
        Some(Self::Call { id, call })
    }
}
