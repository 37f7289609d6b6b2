//! The bridge site: its files, its allowlist out of `iframe.html`, and the headers that follow from that allowlist.
//!
//! The server and the browser must read the same allowlist. So a tokenizer that follows the HTML Standard reads `iframe.html`, a JSON5 parser
//! reads the array (JSON5 is a subset of JavaScript's literals), and bridge-protocol parses each entry, as in the bridge page. Only the server
//! checks public suffixes.

mod content_security;
mod error;
mod folder;
mod headers;
mod list;
mod marker;
mod page;
mod script;
mod served;

use std::collections::HashMap;
use std::path::Path;

use bridge_protocol::{PolicyError, TrustedDomains};

pub use self::error::SiteError;
pub(crate) use self::folder::{files, iframe_page};
pub(crate) use self::headers::{COMMON, NOTHING, POLICY, TRANSPORT, add_common_headers, headers};
pub use self::list::TrustedList;
pub use self::page::Page;
pub use self::served::File;
use self::served::served;
pub use crate::domains::{is_public_suffix, to_ascii};

/// The page that contains the allowlist.
pub const IFRAME_PAGE: &str = "iframe.html";

/// The name of the file at this path. A path has one slash: more of them make another path, and no file's.
pub(crate) fn file_name(path: &str) -> Option<&str> {
    path.strip_prefix('/')
}

/// The files of the site and its allowlist.
#[derive(Debug)]
pub struct Site {
    files: HashMap<String, File>,
    trusted: TrustedDomains,
    mistakes: Vec<PolicyError>,
}

impl Site {
    /// Reads the files of a folder, without its subfolders and hidden files. `has_store` tells the bridge page that this server stores sessions.
    ///
    /// # Errors
    /// If the folder has no readable allowlist.
    pub fn load(folder: &Path, has_store: bool) -> Result<Self, SiteError> {
        let page = iframe_page(folder)?;
        let needs_wasm = page.needs_wasm();
        let list = TrustedList::read(&page)?;
        let (trusted, mistakes) = list.policy();
        let ancestors = list.ancestors();

        let served = |(name, content): (String, Vec<u8>)| {
            let file = served(&name, content, &ancestors, needs_wasm, has_store);
            (name, file)
        };
        let files = files(folder)?.into_iter().map(served).collect();
        Ok(Self { files, trusted, mistakes })
    }

    /// The file of this name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&File> {
        self.files.get(name)
    }

    /// The origins that the allowlist trusts.
    #[must_use]
    pub fn trusted(&self) -> &TrustedDomains {
        &self.trusted
    }

    /// Every mistake in the allowlist.
    #[must_use]
    pub fn mistakes(&self) -> &[PolicyError] {
        &self.mistakes
    }
}

#[cfg(test)]
mod tests {
    use super::marker::with_server_marker;
    use super::script::array_of_script;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_page_panics(html in any::<String>(), script in "[\\[\\]\"'`/*\\\\a =,\u{fc}\n]{0,60}") {
            let _ = TrustedList::read(&Page::read(&html));
            let _ = array_of_script(&format!("TRUSTED_DOMAINS={script}"));
            let _ = array_of_script(&format!("{script}TRUSTED_DOMAINS=[]"));
            let _ = with_server_marker(&html);
        }
    }
}
