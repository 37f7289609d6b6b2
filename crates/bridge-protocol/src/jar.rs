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

words! {
    /// What a click in the bridge's iframe can lead to. The words are those on the wire.
    pub enum AccessRequest {
        /// The browser may grant storage access: without a prompt, or after one.
        Possible = "possible",
        /// The browser refuses until the visitor has clicked in the bridge as a page of its own: in the popup.
        AfterVisit = "after-visit",
        /// No grant that would change anything.
        Impossible = "impossible",
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
    /// What a click in the iframe can lead to. A frame does not see its own jar as a first party, so it cannot detect the visit itself.
    pub request: AccessRequest,
}

impl JarVerdict {
    /// The verdict if no bridge answered.
    pub const UNREACHABLE: Self = Self::new(JarState::Unreachable, false);

    /// A verdict without a grant, and without the prospect of one.
    #[must_use]
    pub const fn new(state: JarState, readable: bool) -> Self {
        Self { state, readable, granted: false, request: AccessRequest::Impossible }
    }

    /// Whether the other domains see a save.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self.state == JarState::Shared
    }
}
