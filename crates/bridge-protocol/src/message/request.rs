use super::kind::Kind;
use super::reply::Reply;
use super::version::Spoken;
use super::wire::{Fields, Wire, read_id, read_kind, read_lifetime, read_timestamp};
use crate::bridge_cookie::SessionCookie;
use crate::cookie::{CookieName, CookieValue, Lifetime};
use crate::error::{BridgeError, Incompatible, Misbehaved};
use crate::policy::Operation;
use crate::timestamp::Timestamp;

/// What a host page asks the bridge to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Return the session of this name.
    Load(CookieName),
    /// Store this session.
    Save {
        /// The session.
        session: SessionCookie,
        /// When the page saved it, if not now: it must not replace a later session.
        since: Option<Timestamp>,
    },
    /// End the session of this name.
    Clear {
        /// Its name.
        name: CookieName,
        /// When the page cleared it, if not now: it must not end a later session.
        since: Option<Timestamp>,
        /// The least lifetime of the tombstone. `None`: nothing is to be left of the session, not even that.
        tombstone: Option<Lifetime>,
    },
    /// Judge the jar.
    Test,
    /// Whether this origin is in the list.
    Trusts(String),
    /// Whether a page of this origin may do its part of a hand-over with the page that asks: one saves and the other loads.
    HandsOver {
        /// The origin of the other page.
        origin: String,
        /// Its part.
        part: Operation,
        /// The session's name.
        name: CookieName,
    },
    /// Show a button with these texts (JSON, which only the bridge's page reads), and report what happens as notices.
    Show(String),
}

impl Request {
    /// The object to post. The reply has the same `id`.
    #[must_use]
    pub fn to_wire(&self, id: u32) -> Wire {
        let kind = match self {
            Self::Load(_) => Kind::Load,
            Self::Save { .. } => Kind::Save,
            Self::Clear { .. } => Kind::Clear,
            Self::Test => Kind::Test,
            Self::Trusts(_) => Kind::Trusts,
            Self::HandsOver { .. } => Kind::HandsOver,
            Self::Show(_) => Kind::Show,
        };
        let mut wire = Wire::of_kind(kind);
        wire.number("id", id);
        match self {
            Self::Load(name) => wire.text("name", name.as_str()),
            Self::Clear { name, since, tombstone } => {
                wire.text("name", name.as_str());
                wire.timestamp("since", *since);
                match tombstone {
                    Some(lifetime) => wire.lifetime(*lifetime),
                    None => wire.flag("forget", true),
                }
            }
            Self::Trusts(text) | Self::Show(text) => wire.text("text", text),
            Self::HandsOver { origin, part, name } => {
                wire.text("text", origin);
                wire.flag("saves", *part == Operation::Save);
                wire.text("name", name.as_str());
            }
            Self::Save { session, since } => {
                wire.text("name", session.name.as_str());
                wire.timestamp("since", *since);
                wire.text("value", session.value.reveal());
                wire.lifetime(session.lifetime);
            }
            Self::Test => {}
        }
        wire
    }

    /// Reads a request to the bridge of this release; `None` if it has no valid `id`, so that no reply is possible.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<(u32, Result<Self, BridgeError>)> {
        Self::read_in(Spoken::RELEASE, fields)
    }

    /// Reads a request to a bridge that speaks these versions.
    #[must_use]
    pub fn read_in(spoken: Spoken, fields: &dyn Fields) -> Option<(u32, Result<Self, BridgeError>)> {
        read_id(fields).map(|id| (id, Self::read_body(fields, spoken)))
    }

    fn read_body(fields: &dyn Fields, spoken: Spoken) -> Result<Self, BridgeError> {
        if spoken.version_of(fields).is_none() {
            return Err(Incompatible::Version.into());
        }
        let malformed = BridgeError::from(Misbehaved::Request);
        let name = || CookieName::parse(&fields.text("name").ok_or(malformed)?).map_err(BridgeError::from);
        match read_kind(fields).ok_or(malformed)? {
            Kind::Load => Ok(Self::Load(name()?)),
            Kind::Clear => {
                let is_forgotten = fields.flag("forget") == Some(true);
                let tombstone = if is_forgotten { None } else { Some(read_lifetime(fields)?) };
                Ok(Self::Clear { name: name()?, since: read_timestamp(fields, "since"), tombstone })
            }
            Kind::Test => Ok(Self::Test),
            Kind::Trusts => Ok(Self::Trusts(fields.text("text").ok_or(malformed)?)),
            Kind::HandsOver => {
                let origin = fields.text("text").ok_or(malformed)?;
                let part = if fields.flag("saves").ok_or(malformed)? { Operation::Save } else { Operation::Load };
                Ok(Self::HandsOver { origin, part, name: name()? })
            }
            Kind::Show => Ok(Self::Show(fields.text("text").ok_or(malformed)?)),
            Kind::Save => {
                let value = CookieValue::parse(&fields.text("value").ok_or(malformed)?)?;
                let session = SessionCookie::new(name()?, value, read_lifetime(fields)?)?;
                Ok(Self::Save { session, since: read_timestamp(fields, "since") })
            }
            _ => Err(malformed),
        }
    }

    /// Whether this kind of reply answers this request.
    #[must_use]
    pub fn is_answered_by(&self, reply: &Reply) -> bool {
        matches!(
            (self, reply),
            (_, Reply::Failed(_))
                | (Self::Load(_), Reply::Loaded { .. } | Reply::Ended { .. })
                | (Self::Save { .. }, Reply::Saved { .. })
                | (Self::Clear { .. }, Reply::Cleared { .. })
                | (Self::Test, Reply::Tested { .. })
                | (Self::Trusts(_), Reply::Trusted(_))
                | (Self::HandsOver { .. }, Reply::MayHandOver { .. })
                | (Self::Show(_), Reply::Shown)
        )
    }
}
