//! Customer references: signed, expiring tokens with which a site's server names a customer to the bridge server.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use crate::error::ErrorCode;
use crate::keys::Key;

/// The longest reference, in bytes.
pub const MAX_REFERENCE_BYTES: usize = 512;

/// The longest customer id, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// How far ahead a reference may expire, in seconds: 30 days.
pub const MAX_REFERENCE_SECONDS: u64 = 30 * 24 * 60 * 60;

const VERSION: &str = "v1";

/// The id of a customer, out of a verified reference. It may be a name or an e-mail address, so `Debug` shows only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerId(String);

impl CustomerId {
    /// The id itself. It must not appear in a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CustomerId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CustomerId({} bytes)", self.0.len())
    }
}

/// Signs a reference. `None` if the id is empty or too long. `expires` is in seconds since 1970.
#[must_use]
pub fn sign(key: &Key, id: &str, expires: u64) -> Option<String> {
    if !(1..=MAX_ID_BYTES).contains(&id.len()) {
        return None;
    }
    let signed = format!("{VERSION}.{}.{expires}", BASE64URL_NOPAD.encode(id.as_bytes()));
    let mac = BASE64URL_NOPAD.encode(&key.mac(&[signed.as_bytes()]));
    Some(format!("{signed}.{mac}"))
}

/// Verifies a reference and returns its customer. `now` is in seconds since 1970.
///
/// # Errors
/// `reference-invalid` or `reference-expired`.
pub fn verify(keys: &[Key], text: &str, now: u64) -> Result<CustomerId, ErrorCode> {
    let (id, expires) = parse(keys, text).ok_or(ErrorCode::ReferenceInvalid)?;
    if expires <= now {
        return Err(ErrorCode::ReferenceExpired);
    }
    if expires - now > MAX_REFERENCE_SECONDS {
        return Err(ErrorCode::ReferenceInvalid);
    }
    Ok(id)
}

fn parse(keys: &[Key], text: &str) -> Option<(CustomerId, u64)> {
    if text.len() > MAX_REFERENCE_BYTES {
        return None;
    }
    let (signed, mac) = text.rsplit_once('.')?;
    // Strict decoding: there is exactly one encoding of these bytes.
    let mac = BASE64URL_NOPAD.decode(mac.as_bytes()).ok()?;
    // The MAC is verified before anything else is parsed.
    if !keys.iter().any(|key| key.verify(&[signed.as_bytes()], &mac)) {
        return None;
    }
    let (id, expires) = signed.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
    let id = String::from_utf8(BASE64URL_NOPAD.decode(id.as_bytes()).ok()?).ok()?;
    let is_number = expires.bytes().all(|b| b.is_ascii_digit());
    let expires = expires.parse().ok().filter(|_| is_number)?;
    (1..=MAX_ID_BYTES).contains(&id.len()).then_some((CustomerId(id), expires))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_800_000_000;

    fn keys(text: &str) -> Vec<Key> {
        Key::parse_list(text).unwrap()
    }

    fn one() -> Vec<Key> {
        keys(&"01".repeat(32))
    }

    /// A reference with a valid signature over any parts.
    fn signed(parts: &str) -> String {
        format!("{parts}.{}", BASE64URL_NOPAD.encode(&one()[0].mac(&[parts.as_bytes()])))
    }

    #[test]
    fn a_reference_names_its_customer_until_it_expires() {
        let reference = sign(&one()[0], "kund\u{e4} 7", NOW + 10).unwrap();
        assert_eq!(verify(&one(), &reference, NOW).unwrap().reveal(), "kund\u{e4} 7");
        assert_eq!(verify(&one(), &reference, NOW + 9).unwrap().reveal(), "kund\u{e4} 7");
        assert_eq!(verify(&one(), &reference, NOW + 10), Err(ErrorCode::ReferenceExpired));
    }

    #[test]
    fn a_forged_reference_is_refused() {
        let other = keys(&"02".repeat(32));
        let reference = sign(&other[0], "7", NOW + 10).unwrap();
        assert_eq!(verify(&one(), &reference, NOW), Err(ErrorCode::ReferenceInvalid));
        for text in ["", ".", "...", "v1.Nw.1800000010", "v1.Nw.1800000010.", "v1.Nw.1800000010.AAAA"] {
            assert_eq!(verify(&one(), text, NOW), Err(ErrorCode::ReferenceInvalid), "{text}");
        }
    }

    #[test]
    fn what_is_signed_but_not_a_reference_is_refused() {
        let long = BASE64URL_NOPAD.encode("x".repeat(129).as_bytes());
        let later = NOW + MAX_REFERENCE_SECONDS + 1;
        for parts in [
            "v2.Nw.1800000010",
            "v1.Nw.+1800000010",
            "v1.Nw.",
            "v1.Nw.99999999999999999999999",
            "v1..1800000010",
            "v1.Nx.1800000010",
            "v1.Nw==.1800000010",
            "v1._w.1800000010",
            "Nw.1800000010",
            &format!("v1.{long}.1800000010"),
            &format!("v1.Nw.{later}"),
        ] {
            assert_eq!(verify(&one(), &signed(parts), NOW), Err(ErrorCode::ReferenceInvalid), "{parts}");
        }
        assert!(verify(&one(), &signed("v1.Nw.1800000010"), NOW).is_ok());
        assert!(sign(&one()[0], "", NOW).is_none() && sign(&one()[0], &"x".repeat(129), NOW).is_none());
    }

    #[test]
    fn each_of_several_keys_verifies() {
        let (old, new) = ("01".repeat(32), "02".repeat(32));
        let reference = sign(&keys(&old)[0], "7", NOW + 10).unwrap();
        assert!(verify(&keys(&format!("{new},{old}")), &reference, NOW).is_ok());
        assert!(verify(&keys(&new), &reference, NOW).is_err());
    }

    #[test]
    fn an_id_is_not_shown() {
        let reference = sign(&one()[0], "jane@example.com", NOW + 10).unwrap();
        assert_eq!(format!("{:?}", verify(&one(), &reference, NOW).unwrap()), "CustomerId(16 bytes)");
    }

    proptest! {
        #[test]
        fn a_reference_with_any_byte_changed_is_refused(id in "\\PC{1,20}", at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let reference = sign(&one()[0], &id, NOW + 10).unwrap();
            let mut bytes = reference.clone().into_bytes();
            *at.get_mut(&mut bytes) = byte;
            prop_assume!(bytes != reference.as_bytes());
            if let Ok(changed) = String::from_utf8(bytes) {
                prop_assert_eq!(verify(&one(), &changed, NOW), Err(ErrorCode::ReferenceInvalid));
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            prop_assert!(verify(&one(), &text, NOW).is_err());
        }
    }
}
