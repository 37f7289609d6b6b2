#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bridge_cookie;
mod cookie;
mod error;
mod jar;
mod ladder;
mod message;
mod note;
mod origin;
mod own_cookie;
mod policy;
mod text;
mod timestamp;
mod visit;
mod words;

pub use bridge_cookie::{BridgeSession, InJar, SessionCookie, Written};
pub use cookie::{
    CookieError, CookieJar, CookieName, CookieValue, Lifetime, MAX_AGE_SECONDS, MAX_COOKIE_BYTES, count, find,
};
pub use error::{BridgeError, Environment, Incompatible, Misbehaved, Misuse};
pub use jar::{AccessRequest, JarState, JarVerdict};
pub use ladder::{Rungs, Via};
pub use message::{
    Ask, Field, Fields, Give, GiveNone, Greeting, Hello, NAMESPACE, Nonce, Notice, Offer, PortGreeting, RETURN_PAGE,
    Ready, Reply, Request, Spoken, VERSION, Wire, is_return_page,
};
pub use note::{Note, NoteState};
pub use origin::{IframeAddress, Origin, OriginError, ToAscii};
pub use policy::{Admitted, IsPublicSuffix, Listed, Operation, PolicyError, Property, Rights, Trusted, TrustedDomains};
pub use text::join;
pub use timestamp::Timestamp;
pub use visit::Visit;
#[doc(hidden)]
pub use words::{line, position};

/// The name of the frame that the bridge's script inserts into its page. A page of any origin can see it, and so distinguishes a bridge that does
/// not trust the page from an address without a bridge.
pub const MARKER: &str = "cookie-bridge";

/// The name of the frame in `iframe.html` that the browser does not come to if the bridge's script runs.
pub const STOPPED: &str = "cookie-bridge-stopped";

/// The first line of every script that was built without WebAssembly. `xtask` writes it. `bridge-server` recognises such a site by it, and
/// leaves `'wasm-unsafe-eval'` out of its Content-Security-Policy.
pub const WITHOUT_WASM: &str = "/* Cookie Bridge without WebAssembly */";
