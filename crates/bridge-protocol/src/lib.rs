#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod cookie;
mod error;
mod jar;
mod message;
mod origin;
mod policy;
mod text;

pub use cookie::{
    CookieError, CookieJar, CookieName, CookieValue, InJar, Lifetime, MAX_AGE_SECONDS, MAX_COOKIE_BYTES, Note,
    NoteState, SessionCookie, Stamp, Stored, Written, find,
};
pub use error::{BridgeError, Environment, Incompatible, Misbehaved, Misuse};
pub use jar::{JarState, JarVerdict, Rungs, Via};
pub use message::{
    Field, Fields, Greeting, Hello, NAMESPACE, Nonce, Notice, PortGreeting, Reply, Request, VERSION, Wire,
    incompatible, is_ready, read_reply, read_request, ready, reply, request, welcome,
};
pub use origin::{IframeAddress, Origin, OriginError, ToAscii};
pub use policy::{Access, Grant, IsPublicSuffix, Listed, PolicyError, Property, Rights, Trusted, TrustedDomains};

/// The first line of every script that was built without WebAssembly. `xtask` writes it. `bridge-server` recognises such a site by it, and
/// leaves `'wasm-unsafe-eval'` out of its Content-Security-Policy.
pub const WITHOUT_WASM: &str = "/* Cookie Bridge without WebAssembly */";
