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
    Field, Fields, Greeting, Hello, NAMESPACE, Nonce, Notice, PortGreeting, Ready, Reply, Request, VERSION, Wire,
};
pub use origin::{IframeAddress, Origin, OriginError, ToAscii};
pub use policy::{Access, Grant, IsPublicSuffix, Listed, PolicyError, Property, Rights, Trusted, TrustedDomains};
