//! Customer references: one is valid if, and only if, it was signed with this key for this customer and time.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bridge_server::reference::{MAX_ID_BYTES, MAX_REFERENCE_BYTES, MAX_REFERENCE_SECONDS, sign, verify};
use bridge_server::{ErrorCode, Key};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub const NOW: u64 = 1_800_000_000;
pub const KEY: [u8; 32] = [0x11; 32];

pub fn key() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| Key::parse_list(&"11".repeat(32)).unwrap())
}

pub fn mac_of(text: &str) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&KEY).unwrap();
    mac.update(text.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Signs the reference's own content again. It is valid if, and only if, the result is the same text.
pub fn a_reference_counts_if_it_was_signed_for_it(text: &str) {
    let parts: Vec<&str> = text.split('.').collect();
    let said = match parts.as_slice() {
        ["v1", id, expires, _] => {
            let id = URL_SAFE_NO_PAD.decode(id).ok().and_then(|id| String::from_utf8(id).ok());
            id.zip(expires.parse::<u64>().ok())
        }
        _ => None,
    };
    let expected = said.filter(|(id, expires)| {
        let (before, mac) = text.rsplit_once('.').unwrap();
        // A signed number may have leading zeros.
        let is_plain = parts[2].trim_start_matches('0') == expires.to_string().trim_start_matches('0');
        mac == mac_of(before) && is_plain && (1..=MAX_ID_BYTES).contains(&id.len()) && text.len() <= MAX_REFERENCE_BYTES
    });
    match (verify(key(), text, NOW), expected) {
        (Ok(customer), Some((id, expires))) => {
            assert_eq!(customer.reveal(), id);
            assert!(expires > NOW && expires - NOW <= MAX_REFERENCE_SECONDS);
            assert_eq!(format!("{customer:?}"), format!("CustomerId({} bytes)", id.len()));
            let again = sign(&key()[0], &id, expires).unwrap();
            assert_eq!(verify(key(), &again, NOW).unwrap(), customer);
        }
        (Err(ErrorCode::ReferenceExpired), Some((_, expires))) => assert!(expires <= NOW),
        (Err(ErrorCode::ReferenceInvalid), Some((_, expires))) => assert!(expires > NOW + MAX_REFERENCE_SECONDS),
        (Err(ErrorCode::ReferenceInvalid), None) => {}
        (found, expected) => panic!("{text:?}: {found:?}, expected {expected:?}"),
    }
    assert!(verify(&Key::parse_list(&"22".repeat(32)).unwrap(), text, NOW).is_err(), "another key's");
}
