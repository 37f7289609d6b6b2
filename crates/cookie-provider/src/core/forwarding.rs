//! Links to a server that may send the visitor on: their path or query has the address of another origin.

/// What may follow an origin in an address.
const ENDS: [u8; 4] = *b"/?#&";

/// Whether a path and query, as a link has them, contain an address that is not of the link's own origin. An offer would go along to that address, since a
/// redirect keeps the fragment.
pub(super) fn may_forward(origin: &str, path_and_query: &str) -> bool {
    let text = decode(path_and_query);
    let is_own = |address: &[u8]| {
        address.strip_prefix(origin.as_bytes()).is_some_and(|rest| rest.first().is_none_or(|end| ENDS.contains(end)))
    };
    let mut is_query = false;
    // What precedes `//` in an address with a scheme.
    let mut before = b':';
    (0..text.len()).any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        is_query |= rest.first() == Some(&b'?');
        // A path may have an empty segment.
        let is_relative = is_query && before != b':' && rest.starts_with(b"//");
        let is_absolute = rest.starts_with(b"http:") || rest.starts_with(b"https:");
        before = rest.first().copied().unwrap_or_default();
        is_relative || (is_absolute && !is_own(rest))
    })
}

/// In lower case, with `:` and `/` in place of their percent-encoding, however often that is encoded itself, and of what browsers read as `/`.
fn decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut bytes = text.as_bytes();
    while let Some((first, mut rest)) = bytes.split_first() {
        let mut byte = first.to_ascii_lowercase();
        if byte == b'%' {
            while let Some(inner) = rest.strip_prefix(b"25") {
                rest = inner;
            }
            if let [high, low, after @ ..] = rest {
                let code = [*high, low.to_ascii_lowercase()];
                let found = [(*b"2f", b'/'), (*b"3a", b':'), (*b"5c", b'/')].into_iter().find(|(of, _)| *of == code);
                if let Some((_, character)) = found {
                    (byte, rest) = (character, after);
                }
            }
        }
        decoded.push(if byte == b'\\' { b'/' } else { byte });
        bytes = rest;
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(path_and_query: &str) -> bool {
        may_forward("https://help.example", path_and_query)
    }

    #[test]
    fn a_link_with_another_origins_address_may_be_sent_on() {
        for forwarding in [
            "/out?u=https://evil.test",
            "/out?u=HTTP://evil.test",
            "/out?u=https%3A%2F%2Fevil.test",
            "/out?u=https%253a%252F%252fevil.test",
            "/out?u=https%25253Aevil.test",
            "/out?u=//evil.test",
            "/out?u=%2f%2Fevil.test",
            "/out?u=/%5Cevil.test",
            "/out?u=\\\\evil.test",
            "/out/https://evil.test",
            "/out/https:/evil.test",
            "/out?u=https://help.example.evil.test/",
            "/out?u=https://help.example@evil.test/",
            "/out?u=https://help.example:8443/",
            "/out?u=http://help.example/",
            "/out?u=https://help.example/&v=https://evil.test",
        ] {
            assert!(may(forwarding), "{forwarding}");
        }
    }

    #[test]
    fn any_other_link_may_carry_an_offer() {
        for plain in [
            "",
            "/",
            "//a//b",
            "/?page=2&q=50%25",
            "/?q=a/b:c%",
            "/https-guide?%2",
            "/?back=https://help.example/cart?x=1",
            "/?back=https%3A%2F%2Fhelp.example",
            "/?back=https://help.example&page=2",
        ] {
            assert!(!may(plain), "{plain}");
        }
    }
}
