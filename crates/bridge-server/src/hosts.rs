//! The headers of the site as configuration of other web servers.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::site::{COMMON, NOTHING, POLICY, TRANSPORT};

/// A file of the site with its headers.
pub(crate) struct Sent<'a> {
    pub(crate) name: &'a str,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Sent<'_> {
    /// The paths of this file. Netlify serves `iframe.html` as `/iframe`, too; Cloudflare Pages serves it only as `/iframe`.
    fn pretty_paths(&self) -> Vec<String> {
        let path = format!("/{}", self.name);
        match path.strip_suffix(".html").map(str::to_owned) {
            Some(short) => vec![path, short],
            None => vec![path],
        }
    }
}

const ABOUT: [&str; 2] = [
    "Written by `bridge-server check-site`, from the list in iframe.html. Write it anew whenever a file of the site changes:",
    "the Content-Security-Policy has the hashes of its scripts, and frame-ancestors has the list.",
];

/// nginx rejects parameters of more than 4096 bytes. This stays well below.
const NGINX_PARAMETER: usize = 2000;

/// The longest line that Cloudflare Pages accepts.
const CLOUDFLARE_LINE: usize = 2000;

/// The names of the generated files. `check-site` does not count them as files of the site, even if they are written into its folder.
pub(crate) const NAMES: [&str; 5] = ["nginx.conf", "Caddyfile", ".htaccess", "_headers", "s3-cloudfront.txt"];

/// The generated files, by name.
pub(crate) fn outputs(sent: &[Sent<'_>]) -> BTreeMap<&'static str, String> {
    let texts = [nginx(sent), caddy(sent), apache(sent), pages(sent), cloudfront(sent)];
    NAMES.into_iter().zip(texts).collect()
}

/// Limits of these servers that the headers exceed.
pub(crate) fn notes(sent: &[Sent<'_>]) -> Vec<String> {
    let is_long = |sent: &&Sent<'_>| {
        sent.headers.iter().any(|(name, value)| name.len() + value.len() + "  : ".len() > CLOUDFLARE_LINE)
    };
    let long = sent.iter().filter(is_long);
    long.map(|sent| {
        format!(
            "Cloudflare Pages reads lines of {CLOUDFLARE_LINE} characters, and _headers has a longer one for {}",
            sent.name
        )
    })
    .collect()
}

/// Sent with every response, including 404.
fn everywhere() -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMON.into_iter().chain([TRANSPORT])
}

/// In double quotes. Only a file name could contain a `"`, `$` or `{`: no header does, and no header contains a file name.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn comment(lines: &[&str]) -> String {
    ABOUT.iter().chain(lines).map(|line| format!("# {line}\n")).collect()
}

// `write!` into a String cannot fail.

fn nginx(sent: &[Sent<'_>]) -> String {
    let mut text = comment(&[
        "Include it in the bridge's own `server { … }`, which has `root`, and no `location /` or `add_header` of its own.",
    ]);
    let add = |text: &mut String, indent: &str, name: &str, value: &str| {
        if value.len() <= NGINX_PARAMETER {
            let _ = writeln!(text, "{indent}add_header {name} {} always;", quoted(value));
            return;
        }
        // In pieces, split between two sources.
        let mut line = String::new();
        let _ = writeln!(text, "{indent}set $bridge_header \"\";");
        for word in value.split_inclusive(' ') {
            if line.len() + word.len() > NGINX_PARAMETER {
                let _ = writeln!(text, "{indent}set $bridge_header {};", quoted(&format!("${{bridge_header}}{line}")));
                line.clear();
            }
            line.push_str(word);
        }
        let _ = writeln!(text, "{indent}set $bridge_header {};", quoted(&format!("${{bridge_header}}{line}")));
        let _ = writeln!(text, "{indent}add_header {name} $bridge_header always;");
    };
    text.push_str(
        "\n# All of a visitor's sessions come with each request, in one line, and nginx takes 8 KB by default.\n",
    );
    text.push_str("large_client_header_buffers 4 32k;\n\n");
    for (name, value) in everywhere().chain([(POLICY, NOTHING)]) {
        add(&mut text, "", name, value);
    }
    for Sent { name, headers } in sent {
        // nginx: a location with an `add_header` of its own inherits none.
        let _ = writeln!(text, "\nlocation = {} {{", quoted(&format!("/{name}")));
        add(&mut text, "  ", TRANSPORT.0, TRANSPORT.1);
        for (name, value) in headers {
            add(&mut text, "  ", name, value);
        }
        text.push_str("}\n");
    }
    text.push_str("\n# Nothing but the files above.\nlocation / {\n  return 404;\n}\n");
    text
}

fn caddy(sent: &[Sent<'_>]) -> String {
    let mut text = comment(&["Import it into the bridge's own site block, which has `root` and `file_server`."]);
    let block = |text: &mut String, matcher: &str, headers: &mut dyn Iterator<Item = (&str, &str)>| {
        let _ = writeln!(text, "header {matcher} {{");
        for (name, value) in headers {
            let _ = writeln!(text, "\t{name} {}", quoted(value));
        }
        text.push_str("}\n");
    };
    for (number, Sent { name, headers }) in sent.iter().enumerate() {
        let _ = writeln!(text, "\n@bridge{number} path {}", quoted(&format!("/{name}")));
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        block(&mut text, &format!("@bridge{number}"), &mut std::iter::once(TRANSPORT).chain(headers));
    }
    let paths: Vec<String> = sent.iter().map(|sent| quoted(&format!("/{}", sent.name))).collect();
    let _ = writeln!(text, "\n@others not path {}", paths.join(" "));
    block(&mut text, "@others", &mut everywhere().chain([(POLICY, NOTHING)]));
    text.push_str("respond @others 404\n");
    text
}

fn apache(sent: &[Sent<'_>]) -> String {
    let mut text = comment(&[
        "Put it into the folder of the bridge site. It needs mod_headers and `AllowOverride FileInfo Options`. All of a visitor's sessions come with",
        "each request, in one line: if they may have more than 8 KB together, set `LimitRequestFieldSize 32768` in the virtual host.",
    ]);
    text.push_str("\nOptions -Indexes\n");
    for (name, value) in everywhere() {
        let _ = writeln!(text, "Header always set {name} {}", quoted(value));
    }
    for Sent { name, headers } in sent {
        let _ = writeln!(text, "\n<Files {}>", quoted(name));
        for (name, value) in headers {
            let _ = writeln!(text, "  Header always set {name} {}", quoted(value));
        }
        text.push_str("</Files>\n");
    }
    text
}

/// If several rules match a path, both hosts send the headers of all of them, and two policies forbid what either of them forbids. So no
/// header is in two rules that match the same path.
fn pages(sent: &[Sent<'_>]) -> String {
    let mut text = comment(&[
        "Put it into the folder of the bridge site: Netlify and Cloudflare Pages read it. The latter serves /iframe.html as",
        "/iframe, so each page is here under both.",
    ]);
    let is_common = |name: &str| COMMON.iter().any(|(common, _)| *common == name);
    text.push_str("\n/*\n");
    for (name, value) in everywhere() {
        let _ = writeln!(text, "  {name}: {value}");
    }
    for file in sent {
        for path in file.pretty_paths() {
            let _ = writeln!(text, "\n{path}");
            for (name, value) in file.headers.iter().filter(|(name, _)| !is_common(name)) {
                let _ = writeln!(text, "  {name}: {value}");
            }
        }
    }
    text
}

fn cloudfront(sent: &[Sent<'_>]) -> String {
    let mut text = format!("{}\n", ABOUT.join("\n"));
    text.push_str(
        "\nThe bridge site in Amazon S3 behind CloudFront. S3 alone sends none of these headers and has no https for a domain of your own.\n
1. Upload the files to a private bucket, and let a CloudFront distribution read it (origin access control). Do not switch on
   the bucket's website hosting.
2. Viewer protocol policy: redirect HTTP to HTTPS. Compress objects automatically: yes. Cache policy: CachingOptimized.
3. For each file below make a response headers policy with its headers: under `Security headers` those that CloudFront knows, the others
   under `Custom headers`, each with `Origin override` on. Do not add X-Frame-Options,
   which frame-ancestors replaces, nor Cross-Origin-Opener-Policy, which cuts the popup off.
4. For each file make a cache behaviour with its path as the path pattern and that policy. The default behaviour gets the last policy below.
5. After an upload: aws cloudfront create-invalidation --distribution-id ID --paths '/*'
6. CloudFront takes requests of 20,480 bytes with all their headers, and all of a visitor's sessions come with each request. A policy may have
   1,783 characters, unless you have the quota raised.\n",
    );
    let mut section = |path: &str, headers: &mut dyn Iterator<Item = (&str, &str)>| {
        let _ = writeln!(text, "\n{path}");
        for (name, value) in headers {
            let _ = writeln!(text, "    {name}: {value}");
        }
    };
    for Sent { name, headers } in sent {
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        section(&format!("/{name}"), &mut std::iter::once(TRANSPORT).chain(headers));
    }
    section("Default (*)", &mut everywhere().chain([(POLICY, NOTHING)]));
    text
}
