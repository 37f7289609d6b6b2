use super::IFRAME_PAGE;

/// Why the bridge site cannot be hosted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// The folder or a file in it cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(String, #[source] std::io::Error),
    /// `iframe.html` is not UTF-8.
    #[error("{IFRAME_PAGE} is not UTF-8")]
    Encoding,
    /// There is no `TRUSTED_DOMAINS` and no `#trusted-domains` in `iframe.html`.
    #[error("{IFRAME_PAGE} has no `const TRUSTED_DOMAINS = […]` and no #trusted-domains")]
    NoList,
    /// There is an allowlist, but it cannot be read without running the page. Contains its place, in bytes of [`Page::source`], and the reason.
    ///
    /// [`Page::source`]: super::Page::source
    #[error("TRUSTED_DOMAINS in {IFRAME_PAGE} must be an array of string and object literals, nothing else: {1}")]
    List(usize, String),
}
