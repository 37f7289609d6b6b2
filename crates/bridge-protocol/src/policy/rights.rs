use crate::cookie::CookieName;

/// What is done to a session. A clear is a save of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is read.
    Load,
    /// It is written or removed.
    Save,
}

/// What an entry lets its pages do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub(super) load: bool,
    pub(super) save: bool,
    /// The sessions' names; `None` stands for all.
    pub(super) names: Option<Vec<CookieName>>,
}

impl Rights {
    /// What an entry without `cookies` and `access` gives, and what the bridge's own pages have.
    pub const ALL: Self = Self { load: true, save: true, names: None };

    /// Whether the session of this name may be loaded, or saved.
    #[must_use]
    pub fn allow(&self, access: Access, name: &CookieName) -> bool {
        let is_named = self.names.as_ref().is_none_or(|names| names.contains(name));
        is_named && if access == Access::Load { self.load } else { self.save }
    }

    /// Whether every session may be saved, of whatever name.
    #[must_use]
    pub fn allow_all_saves(&self) -> bool {
        self.save && self.names.is_none()
    }

    /// The names that may be used; `None` stands for all.
    #[must_use]
    pub fn names(&self) -> Option<&[CookieName]> {
        self.names.as_deref()
    }
}
