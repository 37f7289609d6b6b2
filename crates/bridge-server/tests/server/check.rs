//! `check-site`: the mistakes with their places, and the files for other web servers, which those servers take.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::*;
use tempfile::TempDir;

fn check(setup: &Setup, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bridge-server"));
    // Neither keys nor a store are needed.
    command.env_clear().arg("check-site").arg(setup.site()).args(more).output().unwrap()
}

/// What it prints, without the folder, and whether it ended well.
fn told(setup: &Setup, more: &[&str]) -> (bool, Vec<String>) {
    let output = check(setup, more);
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let folder = format!("{}/", setup.site().display());
    (output.status.code() == Some(0), text.lines().map(|line| line.replace(&folder, "")).collect())
}

/// The site of the golden files.
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
    let (is_good, lines) = told(setup, &["--write", folder.path().to_str().unwrap()]);
    assert!(is_good, "{lines:?}");
    folder
}

/// A program of Debian's that must be there.
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
fn a_good_list_is_called_so_and_nothing_is_written_unasked() {
    assert_eq!(told(&Setup::new(), &[]), (true, vec!["iframe.html: the list is good".to_owned()]));
}

#[test]
fn every_mistake_is_named_with_file_line_and_column_and_nothing_is_written() {
    let setup = Setup::new();
    let list = r#"
        "https://shop.example",
        "http://plain.example", 'https://*.co.uk',
        { origin: "https://SHOP.example:443", cookies: ["a b"], acess: ["load"] },
        /* none */ 7,"#;
    setup.write("iframe.html", &IFRAME.replace("\"https://shop.example\",", list));
    let into = TempDir::new().unwrap();
    let into = into.path().join("out");
    let (is_good, lines) = told(&setup, &["--write", into.to_str().unwrap()]);
    assert!(!is_good && !into.exists());
    assert_eq!(
        lines,
        [
            "iframe.html:10:9: TRUSTED_DOMAINS: \"http://plain.example\" must be https (http only for localhost); it is left out",
            "iframe.html:10:33: TRUSTED_DOMAINS: \"https://*.co.uk\" has a * over a public suffix, below which anybody can have a name; it is left out",
            "iframe.html:11:9: TRUSTED_DOMAINS: \"https://SHOP.example:443\" has the unknown property \"acess\"; it is left out",
            "iframe.html:11:9: TRUSTED_DOMAINS: \"https://SHOP.example:443\" has cookies that are not a list of cookie names; it is left out",
            "iframe.html:11:9: TRUSTED_DOMAINS: \"https://SHOP.example:443\" is there twice; the first one counts",
            "iframe.html:12:20: TRUSTED_DOMAINS: entry 4 is neither a string nor an object with an origin; it is left out",
            "bridge-server: 6 mistakes in the list",
        ]
    );
}

#[test]
fn a_list_that_cannot_be_read_is_named_where_it_cannot() {
    for (page, expected) in [
        ("<p>", "iframe.html:1:1: iframe.html has no `const TRUSTED_DOMAINS"),
        (
            "<script>\n  const TRUSTED_DOMAINS = load();</script>",
            "iframe.html:2:27: TRUSTED_DOMAINS in iframe.html must be",
        ),
        ("<script>\n\nconst TRUSTED_DOMAINS = [\n  'https://a.example',\n  x,\n]</script>", "iframe.html:5:"),
        ("<script type=application/json id=trusted-domains>\n[\n  'x'\n]</script>", "iframe.html:3:3: "),
        ("<script>const TRUSTED_DOMAINS = []</script>", "iframe.html:1:33: TRUSTED_DOMAINS: the list is empty"),
    ] {
        let setup = Setup::new();
        setup.write("iframe.html", page);
        let (is_good, lines) = told(&setup, &[]);
        assert!(!is_good && lines[0].starts_with(expected), "{expected:?}: {lines:?}");
    }
}

#[test]
fn an_entry_that_may_use_the_names_of_others_is_noted() {
    let setup = Setup::new();
    let object = "{ origin: \"https://shop.example\", cookies: [\"chat\"] },";
    setup.write("iframe.html", &IFRAME.replace("\"https://shop.example\",", object));
    let (is_good, lines) = told(&setup, &[]);
    let note =
        "note: https://*.help.example has no cookies, so its pages may use those that other entries name, too: chat";
    assert!(is_good);
    assert_eq!(lines[0], note);
}

#[test]
fn the_files_for_other_servers_are_as_they_were_looked_over() {
    let folder = written(&golden_site());
    for name in ["nginx.conf", "Caddyfile", ".htaccess", "_headers", "s3-cloudfront.txt"] {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let file = golden().join(name.trim_start_matches('.'));
        // `BRIDGE_WRITE_GOLDEN=1 cargo test` writes them anew, for people to look over.
        if std::env::var_os("BRIDGE_WRITE_GOLDEN").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&file).unwrap_or_default(), "{}", file.display());
        // A popup needs its opener, and storage access must stay as it is.
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
    told(&setup, &["--write", setup.site().to_str().unwrap()]);
    let again = written(&setup);
    for name in ["nginx.conf", "_headers"] {
        let read = |folder: &TempDir| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read(&once), read(&again));
    }
}

/// A site whose policy is longer than what nginx reads in one piece.
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
        // Only the syntax: `-t` would also try to listen, and nobody may on port 1.
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
