use super::wire::{Fields, Wire, has_our_version, read_id, read_jar, read_stamp};
use crate::cookie::CookieValue;
use crate::error::{BridgeError, Incompatible, Misbehaved};
use crate::jar::JarVerdict;
use crate::stored::Stored;

/// The bridge's answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To a load.
    Loaded {
        /// The session, if the jar contains one.
        session: Option<Stored>,
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
    /// To `Trusts` and `HandsOver`: yes or no.
    Trusted(bool),
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
            Self::Loaded { jar, .. } => ("loaded", Some(jar)),
            Self::Ended { jar } => ("ended", Some(jar)),
            Self::Saved { jar, .. } => ("saved", Some(jar)),
            Self::Cleared { jar, .. } => ("cleared", Some(jar)),
            Self::Tested { jar } => ("tested", Some(jar)),
            Self::Trusted(_) => ("trusted", None),
            Self::Shown => ("shown", None),
            Self::Failed(_) => ("failed", None),
        };
        let mut wire = Wire::of_kind(kind);
        wire.number("id", id);
        if let Some(jar) = jar {
            wire.jar(jar);
        }
        match self {
            Self::Loaded { session: Some(session), .. } => {
                wire.text("value", session.value.reveal());
                wire.stamp("at", Some(session.at));
            }
            Self::Loaded { session: None, .. } | Self::Ended { .. } | Self::Tested { .. } | Self::Shown => {}
            Self::Saved { saved: done, .. } | Self::Cleared { cleared: done, .. } | Self::Trusted(done) => {
                wire.flag("done", *done);
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
        if !has_our_version(fields) {
            return Some(Self::Failed(Incompatible::Version.into()));
        }
        let kind = fields.text("kind")?;
        if kind == "failed" {
            return Some(Self::Failed(BridgeError::from_code(&fields.text("code")?)?));
        }
        match kind.as_str() {
            "trusted" => return Some(Self::Trusted(fields.flag("done")?)),
            "shown" => return Some(Self::Shown),
            _ => {}
        }
        let jar = read_jar(fields)?;
        match kind.as_str() {
            "loaded" => {
                let session = match fields.text("value") {
                    Some(value) => {
                        Some(Stored { value: CookieValue::parse(&value).ok()?, at: read_stamp(fields, "at")? })
                    }
                    None => None,
                };
                Some(Self::Loaded { session, jar })
            }
            "ended" => Some(Self::Ended { jar }),
            "saved" => Some(Self::Saved { saved: fields.flag("done")?, jar }),
            "cleared" => Some(Self::Cleared { cleared: fields.flag("done")?, jar }),
            "tested" => Some(Self::Tested { jar }),
            _ => None,
        }
    }
}
