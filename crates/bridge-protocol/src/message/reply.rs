use super::wire::{Fields, Wire, has_our_version, read_id, read_jar, read_stamp};
use crate::cookie::CookieValue;
use crate::error::{BridgeError, Incompatible, Misbehaved};
use crate::jar::JarVerdict;
use crate::stored::Stored;

/// What the bridge answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To a load.
    Loaded {
        /// The session, if the jar has one.
        session: Option<Stored>,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a load: there is none, because a page has ended it.
    Ended {
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a save.
    Saved {
        /// Whether it was written to a shared jar and read back.
        saved: bool,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a clear: the session is not in the jar, or not in one that is shared.
    Cleared {
        /// Whether the shared jar has no such session any more.
        cleared: bool,
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// To a test.
    Tested {
        /// What the jar is worth.
        jar: JarVerdict,
    },
    /// Whether the origin is in the list.
    Trusted(bool),
    /// The button is there.
    Shown,
    /// To any request that went wrong.
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

    /// Reads a reply; `None` where it names no request.
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
