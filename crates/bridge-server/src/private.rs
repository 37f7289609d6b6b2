//! Files that must stay private: keys, and the database. Nobody else may read them, and none of them is among the files of the site.

use std::fs::{Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A file with a secret, and the option that names it.
#[derive(Clone, Debug)]
pub(crate) struct Private {
    pub(crate) option: &'static str,
    pub(crate) path: PathBuf,
}

/// Refuses a file with keys that others could read or replace. Its group may read it: that is how containers get secrets.
pub(crate) fn refuse_public(option: &str, path: &Path) -> Result<()> {
    let about = std::fs::metadata(path).with_context(|| format!("{option}: {} cannot be read", path.display()))?;
    let mode = about.mode() & 0o777;
    if is_public(mode) {
        let path = path.display();
        bail!("{option}: other users of this machine can read or change {path} (mode {mode:03o}); `chmod 600 {path}`");
    }
    Ok(())
}

/// All rights of others, and the group's right to write.
const fn is_public(mode: u32) -> bool {
    mode & 0o027 != 0
}

/// Takes all rights of others away from the database and the files next to it. SQLite gives new ones the mode of the database.
pub(crate) fn make_private(database: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        let path = PathBuf::from(name);
        let Ok(about) = std::fs::metadata(&path) else { continue };
        let mode = about.mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.display().to_string();
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).with_context(|| {
                format!("other users of this machine can use {path} (mode {mode:03o}), and that cannot be changed")
            })?;
            tracing::warn!(path, mode = %format!("{mode:03o}"), "other users of this machine could use this file; not any more");
        }
    }
    Ok(())
}

/// Refuses a site in which a private file is, and one with a link that leads out of it.
pub(crate) fn keep_out(site: &Path, private: &[Private]) -> Result<()> {
    let unreadable = |path: &Path| format!("--site: {} cannot be read", path.display());
    // A folder that is not there is reported by whoever reads it.
    let Ok(site) = site.canonicalize() else { return Ok(()) };
    for Private { option, path } in private {
        if location(path).is_some_and(|path| path.starts_with(&site)) {
            bail!("{option}: {} is inside the folder of --site, which is for everybody", path.display());
        }
    }
    let secrets: Vec<(&Private, Metadata)> =
        private.iter().filter_map(|private| Some((private, std::fs::metadata(&private.path).ok()?))).collect();
    for entry in std::fs::read_dir(&site).with_context(|| unreadable(&site))? {
        let path = entry.with_context(|| unreadable(&site))?.path();
        if path.is_symlink() && path.canonicalize().is_ok_and(|target| !target.starts_with(&site)) {
            bail!("--site: {} is a link that leads out of the folder; put the file itself there", path.display());
        }
        // The same file may have several names.
        let Ok(about) = std::fs::metadata(&path) else { continue };
        let same = |(_, secret): &&(&Private, Metadata)| (secret.dev(), secret.ino()) == (about.dev(), about.ino());
        if let Some((private, _)) = secrets.iter().find(same) {
            bail!("--site: {} is the file of {}, and the site is for everybody", path.display(), private.option);
        }
    }
    Ok(())
}

/// Where a file is, or will be.
fn location(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_keys_may_be_read_by_its_group_and_by_nobody_else() {
        for mode in [0o600, 0o400, 0o640, 0o440, 0o700] {
            assert!(!is_public(mode), "{mode:o}");
        }
        for mode in [0o644, 0o604, 0o666, 0o620, 0o660, 0o601, 0o602] {
            assert!(is_public(mode), "{mode:o}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_yet_has_a_place() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().canonicalize().unwrap();
        assert_eq!(location(&folder.path().join("bridge.db")), Some(inside.join("bridge.db")));
        assert_eq!(location(&folder.path().join("nowhere/bridge.db")), None);
        assert!(location(Path::new("bridge.db")).unwrap().is_absolute());
    }
}
