use crate::cookie::CookieName;

/// How a page uses a session. A clear counts as a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It reads the session.
    Load,
    /// It writes or ends the session.
    Save,
}

/// What the pages of an entry may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub(super) load: bool,
    pub(super) save: bool,
    /// The names of the sessions; `None` stands for all.
    pub(super) names: Option<Vec<CookieName>>,
}

impl Rights {
    /// The rights of an entry without `cookies` and `access`, and of the bridge's own pages.
    pub const ALL: Self = Self { load: true, save: true, names: None };

    /// Whether the session of this name may be loaded, or saved.
    #[must_use]
    pub fn allow(&self, access: Operation, name: &CookieName) -> bool {
        let is_named = self.names.as_ref().is_none_or(|names| names.contains(name));
        is_named && if access == Operation::Load { self.load } else { self.save }
    }

    /// Whether sessions of every name may be saved.
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
