use super::wire::{Fields, Wire, read_jar};
use crate::jar::JarVerdict;

/// What the iframe or the popup tells without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The visitor clicked the button, and the jar is worth this now: storage access was granted if it is shared, and otherwise refused.
    Decided(JarVerdict),
    /// The visitor clicked the button, and the browser's question is still open.
    Asking,
    /// Whether the button can be seen.
    Seen(bool),
    /// A session of the bridge was changed elsewhere.
    Changed,
}

impl Notice {
    /// The object to post.
    #[must_use]
    pub fn to_wire(self) -> Wire {
        match self {
            Self::Decided(jar) => {
                let mut wire = Wire::of_kind("decided");
                wire.jar(&jar);
                wire
            }
            Self::Asking => Wire::of_kind("asking"),
            Self::Seen(is_seen) => {
                let mut wire = Wire::of_kind("seen");
                wire.flag("done", is_seen);
                wire
            }
            Self::Changed => Wire::of_kind("changed"),
        }
    }

    /// Reads a message that came over the port; `None` where it is no notice.
    #[must_use]
    pub fn read(fields: &dyn Fields) -> Option<Self> {
        match fields.text("kind")?.as_str() {
            "decided" => Some(Self::Decided(read_jar(fields)?)),
            "asking" => Some(Self::Asking),
            "seen" => Some(Self::Seen(fields.flag("done")?)),
            "changed" => Some(Self::Changed),
            _ => None,
        }
    }
}
