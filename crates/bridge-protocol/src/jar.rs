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
        match text {
            "shared" => Some(Self::Shared),
            "partitioned" => Some(Self::Partitioned),
            "blocked" => Some(Self::Blocked),
            "unreachable" => Some(Self::Unreachable),
            _ => None,
        }
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
    /// Whether it is shared because storage access was granted.
    pub granted: bool,
    /// Whether a click in the iframe may ask for storage access.
    pub can_request: bool,
}

impl JarVerdict {
    /// No bridge answered.
    pub const UNREACHABLE: Self = Self::new(JarState::Unreachable, false);

    /// A verdict without a grant.
    #[must_use]
    pub const fn new(state: JarState, readable: bool) -> Self {
        Self { state, readable, granted: false, can_request: false }
    }

    /// Whether a save here is seen by the other domains.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self.state == JarState::Shared
    }
}
