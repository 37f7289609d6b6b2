use super::kind::Kind;
use super::wire::{Fields, Wire, read_jar, read_kind};
use crate::jar::JarVerdict;

/// What the bridge reports without a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The verdict on the jar after the visitor clicked the button. Storage access was granted if the jar is shared, and refused otherwise.
    Decided(JarVerdict),
    /// The visitor clicked the button, and the browser's prompt is still open.
    Asking,
    /// Whether the button is visible.
    Seen(bool),
    /// Another page changed a session in the bridge's jar.
    Changed,
}

impl Notice {
    /// The object to post.
    #[must_use]
    pub fn to_wire(self) -> Wire {
        match self {
            Self::Decided(jar) => {
                let mut wire = Wire::of_kind(Kind::Decided);
                wire.jar(&jar);
                wire
            }
            Self::Asking => Wire::of_kind(Kind::Asking),
            Self::Seen(is_seen) => {
                let mut wire = Wire::of_kind(Kind::Seen);
                wire.flag("done", is_seen);
                wire
            }
            Self::Changed => Wire::of_kind(Kind::Changed),
        }
    }

    /// Reads a message that arrived over the port; `None` if it is not a notice.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<Self> {
        match read_kind(fields)? {
            Kind::Decided => Some(Self::Decided(read_jar(fields)?)),
            Kind::Asking => Some(Self::Asking),
            Kind::Seen => Some(Self::Seen(fields.flag("done")?)),
            Kind::Changed => Some(Self::Changed),
            _ => None,
        }
    }
}
