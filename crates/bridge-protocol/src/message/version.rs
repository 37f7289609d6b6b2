use super::wire::Fields;

/// The version of the protocol that a host page speaks. docs/versions.md has what changes it, and in which order it is rolled out.
pub const VERSION: u32 = 1;

/// The versions that a bridge speaks. A bridge is updated before the host pages, which follow one by one. So it speaks the version of its own
/// release and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The oldest.
    pub oldest: u32,
    /// The newest.
    pub newest: u32,
}

impl Spoken {
    /// What the bridge of this release speaks. There is no version before the first.
    pub const RELEASE: Self = Self { oldest: if VERSION > 1 { VERSION - 1 } else { 1 }, newest: VERSION };

    /// What a host page of this release speaks.
    pub const PAGE: Self = Self { oldest: VERSION, newest: VERSION };

    /// The version of a message; `None` if it is not spoken.
    #[must_use]
    pub fn version_of(self, fields: &dyn Fields) -> Option<u32> {
        let number = fields.number("v")?;
        (self.oldest..=self.newest).find(|version| f64::from(*version).to_bits() == number.to_bits())
    }
}
