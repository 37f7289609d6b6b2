use std::fmt;

use super::IFRAME_PAGE;

/// Why the bridge site cannot be hosted.
#[derive(Debug)]
#[non_exhaustive]
pub enum SiteError {
    /// The folder or a file of it cannot be read.
    Unreadable(String, std::io::Error),
    /// `iframe.html` is not UTF-8.
    Encoding,
    /// There is no `TRUSTED_DOMAINS` and no `#trusted-domains` in `iframe.html`.
    NoList,
    /// There is a list, but not one that can be read without running the page; with where it is, in bytes of [`Page::source`], and what is
    /// wrong with it.
    List(usize, String),
}

impl fmt::Display for SiteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(out, "{path} cannot be read: {error}"),
            Self::Encoding => write!(out, "{IFRAME_PAGE} is not UTF-8"),
            Self::NoList => write!(out, "{IFRAME_PAGE} has no `const TRUSTED_DOMAINS = […]` and no #trusted-domains"),
            Self::List(_, why) => {
                let what = "an array of texts in quotes and objects of such, nothing else";
                write!(out, "TRUSTED_DOMAINS in {IFRAME_PAGE} must be {what}: {why}")
            }
        }
    }
}

impl std::error::Error for SiteError {}
