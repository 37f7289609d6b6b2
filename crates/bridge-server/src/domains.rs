//! What a domain is: its ASCII form, and whether anybody can have a name below it.

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
