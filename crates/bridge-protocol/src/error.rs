use std::fmt;

use crate::cookie::CookieError;
use crate::words::{line, position};

/// Everything that can go wrong between a host page and the bridge, in families by cause.
///
/// The code is sent in messages and is the `code` of the JavaScript `Error`. Its meaning never changes. Tests compare [`BridgeError::all`] with
/// the codes in `docs/errors.md` and `cookie-provider.d.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BridgeError {
    /// The page used the provider wrongly.
    Misuse(Misuse),
    /// The browser, the network or a setting stands in the way.
    Environment(Environment),
    /// The other side is of another version.
    Incompatible(Incompatible),
    /// The other side broke the protocol.
    Misbehaved(Misbehaved),
}

/// Defines a family of errors: each variant with its code and its message, which says what to do.
macro_rules! errors {
    ($(#[$about:meta])* $family:ident { $($variant:ident = $code:literal, $message:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $family { $(#[doc = $message] $variant),* }

        impl $family {
            const ALL: &[BridgeError] = &[$(BridgeError::$family(Self::$variant)),*];

            /// A line for each variant; see `words`.
            const CODES: &str = concat!($($code, "\n"),*);
            const MESSAGES: &str = concat!($($message, "\n"),*);
        }

        impl From<$family> for BridgeError {
            fn from(error: $family) -> Self {
                Self::$family(error)
            }
        }
    };
}

errors! {
    /// The page used the provider wrongly.
    Misuse {
        IframeUrl = "iframe-url-invalid", "IFRAME_URL must be an https address (http only on localhost).";
        CookieName = "cookie-name-invalid", "SESSION_COOKIE_NAME must be a cookie name of letters, digits, - or _.";
        CookieValue = "cookie-value-invalid", "The session has characters that a cookie cannot have; use encodeURIComponent.";
        CookieTooLarge = "cookie-too-large", "The session is too large: name and value may have 4068 bytes together, 4059 with maxAge.";
        Lifetime = "lifetime-invalid", "maxAge must be 1 to 34560000 seconds.";
        CallTimeout = "timeout-invalid", "timeout must be 1 to 600000 milliseconds.";
        Rungs = "access-invalid", "access must be a list of \"cookie\", \"storage-access\", \"popup\", \"link\", \"store\".";
        RungForbidden = "rung-forbidden", "The option access does not allow this call.";
        NoElement = "element-missing", "The access button needs an element of this page.";
        SessionMissing = "session-missing", "No script sees a session cookie of this name yet; save after the chat has set it, without HttpOnly.";
        Destroyed = "destroyed", "This provider was destroyed; create a new one.";
    }
}

errors! {
    /// The browser, the network or a setting stands in the way.
    Environment {
        WasmBlocked = "wasm-blocked", "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src.";
        WasmMissing = "wasm-missing", "The browser has no WebAssembly, or one that is too old; use the build without WebAssembly.";
        StartFailed = "start-failed", "The script cannot work on this page: the browser lacks something, or the page has changed it; see the console.";
        ScriptAltered = "script-altered", "Something has changed cookie-provider.js on its way to this page; exclude it from what rewrites scripts.";
        IframeUnreachable = "iframe-unreachable", "There is no bridge at IFRAME_URL; check the address and the bridge's frame-ancestors.";
        IframeIsolated = "iframe-isolated", "This page's Cross-Origin-Embedder-Policy keeps the bridge out; send the bridge's pages with the headers that check-site writes.";
        IframeRedirected = "iframe-redirected", "IFRAME_URL redirects to another origin; pass the address at which it ends.";
        IframeForbidden = "iframe-forbidden", "The page's Content-Security-Policy forbids the bridge; add the origin of IFRAME_URL to frame-src.";
        OriginNotTrusted = "origin-not-trusted", "The bridge does not answer this page; add its origin to TRUSTED_DOMAINS.";
        BridgeNotRunning = "bridge-not-running", "The bridge page is there, but its script does not run: its headers are older than the page, or something rewrites it.";
        ListUnreadable = "list-unreadable", "The bridge cannot read TRUSTED_DOMAINS: its headers are older than the list, or the list has a syntax error.";
        NotAllowed = "not-allowed", "TRUSTED_DOMAINS does not allow this page to do this with this session.";
        Timeout = "timeout", "The bridge did not answer in time.";
        HttpOnly = "session-http-only", "The session's cookie is HttpOnly (or Secure, on a page without https), so no script can use it; set it without.";
        ConsentWithdrawn = "consent-withdrawn", "The page has withdrawn the visitor's consent.";
        FirstPartyRefused = "first-party-cookie-refused", "The browser did not keep this page's own cookie; cookies are blocked.";
        SaveRefused = "save-refused", "The browser did not keep the bridge's cookie.";
        AccessNeedsVisit = "access-needs-visit", "Storage access needs a click in the popup first; offer continueSession with confirm.";
        AccessRefused = "access-refused", "Storage access was refused; offer continueSession.";
        AccessPending = "access-pending", "The visitor has not answered the browser's prompt.";
        ButtonHidden = "access-button-hidden", "The access button is not visible; give it room, and let nothing cover it.";
        PopupBlocked = "popup-blocked", "The browser blocked the popup; call continueSession inside a click.";
        PopupClosed = "popup-closed", "The popup was closed before it had finished.";
        PopupCutOff = "popup-cut-off", "The popup was closed at once, or a Cross-Origin-Opener-Policy cuts it off; use same-origin-allow-popups.";
        HandOverNoReturnPage = "handoff-no-return-page", "This domain has no return page that works; host cookie-bridge.html and cookie-bridge.js.";
        HandOverNotTrusted = "handoff-not-trusted", "The link comes from a page that may not hand over a session here.";
        HandOverExpired = "handoff-expired", "The link is too old, was used before, or was meant for another page.";
        HandOverRunning = "handoff-session-running", "This page already has a session; a link never replaces one.";
        HandOverUnreadable = "handoff-unreadable", "The link does not contain a valid session.";
        SessionLost = "session-lost", "The saved session is gone: the browser evicted it, or the visitor cleared it.";
        Superseded = "session-superseded", "Another page saved a later session; load it.";
        Replaced = "session-replaced", "The visitor began a session here before the bridge answered; it takes the place of the one that the bridge had.";
        ReferenceInvalid = "reference-invalid", "The bridge server has no key for the reference's signature; compare the keys.";
        ReferenceExpired = "reference-expired", "The customer's reference has expired; sign a new one.";
        StoreUnavailable = "store-unavailable", "The bridge server did not answer; check options.server, this page's connect-src and the server.";
        ClearRefused = "clear-refused", "The browser did not remove the session cookie; one of this name may have another path or domain.";
    }
}

errors! {
    /// The other side is of another version.
    Incompatible {
        Version = "version-mismatch", "The bridge no longer speaks this page's version; install cookie-provider.js from the bridge's release.";
        BridgeOutdated = "bridge-outdated", "The bridge is older than cookie-provider.js; install iframe.html from the same release.";
    }
}

errors! {
    /// The other side broke the protocol.
    Misbehaved {
        Request = "request-malformed", "The bridge could not read a request.";
        Reply = "reply-malformed", "The bridge's answer could not be read.";
        StoredValue = "stored-value-malformed", "The bridge's cookie has a value that the bridge did not write.";
        TooManyRequests = "too-many-requests", "Too many calls are waiting.";
    }
}

impl BridgeError {
    /// Each family's errors with their codes.
    const FAMILIES: [(&[Self], &str); 4] = [
        (Misuse::ALL, Misuse::CODES),
        (Environment::ALL, Environment::CODES),
        (Incompatible::ALL, Incompatible::CODES),
        (Misbehaved::ALL, Misbehaved::CODES),
    ];

    /// Every error there is.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::FAMILIES.into_iter().flat_map(|(errors, _)| errors).copied()
    }

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        let (codes, at) = match self {
            Self::Misuse(error) => (Misuse::CODES, error as usize),
            Self::Environment(error) => (Environment::CODES, error as usize),
            Self::Incompatible(error) => (Incompatible::CODES, error as usize),
            Self::Misbehaved(error) => (Misbehaved::CODES, error as usize),
        };
        line(codes, at)
    }

    /// What happened and what to do, for the page's developers.
    #[must_use]
    pub fn message(self) -> &'static str {
        let (messages, at) = match self {
            Self::Misuse(error) => (Misuse::MESSAGES, error as usize),
            Self::Environment(error) => (Environment::MESSAGES, error as usize),
            Self::Incompatible(error) => (Incompatible::MESSAGES, error as usize),
            Self::Misbehaved(error) => (Misbehaved::MESSAGES, error as usize),
        };
        line(messages, at)
    }

    /// The error with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let found = Self::FAMILIES.iter().find_map(|(errors, codes)| Some((errors, position(codes, code)?)));
        found.and_then(|(errors, at)| errors.get(at)).copied()
    }
}

impl From<CookieError> for BridgeError {
    fn from(error: CookieError) -> Self {
        Self::Misuse(match error {
            CookieError::Name => Misuse::CookieName,
            CookieError::Value => Misuse::CookieValue,
            CookieError::TooLarge => Misuse::CookieTooLarge,
            CookieError::Lifetime => Misuse::Lifetime,
        })
    }
}

impl fmt::Display for BridgeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.message())
    }
}

impl std::error::Error for BridgeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn codes() -> BTreeSet<&'static str> {
        BridgeError::all().map(BridgeError::code).collect()
    }

    #[test]
    fn codes_are_distinct_and_found_again() {
        assert_eq!(codes().len(), BridgeError::all().count());
        for error in BridgeError::all() {
            assert_eq!(BridgeError::from_code(error.code()), Some(error));
        }
        assert_eq!(BridgeError::from_code("constructor"), None);
    }

    #[test]
    fn the_typescript_declarations_list_exactly_these_codes() {
        let types = include_str!("../../cookie-provider/cookie-provider.d.ts");
        let union = types.split("type CookieBridgeErrorCode =").nth(1).unwrap().split(';').next().unwrap();
        assert_eq!(union.split('"').skip(1).step_by(2).collect::<BTreeSet<_>>(), codes());
    }

    #[test]
    fn the_documents_have_a_row_for_exactly_these_codes() {
        let rows = include_str!("../../../docs/errors.md")
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(code, _)| code));
        assert_eq!(rows.collect::<BTreeSet<_>>(), codes());
    }
}
