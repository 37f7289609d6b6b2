use super::reply::Reply;
use super::wire::{Fields, Wire, has_our_version, read_id, read_stamp};
use crate::cookie::{CookieName, CookieValue, Lifetime};
use crate::error::{BridgeError, Incompatible, Misbehaved};
use crate::policy::Access;
use crate::stamp::Stamp;
use crate::stored::SessionCookie;

/// What a host page asks of the bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The session of this name, please.
    Load(CookieName),
    /// Keep this session.
    Save {
        /// The session.
        session: SessionCookie,
        /// When it was saved first, if that was not now: it must not replace a later one.
        since: Option<Stamp>,
    },
    /// End the session of this name.
    Clear {
        /// Its name.
        name: CookieName,
        /// When it was cleared first, if that was not now: a later session stays.
        since: Option<Stamp>,
    },
    /// What is the jar worth?
    Test,
    /// Is this origin in the list?
    Trusts(String),
    /// May a page of this origin do its part of handing over a session? It saves, and the page that asks loads, or the other way round.
    HandsOver {
        /// The origin of the other page.
        origin: String,
        /// Its part.
        part: Access,
        /// The session's name.
        name: CookieName,
    },
    /// Show a button, and report what comes of it as notices. The text says what is on it, for the page to read.
    Show(String),
}

impl Request {
    /// The object to post. `id` comes back in the reply.
    #[must_use]
    pub fn to_wire(&self, id: u32) -> Wire {
        let kind = match self {
            Self::Load(_) => "load",
            Self::Save { .. } => "save",
            Self::Clear { .. } => "clear",
            Self::Test => "test",
            Self::Trusts(_) => "trusts",
            Self::HandsOver { .. } => "hands-over",
            Self::Show(_) => "show",
        };
        let mut wire = Wire::of_kind(kind);
        wire.number("id", id);
        match self {
            Self::Load(name) => wire.text("name", name.as_str()),
            Self::Clear { name, since } => {
                wire.text("name", name.as_str());
                wire.stamp("since", *since);
            }
            Self::Trusts(text) | Self::Show(text) => wire.text("text", text),
            Self::HandsOver { origin, part, name } => {
                wire.text("text", origin);
                wire.flag("saves", *part == Access::Save);
                wire.text("name", name.as_str());
            }
            Self::Save { session, since } => {
                wire.text("name", session.name.as_str());
                wire.stamp("since", *since);
                wire.text("value", session.value.reveal());
                if let Lifetime::Seconds(seconds) = session.lifetime {
                    wire.number("maxAge", seconds);
                }
            }
            Self::Test => {}
        }
        wire
    }

    /// Reads a request; `None` where it has no `id` that a reply could name.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<(u32, Result<Self, BridgeError>)> {
        read_id(fields).map(|id| (id, Self::read_body(fields)))
    }

    fn read_body(fields: &dyn Fields) -> Result<Self, BridgeError> {
        if !has_our_version(fields) {
            return Err(Incompatible::Version.into());
        }
        let malformed = BridgeError::from(Misbehaved::Request);
        let name = || CookieName::parse(&fields.text("name").ok_or(malformed)?).map_err(BridgeError::from);
        match fields.text("kind").ok_or(malformed)?.as_str() {
            "load" => Ok(Self::Load(name()?)),
            "clear" => Ok(Self::Clear { name: name()?, since: read_stamp(fields, "since") }),
            "test" => Ok(Self::Test),
            "trusts" => Ok(Self::Trusts(fields.text("text").ok_or(malformed)?)),
            "hands-over" => {
                let origin = fields.text("text").ok_or(malformed)?;
                let part = if fields.flag("saves").ok_or(malformed)? { Access::Save } else { Access::Load };
                Ok(Self::HandsOver { origin, part, name: name()? })
            }
            "show" => Ok(Self::Show(fields.text("text").ok_or(malformed)?)),
            "save" => {
                let value = CookieValue::parse(&fields.text("value").ok_or(malformed)?)?;
                let lifetime = fields.number("maxAge").map(Lifetime::from_seconds).transpose()?;
                let session = SessionCookie::new(name()?, value, lifetime.unwrap_or_default())?;
                Ok(Self::Save { session, since: read_stamp(fields, "since") })
            }
            _ => Err(malformed),
        }
    }

    /// Whether a reply is of the kind that this request asks for.
    #[must_use]
    pub fn is_answered_by(&self, reply: &Reply) -> bool {
        matches!(
            (self, reply),
            (_, Reply::Failed(_))
                | (Self::Load(_), Reply::Loaded { .. } | Reply::Ended { .. })
                | (Self::Save { .. }, Reply::Saved { .. })
                | (Self::Clear { .. }, Reply::Cleared { .. })
                | (Self::Test, Reply::Tested { .. })
                | (Self::Trusts(_) | Self::HandsOver { .. }, Reply::Trusted(_))
                | (Self::Show(_), Reply::Shown)
        )
    }
}
