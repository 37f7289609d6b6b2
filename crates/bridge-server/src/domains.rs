//! What only native code knows about domains: IDNA and the Public Suffix List. Both are larger than the bridge itself.

/// The ASCII form (IDNA) of a host name, for [`TrustedDomains::parse`].
#[must_use]
pub fn to_ascii(host: &str) -> Option<String> {
    url::Host::parse(host).ok().map(|host| host.to_string())
}

/// Whether anybody can register a name below this domain (`co.uk`, `github.io`), by the Public Suffix List with its private section.
#[must_use]
pub fn is_public_suffix(domain: &str) -> bool {
    // A rule like `*.kawasaki.jp` makes every name below `kawasaki.jp` a public suffix.
    let below = format!("any.{domain}");
    [domain, &below].into_iter().any(|domain| psl::suffix_str(domain) == Some(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
