use super::hand_over::is_return_page;
use super::kind::Kind;
use super::version::Spoken;
use super::wire::{Fields, Wire, read_id, read_jar, read_kind, read_lifetime, read_timestamp};
use crate::bridge_cookie::BridgeSession;
use crate::cookie::CookieValue;
use crate::error::{BridgeError, Incompatible, Misbehaved};
use crate::jar::JarVerdict;

/// The bridge's answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To a load.
    Loaded {
        /// The session, if the jar contains one.
        session: Option<BridgeSession>,
        /// The verdict on the jar.
        jar: JarVerdict,
    },
    /// To a load: a page has ended the session.
    Ended {
        /// The verdict on the jar.
        jar: JarVerdict,
    },
    /// To a save.
    Saved {
        /// Whether it was written to a shared jar and read back.
        saved: bool,
        /// The verdict on the jar.
        jar: JarVerdict,
    },
    /// To a clear.
    Cleared {
        /// Whether the jar is shared and no longer contains the session.
        cleared: bool,
        /// The verdict on the jar.
        jar: JarVerdict,
    },
    /// To a test.
    Tested {
        /// The verdict on the jar.
        jar: JarVerdict,
    },
    /// To `Trusts`: yes or no.
    Trusted(bool),
    /// To `HandsOver`.
    MayHandOver {
        /// Whether the other page may do its part.
        may: bool,
        /// The path of the return page of the page that asks.
        own_page: String,
        /// The path of the other page's return page.
        other_page: String,
    },
    /// To `Show`: the button is on the page.
    Shown,
    /// To any request that failed.
    Failed(BridgeError),
}

impl Reply {
    /// The object to post, in answer to the request of this `id`.
    #[must_use]
    pub fn to_wire(&self, id: u32) -> Wire {
        let (kind, jar) = match self {
            Self::Loaded { jar, .. } => (Kind::Loaded, Some(jar)),
            Self::Ended { jar } => (Kind::Ended, Some(jar)),
            Self::Saved { jar, .. } => (Kind::Saved, Some(jar)),
            Self::Cleared { jar, .. } => (Kind::Cleared, Some(jar)),
            Self::Tested { jar } => (Kind::Tested, Some(jar)),
            Self::Trusted(_) => (Kind::Trusted, None),
            Self::MayHandOver { .. } => (Kind::MayHandOver, None),
            Self::Shown => (Kind::Shown, None),
            Self::Failed(_) => (Kind::Failed, None),
        };
        let mut wire = Wire::of_kind(kind);
        wire.number("id", id);
        if let Some(jar) = jar {
            wire.jar(jar);
        }
        match self {
            Self::Loaded { session: Some(session), .. } => {
                wire.text("value", session.value.reveal());
                wire.timestamp("at", Some(session.at));
                wire.lifetime(session.lifetime);
            }
            Self::Loaded { session: None, .. } | Self::Ended { .. } | Self::Tested { .. } | Self::Shown => {}
            Self::Saved { saved: done, .. } | Self::Cleared { cleared: done, .. } | Self::Trusted(done) => {
                wire.flag("done", *done);
            }
            Self::MayHandOver { may, own_page, other_page } => {
                wire.flag("done", *may);
                wire.text("ownPage", own_page);
                wire.text("otherPage", other_page);
            }
            Self::Failed(error) => wire.text("code", error.code()),
        }
        wire
    }

    /// Reads a reply; `None` if it has no valid `id`.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<(u32, Self)> {
        let id = read_id(fields)?;
        Some((id, Self::read_body(fields).unwrap_or(Self::Failed(Misbehaved::Reply.into()))))
    }

    fn read_body(fields: &dyn Fields) -> Option<Self> {
        if Spoken::PAGE.version_of(fields).is_none() {
            return Some(Self::Failed(Incompatible::Version.into()));
        }
        let kind = read_kind(fields)?;
        match kind {
            Kind::Failed => return Some(Self::Failed(BridgeError::from_code(&fields.text("code")?)?)),
            Kind::Trusted => return Some(Self::Trusted(fields.flag("done")?)),
            Kind::MayHandOver => {
                let page = |key| fields.text(key).filter(|path| is_return_page(path));
                let (own_page, other_page) = (page("ownPage")?, page("otherPage")?);
                return Some(Self::MayHandOver { may: fields.flag("done")?, own_page, other_page });
            }
            Kind::Shown => return Some(Self::Shown),
            _ => {}
        }
        let jar = read_jar(fields)?;
        match kind {
            Kind::Loaded => {
                let session = match fields.text("value") {
                    Some(value) => Some(BridgeSession {
                        value: CookieValue::parse(&value).ok()?,
                        at: read_timestamp(fields, "at")?,
                        lifetime: read_lifetime(fields).ok()?,
                    }),
                    None => None,
                };
                Some(Self::Loaded { session, jar })
            }
            Kind::Ended => Some(Self::Ended { jar }),
            Kind::Saved => Some(Self::Saved { saved: fields.flag("done")?, jar }),
            Kind::Cleared => Some(Self::Cleared { cleared: fields.flag("done")?, jar }),
            Kind::Tested => Some(Self::Tested { jar }),
            _ => None,
        }
    }
}
