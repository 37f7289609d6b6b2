//! The bridge site: the owner's list out of `iframe.html`, and the headers that follow from it.
//!
//! What reads the list here and what reads it in the browser must agree: `iframe.html` is read with a tokenizer that follows the HTML
//! Standard, the list with a parser of JSON5, and every entry with bridge-protocol, as in the page. Only here are public suffixes known.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bridge_protocol::{Listed, PolicyError, Property, TrustedDomains};
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The page that holds the list.
pub const IFRAME_PAGE: &str = "iframe.html";

/// What tells the page that a bridge server is there.
const SERVER_SIGN: &str = r#"<meta name="bridge-server" content="1">"#;

/// Begins the script of a page that was built without WebAssembly (`WITHOUT_WASM` in xtask/src/bundle.rs).
const WITHOUT_WASM: &str = "/* Cookie Bridge without WebAssembly */";

/// The largest file that is served, in bytes.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// How deep brackets and braces may be in one another in a list; three are of use. The parser of JSON5 knows no limit but the stack's end.
const MAX_NESTING: u32 = 64;

/// The ASCII form of an internationalised host name, for [`TrustedDomains::parse`].
#[must_use]
pub fn to_ascii(host: &str) -> Option<String> {
    url::Host::parse(host).ok().map(|host| host.to_string())
}

/// Whether anybody can have a name below this domain, by the Public Suffix List with its private part: `co.uk`, `github.io`.
#[must_use]
pub fn is_public_suffix(domain: &str) -> bool {
    // By rules like `*.kawasaki.jp` it is every name below.
    let below = format!("any.{domain}");
    [domain, &below].into_iter().any(|domain| psl::suffix_str(domain) == Some(domain))
}

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

/// A script or a style in the page itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Inline {
    /// `script` or `style`.
    tag: String,
    /// The attribute `type`, in lower case.
    kind: String,
    id: String,
    text: String,
    /// Where its text begins in the page.
    at: usize,
}

impl Inline {
    /// Whether it is data, which no policy concerns.
    fn is_json(&self) -> bool {
        self.tag == "script" && self.kind == "application/json"
    }

    fn is_javascript(&self) -> bool {
        self.tag == "script"
            && matches!(self.kind.as_str(), "" | "text/javascript" | "application/javascript" | "module")
    }
}

/// What of a page the headers depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// With the line breaks that a browser makes of those that are there, and the sign that it puts in place of a NUL.
    source: String,
    inline: Vec<Inline>,
    /// Whether there are scripts with an address.
    has_script_files: bool,
}

impl Page {
    /// Reads a page as a browser does.
    #[must_use]
    pub fn read(html: &str) -> Self {
        // A NUL is this sign in a script and nothing elsewhere (HTML Standard, 13.2.5), so places in a script are those of the page.
        let source = html.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
        let mut page = Self { source, ..Self::default() };
        let mut open: Option<Inline> = None;
        let mut emitter = DefaultEmitter::<usize>::new_with_span();
        // A script's content is text, whatever it looks like.
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(page.source.as_str(), emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) if matches!(tag.name.as_slice(), b"script" | b"style") => {
                    let attribute = |name: &[u8]| {
                        let found = tag.attributes.iter().find(|(key, _)| key.as_slice() == name);
                        found.map(|(_, value)| String::from_utf8_lossy(&value.value.0).into_owned())
                    };
                    if attribute(b"src").is_some() {
                        page.has_script_files = true;
                        open = None;
                    } else {
                        open = Some(Inline {
                            tag: String::from_utf8_lossy(&tag.name).into_owned(),
                            kind: attribute(b"type").unwrap_or_default().trim().to_ascii_lowercase(),
                            id: attribute(b"id").unwrap_or_default(),
                            text: String::new(),
                            at: tag.span.end,
                        });
                    }
                }
                Token::String(text) => {
                    if let Some(inline) = &mut open {
                        inline.text.push_str(&String::from_utf8_lossy(&text.value.0));
                    }
                }
                Token::EndTag(_) => page.inline.extend(open.take()),
                _ => {}
            }
        }
        page
    }

    /// The page, with the line breaks that a browser makes of those that are there, and the sign that it puts in place of a NUL.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether `iframe.html` was built with WebAssembly; then the other pages of its site were, too.
    #[must_use]
    pub fn needs_wasm(&self) -> bool {
        !self.inline.iter().any(|inline| inline.is_javascript() && inline.text.trim_start().starts_with(WITHOUT_WASM))
    }

    /// Its Content-Security-Policy: nothing but its own scripts and styles, and only the given ancestors.
    #[must_use]
    pub fn content_security_policy(&self, ancestors: &[String], needs_wasm: bool) -> String {
        let hashes = |tag: &str| -> Vec<String> {
            let texts = self.inline.iter().filter(|inline| inline.tag == tag && !inline.is_json());
            texts
                .map(|inline| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(inline.text.as_bytes()))))
                .collect()
        };
        let mut scripts = hashes("script");
        if needs_wasm && (!scripts.is_empty() || self.has_script_files) {
            scripts.push("'wasm-unsafe-eval'".to_owned());
        }
        if self.has_script_files {
            scripts.push("'self'".to_owned());
        }
        let mut policy = vec!["default-src 'none'".to_owned()];
        for (directive, sources) in [("script-src", scripts), ("style-src", hashes("style"))] {
            if !sources.is_empty() {
                policy.push(format!("{directive} {}", sources.join(" ")));
            }
        }
        // No script of the bridge makes HTML, or scripts, out of text, so it needs no policy of Trusted Types that may.
        let same = [
            "connect-src 'self'",
            "frame-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ];
        policy.extend(same.map(str::to_owned));
        policy.push(
            ["frame-ancestors 'self'"]
                .into_iter()
                .chain(ancestors.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(" "),
        );
        policy.join("; ")
    }
}

/// The owner's list, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedList {
    entries: Vec<Listed>,
    /// Where the list begins, and each of its entries, in bytes of [`Page::source`].
    at: usize,
    places: Vec<usize>,
}

impl TrustedList {
    /// Finds the list in `iframe.html`: `const TRUSTED_DOMAINS = […]` in a script or, where there is none, the block of JSON
    /// `#trusted-domains`. The page looks in the same order.
    ///
    /// # Errors
    /// If there is none, or if it is not a plain array.
    pub fn read(page: &Page) -> Result<Self, SiteError> {
        for script in page.inline.iter().filter(|inline| inline.is_javascript()) {
            let within = |error| match error {
                SiteError::List(at, why) => SiteError::List(script.at + at, why),
                error => error,
            };
            if let Some((start, array)) = array_of_script(&script.text).map_err(within)? {
                let at = script.at + start;
                let values: Vec<Value> = json5::from_str(array).map_err(|error| {
                    let place = error.position().map(|place| offset(array, place.line, place.column));
                    SiteError::List(at + place.unwrap_or_default(), error.to_string())
                })?;
                return Ok(Self::new(values, array, at));
            }
        }
        let mut blocks = page.inline.iter().filter(|inline| inline.is_json() && inline.id == "trusted-domains");
        let block = blocks.next().ok_or(SiteError::NoList)?;
        let values = serde_json::from_str(&block.text).map_err(|error| {
            let place = offset(&block.text, error.line().saturating_sub(1), error.column().saturating_sub(1));
            SiteError::List(block.at + place, error.to_string())
        })?;
        let start = block.text.find('[').unwrap_or_default();
        Ok(Self::new(values, block.text.get(start..).unwrap_or_default(), block.at + start))
    }

    fn new(values: Vec<Value>, array: &str, at: usize) -> Self {
        let places = places(array).into_iter().map(|place| at + place).collect();
        Self { entries: values.into_iter().map(listed).collect(), at, places }
    }

    /// Who is trusted, and every mistake in the list.
    #[must_use]
    pub fn policy(&self) -> (TrustedDomains, Vec<PolicyError>) {
        let (trusted, mistakes) = TrustedDomains::parse(&self.entries, &to_ascii, &is_public_suffix);
        (trusted, mistakes.into_iter().map(|(_, mistake)| mistake).collect())
    }

    /// Every mistake, with where its entry begins in [`Page::source`].
    #[must_use]
    pub fn mistakes(&self) -> Vec<(usize, PolicyError)> {
        let (_, mistakes) = TrustedDomains::parse(&self.entries, &to_ascii, &is_public_suffix);
        let place = |position: u32| self.places.get(position as usize).copied().unwrap_or(self.at);
        mistakes.into_iter().map(|(position, mistake)| (place(position), mistake)).collect()
    }

    /// The entries as sources of `frame-ancestors`, which knows the same wildcard. Those with a mistake are left out.
    #[must_use]
    pub fn ancestors(&self) -> Vec<String> {
        self.policy().0.sources().collect()
    }
}

/// An entry as bridge-protocol takes it; the page does the same with its own.
fn listed(value: Value) -> Listed {
    let text = |value| if let Value::String(text) = value { Some(text) } else { None };
    let property = |value| match value {
        Value::String(text) => Property::Text(text),
        Value::Array(values) => Property::Texts(values.into_iter().map(text).collect()),
        _ => Property::Other,
    };
    match value {
        Value::String(text) => Listed::Text(text),
        Value::Object(properties) => {
            Listed::Object(properties.into_iter().map(|(name, value)| (name, property(value))).collect())
        }
        _ => Listed::Other,
    }
}

/// The byte at which a line and a column are, both counted from 0.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}

/// Where the entries of an array begin, which is known to be well-formed.
fn places(array: &str) -> Vec<usize> {
    let mut code = Code { script: array, at: 0 };
    let (mut places, mut depth, mut is_awaited) = (Vec::new(), 0_u32, false);
    while let Some((at, c)) = code.next_but_space() {
        if is_awaited && c != ']' {
            places.push(at);
        }
        is_awaited = matches!((depth, c), (0, '[') | (1, ','));
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    places
}

/// The array that a script assigns to `TRUSTED_DOMAINS`, brackets and all, and where it begins; `None` if it assigns nothing to it.
fn array_of_script(script: &str) -> Result<Option<(usize, &str)>, SiteError> {
    const NAME: &str = "TRUSTED_DOMAINS";
    let mut code = Code { script, at: 0 };
    let mut before = None;
    while let Some((at, c)) = code.next() {
        let is_part_of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let rest = script.get(at..).unwrap_or_default();
        let is_name = rest.strip_prefix(NAME).is_some_and(|rest| !rest.starts_with(is_part_of_a_name))
            && !before.is_some_and(is_part_of_a_name);
        before = Some(c);
        if !is_name {
            continue;
        }
        code.at = at + NAME.len();
        let is_assigned = matches!(code.next_but_space(), Some((at, '=')) if !script.get(at + 1..).unwrap_or_default().starts_with(['=', '>']));
        if !is_assigned {
            continue;
        }
        let (start, first) = code.next_but_space().unwrap_or((at, ' '));
        if first != '[' {
            return Err(SiteError::List(start, "it does not begin with [".to_owned()));
        }
        let (mut depth, mut nesting) = (1_u32, 1_u32);
        while let Some((at, c)) = code.next() {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            match c {
                '[' | '{' => nesting += 1,
                ']' | '}' => nesting = nesting.saturating_sub(1),
                _ => {}
            }
            if nesting > MAX_NESTING {
                return Err(SiteError::List(at, "it is nested too deeply".to_owned()));
            }
            if depth == 0 {
                let mut after = Code { script, at: at + 1 };
                let follows_nothing = after.next_but_space().is_none_or(|(_, c)| c != '.' && c != '[' && c != '(');
                return if follows_nothing {
                    Ok(script.get(start..=at).map(|array| (start, array)))
                } else {
                    Err(SiteError::List(at, "something is done with the array after its ]".to_owned()))
                };
            }
        }
        return Err(SiteError::List(start, "its ] is missing".to_owned()));
    }
    Ok(None)
}

/// The characters of a script that are neither in a comment nor in a text.
struct Code<'a> {
    script: &'a str,
    at: usize,
}

impl Code<'_> {
    fn next(&mut self) -> Option<(usize, char)> {
        loop {
            let rest = self.script.get(self.at..)?;
            let c = rest.chars().next()?;
            let skipped = match c {
                '/' if rest.starts_with("//") => rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                '"' | '\'' | '`' => end_of_text(rest, c),
                _ => {
                    let at = self.at;
                    self.at += c.len_utf8();
                    return Some((at, c));
                }
            };
            let at = self.at;
            self.at += skipped.max(1);
            // A text is still something, and must not look like nothing between two names.
            if c != '/' {
                return Some((at, c));
            }
        }
    }

    fn next_but_space(&mut self) -> Option<(usize, char)> {
        loop {
            let found = self.next()?;
            if !found.1.is_whitespace() {
                return Some(found);
            }
        }
    }
}

/// How long the text is that begins here, with its quotes. One in `"` or `'` that is not closed ends with its line, so that an apostrophe in
/// a regular expression does not hide what follows.
fn end_of_text(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return at + 1;
        } else if c == '\n' && quote != '`' {
            return at;
        }
    }
    rest.len()
}

/// One file of the site with everything that is sent with it.
#[derive(Debug)]
pub struct File {
    /// All headers but `Strict-Transport-Security`, which depends on the connection.
    pub headers: HeaderMap,
    /// As it is sent to who does not take it compressed.
    pub content: Vec<u8>,
    /// The same after brotli, if that is smaller: the script is on every page of every domain.
    pub compressed: Option<Vec<u8>>,
}

/// The files of the site, and whom it trusts.
#[derive(Debug)]
pub struct Site {
    files: HashMap<String, File>,
    trusted: TrustedDomains,
    mistakes: Vec<PolicyError>,
}

impl Site {
    /// Reads the files of a folder, not those of folders in it and none whose name begins with a dot.
    ///
    /// # Errors
    /// If there is no readable list in it.
    pub fn load(folder: &Path) -> Result<Self, SiteError> {
        let page = iframe_page(folder)?;
        let needs_wasm = page.needs_wasm();
        let list = TrustedList::read(&page)?;
        let (trusted, mistakes) = list.policy();
        let ancestors = list.ancestors();

        let served = |(name, content): (String, Vec<u8>)| {
            let file = served(&name, content, &ancestors, needs_wasm);
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

    /// Whom the owner trusts.
    #[must_use]
    pub fn trusted(&self) -> &TrustedDomains {
        &self.trusted
    }

    /// Every mistake in the list.
    #[must_use]
    pub fn mistakes(&self) -> &[PolicyError] {
        &self.mistakes
    }
}

/// The headers of a file, for every host: this server, and those that `check-site` writes for.
///
/// There is no Cross-Origin-Opener-Policy, because a popup needs its opener, and no X-Frame-Options, because pages of other origins embed
/// the bridge.
pub(crate) fn headers(
    name: &str,
    content: &[u8],
    ancestors: &[String],
    needs_wasm: bool,
) -> Vec<(&'static str, String)> {
    let is_page = content_type(name).starts_with("text/html");
    let (policy, others): (String, &[(&str, &str)]) = if is_page {
        let policy = Page::read(&String::from_utf8_lossy(content)).content_security_policy(ancestors, needs_wasm);
        // No page of the bridge needs these; storage-access must stay as it is.
        let permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        (policy, &[("Permissions-Policy", permissions), ("Cache-Control", "no-cache")])
    } else {
        // Every page of every domain includes the script: a few minutes, so that a release arrives soon.
        let caching = ("Cache-Control", "public, max-age=300");
        (NOTHING.to_owned(), &[("Cross-Origin-Resource-Policy", "cross-origin"), caching])
    };
    let others = COMMON.iter().chain(others).map(|(name, value)| (*name, (*value).to_owned()));
    std::iter::once((POLICY, policy)).chain(others).collect()
}

pub(crate) const POLICY: &str = "Content-Security-Policy";

/// The policy of what is not a page.
pub(crate) const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// What is sent with everything.
pub(crate) const COMMON: [(&str, &str); 2] =
    [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")];

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt" | "ts" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The page with the list.
pub(crate) fn iframe_page(folder: &Path) -> Result<Page, SiteError> {
    let path = folder.join(IFRAME_PAGE);
    let html = std::fs::read(&path).map_err(|error| SiteError::Unreadable(path.display().to_string(), error))?;
    Ok(Page::read(std::str::from_utf8(&html).map_err(|_| SiteError::Encoding)?))
}

/// The regular files of a folder that are served, by name: not those of folders in it, none whose name begins with a dot, and none that is
/// larger than a bridge's file would be.
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
        // Follows links: what is mounted into a container often is one.
        let about = std::fs::metadata(&path).map_err(unreadable(&path))?;
        if about.is_file() && about.len() <= MAX_FILE_BYTES {
            files.insert(name.to_owned(), std::fs::read(&path).map_err(unreadable(&path))?);
        }
    }
    Ok(files)
}

/// A file with everything that is sent with it.
fn served(name: &str, content: Vec<u8>, ancestors: &[String], needs_wasm: bool) -> File {
    let mut sent = headers(name, &content, ancestors, needs_wasm);
    let content =
        if name == IFRAME_PAGE { with_server_sign(&String::from_utf8_lossy(&content)).into_bytes() } else { content };
    // A weak one: it stands for the compressed content, too.
    let etag = format!("W/\"{}\"", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(&content)));
    sent.extend([("ETag", etag), ("Content-Type", content_type(name).to_owned())]);
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        // Hashes, and origins out of their parser: there is nothing in them that a header cannot hold.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    let compressed = compressed(&content).filter(|compressed| compressed.len() < content.len());
    File { headers, content, compressed }
}

fn compressed(content: &[u8]) -> Option<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &params).ok()?;
    Some(compressed)
}

/// What is sent with everything, errors too.
#[must_use]
pub fn common_headers() -> HeaderMap {
    let parsed = COMMON.iter().filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_static(value)))
    });
    parsed.collect()
}

/// The page with the sign after its `<meta charset>`, which must stay among the first 1024 bytes.
fn with_server_sign(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let after = |text: &str| {
        let start = lower.find(text)?;
        Some(start + lower.get(start..)?.find('>')? + 1)
    };
    match after("<meta charset").or_else(|| after("<head")) {
        Some(at) => {
            format!("{}{SERVER_SIGN}{}", html.get(..at).unwrap_or_default(), html.get(at..).unwrap_or_default())
        }
        None => format!("{SERVER_SIGN}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(html: &str) -> Result<Vec<String>, String> {
        let list = TrustedList::read(&Page::read(html)).map_err(|error| error.to_string())?;
        assert_eq!(list.places.len(), list.entries.len(), "each entry has its place");
        let text = |entry| match entry {
            Listed::Text(text) => text,
            Listed::Object(properties) => format!("{properties:?}"),
            Listed::Other => "(not a text)".to_owned(),
        };
        Ok(list.entries.into_iter().map(text).collect())
    }

    fn script(text: &str) -> Result<Vec<String>, String> {
        list(&format!("<!DOCTYPE html><script>{text}</script>"))
    }

    #[test]
    fn the_list_is_found_as_the_owner_wrote_it() {
        let page = include_str!("../../../iframe-site/iframe.html");
        assert_eq!(list(page).unwrap(), ["https://shop.example", "https://*.help.example"]);
        let written = r#"
            // const TRUSTED_DOMAINS = ["https://commented.example"];
            const note = "const TRUSTED_DOMAINS = ['https://quoted.example']";
            const TRUSTED_DOMAINS /* mine */ = [
              "https://a.example", // ] not the end
              'https://b.example', /* ], nor this */
              "https://[odd].example",
              7,
            ]; TRUSTED_DOMAINS.length;"#;
        let expected = ["https://a.example", "https://b.example", "https://[odd].example", "(not a text)"];
        assert_eq!(script(written).unwrap(), expected);
        assert_eq!(script("let TRUSTED_DOMAINS=[]").unwrap(), Vec::<String>::new());
        assert_eq!(
            script("/don't/.test(x);\nvar TRUSTED_DOMAINS = ['https://a.example']").unwrap(),
            ["https://a.example"]
        );
    }

    #[test]
    fn a_block_of_json_counts_where_no_script_has_a_list() {
        let block = r#"<script type="application/json" id="trusted-domains">["https://json.example"]</script>"#;
        assert_eq!(list(block).unwrap(), ["https://json.example"]);
        assert_eq!(list(&format!("<script>typeof TRUSTED_DOMAINS</script>{block}")).unwrap(), ["https://json.example"]);
        let both = format!("{block}<script>const TRUSTED_DOMAINS = ['https://js.example']</script>");
        assert_eq!(list(&both).unwrap(), ["https://js.example"]);
        assert!(list(&format!("<!-- {block} -->")).unwrap_err().contains("has no"));
        assert!(list("<script type='application/json' id='trusted-domains'>[</script>").is_err());
    }

    #[test]
    fn a_list_that_only_a_browser_could_read_is_refused() {
        for text in [
            "const TRUSTED_DOMAINS = JSON.parse('[]')",
            "const TRUSTED_DOMAINS = [...others]",
            "const TRUSTED_DOMAINS = [`https://a.example`]",
            "const TRUSTED_DOMAINS = ['https://' + host]",
            "const TRUSTED_DOMAINS = ['a'].concat(others)",
            "const TRUSTED_DOMAINS = ['https://a.example'",
        ] {
            assert!(script(text).unwrap_err().contains("must be an array"), "{text}");
        }
        for text in ["", "MY_TRUSTED_DOMAINS = ['a']", "TRUSTED_DOMAINS2 = ['a']", "TRUSTED_DOMAINS == ['a']"] {
            assert!(script(text).unwrap_err().contains("has no"), "{text}");
        }
    }

    #[test]
    fn an_object_is_read_as_the_page_reads_it() {
        let written = r#"const TRUSTED_DOMAINS = [{ origin: 'https://a.example', cookies: ["b", 7], "access": {} }];"#;
        let json = r#"{ "origin": "https://a.example", "cookies": ["b", 7], "access": {} }"#;
        let block = format!(r#"<script type="application/json" id="trusted-domains"> [{json}]</script>"#);
        let expected = Listed::Object(vec![
            ("access".to_owned(), Property::Other),
            ("cookies".to_owned(), Property::Texts(vec![Some("b".to_owned()), None])),
            ("origin".to_owned(), Property::Text("https://a.example".to_owned())),
        ]);
        for page in [format!("<script>{written}</script>"), block] {
            assert_eq!(TrustedList::read(&Page::read(&page)).unwrap().entries, std::slice::from_ref(&expected));
        }
    }

    #[test]
    fn a_mistake_is_told_with_the_place_of_its_entry() {
        let written = "[ // [,\r\n 'https://good.example',\r\n {origin: 'http://a', cookies: [',', '}']},\t7 ,\n]";
        for page in [
            format!(
                "<!-- <script>const TRUSTED_DOMAINS = {written}</script> -->\r\n<script>const TRUSTED_DOMAINS = {written}</script>"
            ),
            format!("<p>\u{fc}\r<script>\r\nvar TRUSTED_DOMAINS = {written}\r\n</script>"),
        ] {
            let page = Page::read(&page);
            let mistakes = TrustedList::read(&page).unwrap().mistakes();
            let beginnings: Vec<&str> =
                mistakes.iter().map(|(at, _)| page.source()[*at..].split(' ').next().unwrap()).collect();
            assert_eq!(beginnings, ["{origin:", "{origin:", "7"], "{mistakes:?}");
            let last = page.source().rfind("7 ,").unwrap();
            assert_eq!(mistakes[2].0, last);
        }
    }

    #[test]
    fn a_place_is_the_pages_own_also_behind_a_nul() {
        let page = Page::read("\0<script>'\0\0\0'; const TRUSTED_DOMAINS = ['\0', 7]; x</script>");
        let mistakes = TrustedList::read(&page).unwrap().mistakes();
        assert_eq!(mistakes[1].0, page.source().find('7').unwrap());
    }

    #[test]
    fn a_list_that_is_nested_without_end_is_an_error_and_no_overflow() {
        for nest in ["[", "{a:", "[{'a':"] {
            let page = format!("<script>const TRUSTED_DOMAINS = [{}</script>", nest.repeat(200_000));
            let error = TrustedList::read(&Page::read(&page)).unwrap_err();
            assert!(error.to_string().ends_with("nested too deeply"), "{error}");
        }
        let within = format!("<script>const TRUSTED_DOMAINS = [{}{}]</script>", "[".repeat(63), "]".repeat(63));
        assert_eq!(TrustedList::read(&Page::read(&within)).unwrap().mistakes().len(), 1);
    }

    #[test]
    fn public_suffixes_are_refused_as_wildcards_and_domains_of_somebody_are_not() {
        for suffix in [
            "com",
            "co.uk",
            "github.io",
            "kawasaki.jp",
            "x.kawasaki.jp",
            "xn--55qx5d.cn",
            "s3.amazonaws.com",
            "pages.dev",
        ] {
            assert!(is_public_suffix(suffix), "{suffix}");
        }
        for domain in
            ["shop.example", "example.co.uk", "www.example.com", "me.github.io", "city.kawasaki.jp", "shop.localhost"]
        {
            assert!(!is_public_suffix(domain), "{domain}");
        }
    }

    #[test]
    fn ancestors_are_the_good_entries_each_once_in_their_one_spelling() {
        let list = TrustedList::read(&Page::read(
            "<script>const TRUSTED_DOMAINS = ['HTTPS://Shop.Example:443', 'https://shop.example', \
             { origin: 'https://*.B\u{fc}cher.example:8443', access: ['load'] }, 'https://*.com', 'https://*.co.uk']</script>",
        ));
        let list = list.unwrap();
        assert_eq!(list.ancestors(), ["https://shop.example", "https://*.xn--bcher-kva.example:8443"]);
        assert_eq!(list.policy().1.len(), 3);
    }

    #[test]
    fn the_policy_has_the_hashes_that_a_browser_computes() {
        // An example of the Content Security Policy standard itself.
        let page = Page::read(
            "<!-- <script>no</script> --><script>alert('Hello, world.');</script><script type=application/json>[]</script>",
        );
        let policy = page.content_security_policy(&["https://shop.example".to_owned()], true);
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=' 'wasm-unsafe-eval'; \
             connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'self' https://shop.example"
        );
        let hash = |html: &str| Page::read(html).content_security_policy(&[], true);
        assert_eq!(hash("<script>a\r\nb</script>"), hash("<script>a\nb</script>"));
        assert!(
            hash("<script src=x.js></script><style>p{}</style>")
                .contains("script-src 'wasm-unsafe-eval' 'self'; style-src 'sha256-")
        );
        assert_eq!(hash("<script>if (a <!--b) '<p>'</script>").matches("sha256").count(), 1);
    }

    #[test]
    fn a_site_that_was_built_without_webassembly_is_not_allowed_any() {
        let built = |script: &str| format!("<script>const TRUSTED_DOMAINS = []</script><script>{script}</script>");
        let without = Page::read(&built("/* Cookie Bridge without WebAssembly */\nstart()"));
        assert!(!without.needs_wasm() && !without.content_security_policy(&[], false).contains("wasm"));
        assert!(Page::read(&built("start()")).needs_wasm());
        assert!(Page::read(&built("'/* Cookie Bridge without WebAssembly */'")).needs_wasm());
        let doctor = Page::read("<script src=cookie-provider.js></script>").content_security_policy(&[], false);
        assert!(doctor.contains("script-src 'self';"), "{doctor}");
    }

    #[test]
    fn the_sign_stands_after_the_charset() {
        let page = with_server_sign(include_str!("../../../iframe-site/iframe.html"));
        assert!(page.contains("<meta charset=\"utf-8\"><meta name=\"bridge-server\" content=\"1\">"));
        assert_eq!(with_server_sign("<p>"), format!("{SERVER_SIGN}<p>"));
    }

    proptest! {
        #[test]
        fn no_page_panics(html in any::<String>(), script in "[\\[\\]\"'`/*\\\\a =,\u{fc}\n]{0,60}") {
            let _ = TrustedList::read(&Page::read(&html));
            let _ = array_of_script(&format!("TRUSTED_DOMAINS={script}"));
            let _ = array_of_script(&format!("{script}TRUSTED_DOMAINS=[]"));
            let _ = with_server_sign(&html);
        }
    }
}
