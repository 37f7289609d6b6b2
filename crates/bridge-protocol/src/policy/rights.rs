use crate::cookie::CookieName;
use crate::message::RETURN_PAGE;

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
    /// The path of the domain's return page, if it is not [`RETURN_PAGE`].
    pub(super) return_page: Option<String>,
}

impl Rights {
    /// The rights of an entry without `cookies` and `access`, and of the bridge's own pages.
    pub const ALL: Self = Self { load: true, save: true, names: None, return_page: None };

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

    /// The path of the domain's return page, which hands sessions over by links.
    #[must_use]
    pub fn return_page(&self) -> &str {
        self.return_page.as_deref().unwrap_or(RETURN_PAGE)
    }

    /// The names that may be used; `None` stands for all.
    #[must_use]
    pub fn names(&self) -> Option<&[CookieName]> {
        self.names.as_deref()
    }
}
