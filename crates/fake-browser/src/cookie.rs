/// The longest name and value together, in bytes.
const MAX_PAIR: usize = 4096;

/// The longest value of an attribute, in bytes; a longer attribute is ignored.
const MAX_ATTRIBUTE: usize = 1024;

/// A stored cookie, or one that a document wants to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) value: String,
    /// The domain whose hosts all see it; `None` if only the host that set it does.
    pub(crate) domain: Option<String>,
    pub(crate) path: String,
    pub(crate) is_same_site: bool,
    pub(crate) is_partitioned: bool,
    /// Whether scripts neither see it nor replace it.
    pub(crate) is_http_only: bool,
}

/// The document that reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) host: &'static str,
    pub(crate) path: &'static str,
    /// Whether it is in a page of another site.
    pub(crate) is_framed: bool,
}

/// What a write asks for.
pub(crate) struct Write {
    pub(crate) cookie: Cookie,
    /// Whether the cookie is to be removed: its lifetime is not above 0.
    pub(crate) is_expired: bool,
}

impl Cookie {
    /// A cookie of a document's own host, for all its paths and all contexts.
    pub(crate) fn plain(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: None,
            path: "/".to_owned(),
            is_same_site: false,
            is_partitioned: false,
            is_http_only: false,
        }
    }

    /// Whether one replaces the other (RFC 6265bis, section 5.7). The partition is part of the key (CHIPS).
    pub(crate) fn is_in_place_of(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path, self.is_partitioned)
            == (&other.name, &other.domain, &other.path, other.is_partitioned)
    }

    /// Whether a script of the document sees it (section 5.8.3).
    pub(crate) fn is_visible_to(&self, document: Document) -> bool {
        covers(&self.path, document.path) && !(document.is_framed && self.is_same_site) && !self.is_http_only
    }
}

impl Write {
    /// Reads what a script assigns to `document.cookie` (section 5.6), and applies the rules of storing it (section 5.7). `None` where
    /// the browser ignores it.
    pub(crate) fn read(text: &str, document: Document) -> Option<Self> {
        Self::read_from(text, document).filter(|write| !write.cookie.is_http_only)
    }

    /// The same of what a server sends.
    pub(crate) fn read_from(text: &str, document: Document) -> Option<Self> {
        if text.bytes().any(|b| matches!(b, 0..=8 | 10..=31 | 127)) {
            return None;
        }
        let mut parts = text.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (trimmed(name), trimmed(value));
        if (name.is_empty() && value.is_empty()) || name.len() + value.len() > MAX_PAIR {
            return None;
        }
        let mut cookie = Cookie { is_same_site: true, ..Cookie::plain(name, value) };
        default_path(document.path).clone_into(&mut cookie.path);
        let (mut is_secure, mut is_expired) = (false, false);
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (key, value) = (trimmed(key).to_ascii_lowercase(), trimmed(value));
            if value.len() > MAX_ATTRIBUTE {
                continue;
            }
            match key.as_str() {
                "secure" => is_secure = true,
                "httponly" => cookie.is_http_only = true,
                "partitioned" => cookie.is_partitioned = true,
                "samesite" => cookie.is_same_site = !value.eq_ignore_ascii_case("none"),
                "path" => {
                    let path = if value.starts_with('/') { value } else { default_path(document.path) };
                    path.clone_into(&mut cookie.path);
                }
                "domain" => cookie.domain = domain_of(value),
                "max-age" => is_expired = ends_at_once(value).unwrap_or(is_expired),
                _ => {}
            }
        }
        if let Some(domain) = &cookie.domain {
            // A domain of one label is a public suffix.
            if !domain.contains('.') || !is_below(document.host, domain) {
                return None;
            }
        }
        let needs_secure = !cookie.is_same_site || cookie.is_partitioned;
        let is_out_of_site = document.is_framed && cookie.is_same_site;
        if (needs_secure && !is_secure) || is_out_of_site || !keeps_its_prefix(&cookie, is_secure) {
            return None;
        }
        Some(Self { cookie, is_expired })
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The path of a cookie that names none (section 5.1.4).
fn default_path(path: &str) -> &str {
    path.rsplit_once('/').map(|(folder, _)| folder).filter(|folder| !folder.is_empty()).unwrap_or("/")
}

/// Whether a cookie of this path is for the document (section 5.1.4).
fn covers(path: &str, document: &str) -> bool {
    document.strip_prefix(path).is_some_and(|rest| rest.is_empty() || path.ends_with('/') || rest.starts_with('/'))
}

fn domain_of(value: &str) -> Option<String> {
    let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
    (!domain.is_empty()).then_some(domain)
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|labels| labels.is_empty() || labels.ends_with('.'))
}

/// Whether `Max-Age` removes the cookie; `None` where it is not a number and so ignored.
fn ends_at_once(value: &str) -> Option<bool> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_number = !value.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| value.starts_with('-') || digits.bytes().all(|b| b == b'0'))
}

/// What a name promises (section 4.1.3). A cookie without a name must not look as if it promised anything.
fn keeps_its_prefix(cookie: &Cookie, is_secure: bool) -> bool {
    let shown = if cookie.name.is_empty() { &cookie.value } else { &cookie.name };
    let shown = shown.to_ascii_lowercase();
    let begins = |prefix| shown.starts_with(prefix);
    if cookie.name.is_empty() {
        return !["__host-", "__secure-", "__http-"].into_iter().any(begins);
    }
    // No script can promise `HttpOnly`.
    if begins("__http-") || begins("__host-http-") {
        return false;
    }
    if begins("__host-") {
        return is_secure && cookie.domain.is_none() && cookie.path == "/";
    }
    is_secure || !begins("__secure-")
}
