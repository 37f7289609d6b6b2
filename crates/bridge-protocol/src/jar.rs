/// What the bridge's cookie jar is worth under the host page's top-level site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JarState {
    /// Unpartitioned: what is written here is seen under every top-level site.
    Shared,
    /// Partitioned by top-level site: what is written here is seen only here.
    Partitioned,
    /// Cookies written here are dropped.
    Blocked,
    /// No bridge answered in time.
    Unreachable,
}

impl JarState {
    const ALL: [Self; 4] = [Self::Shared, Self::Partitioned, Self::Blocked, Self::Unreachable];

    /// The word on the wire and in JavaScript.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Partitioned => "partitioned",
            Self::Blocked => "blocked",
            Self::Unreachable => "unreachable",
        }
    }

    pub(crate) fn from_wire(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What the bridge found out about its jar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JarVerdict {
    /// Whether a save would be shared.
    pub state: JarState,
    /// Whether sessions that were saved elsewhere can be read here. WebKit by default shows the cookies that the bridge site
    /// has as a first party and drops what a frame writes: `blocked`, yet readable.
    pub readable: bool,
}

impl JarVerdict {
    /// No bridge answered.
    pub const UNREACHABLE: Self = Self { state: JarState::Unreachable, readable: false };

    /// Whether a save here is seen by the other domains.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self.state == JarState::Shared
    }
}

/// The rung of the ladder through which a session went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Via {
    /// The bridge's own cookie, in the hidden iframe.
    Cookie,
    /// This domain's own cookie only: nothing was shared.
    Local,
}

impl Via {
    /// The word in JavaScript.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Local => "local",
        }
    }
}
