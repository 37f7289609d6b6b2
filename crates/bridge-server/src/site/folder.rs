use std::collections::BTreeMap;
use std::path::Path;

use super::{IFRAME_PAGE, Page, SiteError};

/// The largest file that is served, in bytes.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Reads the page with the allowlist.
pub(crate) fn iframe_page(folder: &Path) -> Result<Page, SiteError> {
    let path = folder.join(IFRAME_PAGE);
    let html = std::fs::read(&path).map_err(|error| SiteError::Unreadable(path.display().to_string(), error))?;
    Ok(Page::read(std::str::from_utf8(&html).map_err(|_| SiteError::Encoding)?))
}

/// The files that are served, by name: regular files directly in the folder, not hidden, and at most [`MAX_FILE_BYTES`] long.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, SiteError> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |error| SiteError::Unreadable(path, error)
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')) else {
            continue;
        };
        // Follows symbolic links: files that are mounted into a container often are some. The server has refused those that lead out.
        let about = std::fs::metadata(&path).map_err(unreadable(&path))?;
        if about.is_file() && about.len() <= MAX_FILE_BYTES {
            files.insert(name.to_owned(), std::fs::read(&path).map_err(unreadable(&path))?);
        }
    }
    Ok(files)
}
