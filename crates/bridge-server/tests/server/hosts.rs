//! The configuration for other web servers: it sets the same headers, and those servers accept it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check::printed;
use crate::support::*;
use tempfile::TempDir;

/// The site whose configuration the golden files contain.
fn golden_site() -> Setup {
    let setup = Setup::new();
    setup.write(
        "doctor.html",
        "<!DOCTYPE html><style>p { color: red }</style><script src=\"cookie-provider.js\"></script>",
    );
    setup
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn written(setup: &Setup) -> TempDir {
    let folder = TempDir::new().unwrap();
    let (is_good, lines) = printed(setup, &["--write", folder.path().to_str().unwrap()]);
    assert!(is_good, "{lines:?}");
    folder
}

/// A program that must be installed.
fn program(name: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    Command::new(
        found.unwrap_or_else(|| panic!("{name} must be installed for these tests: `cargo xtask test` does it")),
    )
}

fn run(mut command: Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn the_files_for_other_servers_are_as_they_were_looked_over() {
    let folder = written(&golden_site());
    for name in ["nginx.conf", "Caddyfile", ".htaccess", "_headers", "s3-cloudfront.txt"] {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let file = golden().join(name.trim_start_matches('.'));
        // `BRIDGE_WRITE_GOLDEN=1 cargo test` updates them. Review the difference.
        if std::env::var_os("BRIDGE_WRITE_GOLDEN").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&file).unwrap_or_default(), "{}", file.display());
        // The popup needs its opener, and the default of storage-access must stay.
        let sends = |name: &str| {
            text.lines().any(|line| {
                let line = line.trim_start().trim_start_matches("add_header ").trim_start_matches("Header always set ");
                line.strip_prefix(name).is_some_and(|rest| rest.starts_with(": ") || rest.starts_with(" \""))
            })
        };
        assert!(
            sends("Permissions-Policy") && !sends("Cross-Origin-Opener-Policy") && !sends("X-Frame-Options"),
            "{name}"
        );
        assert!(!text.contains("storage-access"), "{name}");
        // Only the bridge page is loaded with storage access. `_headers` has it under two paths.
        let activations = text.matches("Activate-Storage-Access").count();
        assert_eq!(activations, if name == "_headers" { 2 } else { 1 }, "{name}");
    }
}

#[tokio::test]
async fn they_have_every_header_that_the_bridge_server_sends() {
    let setup = golden_site();
    let (folder, server) = (written(&setup), setup.start());
    for file in ["iframe.html", "doctor.html", "cookie-provider.js"] {
        let answer = server.get(&format!("/{file}")).await;
        for (name, value) in &answer.headers {
            let value = value.to_str().unwrap();
            if ["vary", "date", "content-length", "content-type", "etag", "content-encoding"].contains(&name.as_str()) {
                continue;
            }
            for host in ["nginx.conf", "Caddyfile", ".htaccess", "_headers", "s3-cloudfront.txt"] {
                let text = std::fs::read_to_string(folder.path().join(host)).unwrap();
                assert!(text.contains(value), "{host} lacks {name} of {file}: {value}");
                assert!(text.to_ascii_lowercase().contains(name.as_str()), "{host} lacks {name}");
            }
        }
    }
}

#[test]
fn what_was_written_into_the_sites_own_folder_is_no_part_of_the_site() {
    let setup = golden_site();
    let once = written(&setup);
    printed(&setup, &["--write", setup.site().to_str().unwrap()]);
    let again = written(&setup);
    for name in ["nginx.conf", "_headers"] {
        let read = |folder: &TempDir| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read(&once), read(&again));
    }
}

/// A site whose policy is too long for one parameter of nginx.
fn long_site() -> Setup {
    let setup = golden_site();
    let many: String = (0..300).map(|number| format!("\"https://shop-{number}.example\", ")).collect();
    setup.write("iframe.html", &IFRAME.replace("\"https://shop.example\",", &many));
    setup
}

#[test]
fn nginx_takes_its_file() {
    for setup in [golden_site(), long_site()] {
        let folder = written(&setup);
        let path = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "pid {};\nerror_log stderr;\nevents {{}}\nhttp {{\n  access_log off;\n  client_body_temp_path {};\n  proxy_temp_path {};\n  \
             fastcgi_temp_path {};\n  uwsgi_temp_path {};\n  scgi_temp_path {};\n  server {{\n    listen 127.0.0.1:1;\n    root {};\n    \
             include {};\n  }}\n}}\n",
            path("pid"),
            path("body"),
            path("proxy"),
            path("fastcgi"),
            path("uwsgi"),
            path("scgi"),
            setup.site().display(),
            path("nginx.conf")
        );
        std::fs::write(path("whole.conf"), config).unwrap();
        let mut nginx = program("nginx");
        // `-t` checks the configuration and serves nothing.
        nginx.args(["-t", "-q", "-e", "stderr", "-p", folder.path().to_str().unwrap(), "-c", &path("whole.conf")]);
        run(nginx);
    }
}

#[test]
fn caddy_takes_its_file() {
    for setup in [golden_site(), long_site()] {
        let folder = written(&setup);
        let config = format!(
            "{{\n\tadmin off\n}}\nhttp://127.0.0.1:1 {{\n\troot * {}\n\timport Caddyfile\n\tfile_server\n}}\n",
            setup.site().display()
        );
        std::fs::write(folder.path().join("Whole"), config).unwrap();
        let mut caddy = program("caddy");
        caddy
            .env("HOME", folder.path())
            .args(["validate", "--adapter", "caddyfile", "--config"])
            .arg(folder.path().join("Whole"));
        run(caddy);
    }
}
