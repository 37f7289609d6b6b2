use crate::engine::Engine;

/// What a browser shows its pages on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Nothing, in the engines that can do without: quicker, but they show no prompts of their own.
    Headless,
    /// A window on a screen.
    Screen,
}

/// A browser and how it treats cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configuration {
    /// Third-party cookies allowed.
    ChromiumAllow,
    /// Third-party cookies blocked.
    ChromiumBlock,
    /// A private window, which blocks them too.
    ChromiumIncognito,
    /// All cookies blocked.
    ChromiumBlockAll,
    /// Third-party cookies partitioned by top-level site, which is the default.
    FirefoxDefault,
    /// Strict tracking protection.
    FirefoxStrict,
    /// A private window.
    FirefoxPrivate,
    /// Third-party cookies blocked.
    FirefoxBlock,
    /// Third-party cookies allowed.
    FirefoxAllow,
    /// The default, in a Firefox without the Storage Access API, as other browsers that are built on it.
    FirefoxNoStorageAccess,
    /// Third-party cookies allowed.
    WebkitAllow,
    /// The default: frames may read what the site has as a first party.
    WebkitDefault,
    /// Intelligent tracking prevention, as in Safari.
    WebkitItp,
}

impl Configuration {
    /// One of each engine, with third-party cookies allowed.
    pub const ALLOWING: [Self; 3] = [Self::ChromiumAllow, Self::FirefoxAllow, Self::WebkitAllow];

    /// One of each engine, in which a frame's cookies are not shared.
    pub const BLOCKING: [Self; 3] = [Self::ChromiumBlock, Self::FirefoxDefault, Self::WebkitDefault];

    /// The name in `docs/browser-support.md`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ChromiumAllow => "chromium-allow",
            Self::ChromiumBlock => "chromium-block",
            Self::ChromiumIncognito => "chromium-incognito",
            Self::ChromiumBlockAll => "chromium-block-all",
            Self::FirefoxDefault => "firefox-default",
            Self::FirefoxStrict => "firefox-strict",
            Self::FirefoxPrivate => "firefox-private",
            Self::FirefoxBlock => "firefox-block",
            Self::FirefoxAllow => "firefox-allow",
            Self::FirefoxNoStorageAccess => "firefox-no-storage-access",
            Self::WebkitAllow => "webkit-allow",
            Self::WebkitDefault => "webkit-default",
            Self::WebkitItp => "webkit-itp",
        }
    }

    /// What the browser is built on.
    #[must_use]
    pub fn engine(self) -> Engine {
        match self {
            Self::ChromiumAllow | Self::ChromiumBlock | Self::ChromiumIncognito | Self::ChromiumBlockAll => {
                Engine::Chromium
            }
            Self::FirefoxDefault
            | Self::FirefoxStrict
            | Self::FirefoxPrivate
            | Self::FirefoxBlock
            | Self::FirefoxAllow
            | Self::FirefoxNoStorageAccess => Engine::Firefox,
            Self::WebkitAllow | Self::WebkitDefault | Self::WebkitItp => Engine::Webkit,
        }
    }
}
