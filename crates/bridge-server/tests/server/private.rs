//! Files that must stay private.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::support::*;

/// A setup whose keys are in files, which only their owner may read.
fn with_key_files() -> Setup {
    let setup = Setup::new().in_shell("unset BRIDGE_REFERENCE_KEY BRIDGE_ENCRYPTION_KEY");
    let file = |name: &str, key: &str| {
        let path = setup.folder.path().join(name);
        write_secret(&path, key);
        path.to_str().unwrap().to_owned()
    };
    let (reference, encryption) = (file("reference.key", REFERENCE_KEY), file("encryption.key", ENCRYPTION_KEY));
    setup.with("--reference-key-file", &reference).with("--encryption-key-file", &encryption)
}

fn set_mode(path: impl AsRef<Path>, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_database_that_others_can_read_is_theirs_no_more() {
    let setup = Setup::new();
    let mut server = setup.start();
    save(&server, "7", "chat", "value").await.ok();
    server.kill();
    let files = ["bridge.db", "bridge.db-wal", "bridge.db-shm"].map(|name| setup.folder.path().join(name));
    files.iter().for_each(|path| set_mode(path, 0o666));
    let server = setup.start();
    assert_eq!(load(&server, "7", "chat").await, "value");
    save(&server, "7", "chat", "another").await.ok();
    for path in &files {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
    server.logged("other users of this machine could use this file").await;
}

#[test]
fn keys_that_others_can_read_or_change_stop_the_start() {
    let setup = with_key_files();
    for (file, option) in [("reference.key", "--reference-key-file"), ("encryption.key", "--encryption-key-file")] {
        let path = setup.folder.path().join(file);
        for mode in [0o644, 0o604, 0o620] {
            set_mode(&path, mode);
            let text = setup.fail();
            let expected = format!("{option}: other users of this machine can read or change {}", path.display());
            assert!(text.contains(&expected) && text.contains("chmod 600"), "{text}");
        }
        // A group may read it.
        set_mode(&path, 0o440);
    }
    drop(setup.start());
    let (setup, _) = setup.with_tls();
    drop(setup.start());
    set_mode(setup.folder.path().join("key.pem"), 0o644);
    assert!(setup.fail().contains("--tls-key: other users"));
}

#[test]
fn what_is_private_is_not_inside_the_site() {
    let setup = with_key_files();
    let (site, outside) = (setup.site(), setup.folder.path().join("encryption.key"));
    let inside = |name: &str| site.join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(site.join("folder")).unwrap();
    for name in ["encryption.key", ".hidden", "folder/encryption.key"] {
        write_secret(&site.join(name), ENCRYPTION_KEY);
        let text = setup.with("--encryption-key-file", &inside(name)).fail();
        assert!(text.contains("is inside the folder of --site"), "{text}");
        std::fs::remove_file(site.join(name)).unwrap();
    }
    for store in [inside("bridge.db"), format!("{}/../bridge.db", inside("folder"))] {
        let text = setup.with("--store", &format!("sqlite:{store}")).fail();
        assert!(text.contains("--store: ") && text.contains("is inside the folder of --site"), "{text}");
        assert!(!site.join("bridge.db").exists());
    }
    // Another way to the same folder.
    symlink(&site, setup.folder.path().join("way")).unwrap();
    let store = format!("sqlite:{}/way/bridge.db", setup.folder.path().display());
    assert!(setup.with("--store", &store).fail().contains("is inside the folder of --site"));

    std::fs::hard_link(&outside, site.join("a.txt")).unwrap();
    assert!(setup.fail().contains("a.txt is the file of --encryption-key-file"));
    std::fs::remove_file(site.join("a.txt")).unwrap();
    drop(setup.start());
}

#[tokio::test]
async fn a_link_out_of_the_site_is_refused_and_one_inside_is_served() {
    let setup = with_key_files();
    // As Kubernetes mounts files.
    std::fs::create_dir(setup.site().join("..data")).unwrap();
    std::fs::write(setup.site().join("..data/inside.js"), "// inside").unwrap();
    symlink("..data/inside.js", setup.site().join("inside.js")).unwrap();
    let server = setup.start();
    assert_eq!(server.get("/inside.js").await.text, "// inside");

    for target in ["/etc/passwd", "../encryption.key", "../bridge.db", "/etc"] {
        let link = setup.site().join("out.txt");
        symlink(target, &link).unwrap();
        let text = setup.fail();
        assert!(text.contains("out.txt is a link that leads out of the folder"), "{text}");
        std::fs::remove_file(link).unwrap();
    }
    symlink("../encryption.key", setup.site().join("later.txt")).unwrap();
    server.signal("HUP");
    server.logged("the site stays as it was").await;
    assert_eq!(server.get("/later.txt").await.status, 404);
}
