use crate::words;

words! {
    /// What the bridge can do with its cookie jar under the host page's top-level site. The words are those on the wire and in JavaScript.
    pub enum JarState {
        /// Unpartitioned: cookies are visible under every top-level site.
        Shared = "shared",
        /// Partitioned by top-level site: cookies are visible only under this one.
        Partitioned = "partitioned",
        /// The browser drops what is written.
        Blocked = "blocked",
        /// No bridge answered in time.
        Unreachable = "unreachable",
    }
}

/// What the bridge has measured about its jar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JarVerdict {
    /// What becomes of a save.
    pub state: JarState,
    /// Whether sessions that were saved under other sites can be read. By default, WebKit shows a frame the first-party cookies of the
    /// bridge's site, but drops what the frame writes: `blocked`, yet readable.
    pub readable: bool,
    /// Whether the jar is shared because storage access was granted.
    pub granted: bool,
    /// Whether a click in the iframe may ask for storage access.
    pub can_request: bool,
}

impl JarVerdict {
    /// The verdict if no bridge answered.
    pub const UNREACHABLE: Self = Self::new(JarState::Unreachable, false);

    /// A verdict without a grant.
    #[must_use]
    pub const fn new(state: JarState, readable: bool) -> Self {
        Self { state, readable, granted: false, can_request: false }
    }

    /// Whether the other domains see a save.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self.state == JarState::Shared
    }
}
