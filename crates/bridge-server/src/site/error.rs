use super::IFRAME_PAGE;

/// Why the bridge site cannot be hosted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// The folder or a file of it cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(String, #[source] std::io::Error),
    /// `iframe.html` is not UTF-8.
    #[error("{IFRAME_PAGE} is not UTF-8")]
    Encoding,
    /// There is no `TRUSTED_DOMAINS` and no `#trusted-domains` in `iframe.html`.
    #[error("{IFRAME_PAGE} has no `const TRUSTED_DOMAINS = […]` and no #trusted-domains")]
    NoList,
    /// There is a list, but not one that can be read without running the page; with where it is, in bytes of [`Page::source`], and what is
    /// wrong with it.
    ///
    /// [`Page::source`]: super::Page::source
    #[error(
        "TRUSTED_DOMAINS in {IFRAME_PAGE} must be an array of texts in quotes and objects of such, nothing else: {1}"
    )]
    List(usize, String),
}
