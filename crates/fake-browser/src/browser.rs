use crate::cookie::Cookie;

/// What a browser does with the cookies of a frame in a page of another site, as measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Browser {
    /// Third-party cookies are allowed, in any engine but WebKit.
    #[default]
    Allowing,
    /// Chromium with third-party cookies blocked: only `Partitioned` ones are kept.
    ChromiumBlocking,
    /// Chromium with all cookies blocked, also those of a page itself.
    ChromiumBlockingAll,
    /// Firefox with Total Cookie Protection: all are kept, in a jar of the top-level site.
    FirefoxPartitioning,
    /// WebKit with third-party cookies allowed. It reports storage access only once the site has a cookie.
    WebkitAllowing,
    /// WebKit's default: the frame sees what its site has as a first party, and what it writes is dropped.
    WebkitReadable,
    /// WebKit with intelligent tracking prevention, as in Safari: nothing is kept.
    WebkitItp,
    /// A browser that is older than the Storage Access API and keeps everything.
    Legacy,
}

impl Browser {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Allowing,
        Self::ChromiumBlocking,
        Self::ChromiumBlockingAll,
        Self::FirefoxPartitioning,
        Self::WebkitAllowing,
        Self::WebkitReadable,
        Self::WebkitItp,
        Self::Legacy,
    ];

    /// Whether a cookie that may be stored by the standard is stored.
    pub(crate) fn keeps(self, cookie: &Cookie) -> bool {
        match self {
            Self::Allowing | Self::FirefoxPartitioning | Self::WebkitAllowing | Self::Legacy => true,
            Self::ChromiumBlocking => cookie.is_partitioned,
            Self::ChromiumBlockingAll | Self::WebkitReadable | Self::WebkitItp => false,
        }
    }

    /// What `document.hasStorageAccess()` answers; `None` where there is no such function.
    pub(crate) fn has_storage_access(self, has_cookies: bool) -> Option<bool> {
        match self {
            Self::Legacy => None,
            Self::Allowing => Some(true),
            Self::WebkitAllowing | Self::WebkitReadable => Some(has_cookies),
            Self::ChromiumBlocking | Self::ChromiumBlockingAll | Self::FirefoxPartitioning | Self::WebkitItp => {
                Some(false)
            }
        }
    }
}
