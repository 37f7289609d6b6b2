//! The server's secret keys, and sealing with them.

use std::fmt;
use std::str::FromStr;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A digest or a MAC.
pub(crate) type Digest32 = [u8; 32];

/// The first byte of everything sealed, so that a later format can be distinguished from this one.
const SEAL_VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;

/// A secret key of 32 random bytes.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(secret)")
    }
}

/// Why a string is not a list of keys. The error contains no part of that string, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The list is empty.
    #[error("there is no key")]
    None,
    /// The key at this position, counted from 1, is not 32 bytes as hex or base64.
    #[error("key {0} is not 32 bytes as base64 or hex; `openssl rand -base64 32` makes one")]
    Malformed(usize),
}

impl Key {
    /// Parses keys that are separated by commas or new lines. The first one signs and seals; all of them verify and open.
    ///
    /// # Errors
    /// If the list is empty, or one of the keys is not 32 bytes.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, KeyError> {
        let texts = text.split([',', '\n']).map(str::trim).filter(|text| !text.is_empty());
        let keys: Vec<Self> = texts
            .enumerate()
            .map(|(at, text)| Self::parse(text).ok_or(KeyError::Malformed(at + 1)))
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(KeyError::None) } else { Ok(keys) }
    }

    fn parse(text: &str) -> Option<Self> {
        // 32 bytes are 43 characters of base64 and, with padding, one `=`.
        let unpadded = text.strip_suffix('=').unwrap_or(text).as_bytes();
        let decoded = match text.len() {
            64 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
            _ if text.contains(['-', '_']) => BASE64URL_NOPAD.decode(unpadded),
            _ => BASE64_NOPAD.decode(unpadded),
        };
        let bytes = Zeroizing::new(decoded.ok()?);
        Some(Self(bytes.as_slice().try_into().ok()?))
    }

    pub(crate) fn mac(&self, parts: &[&[u8]]) -> Digest32 {
        self.keyed(parts).finalize().into_bytes().into()
    }

    /// In constant time.
    pub(crate) fn verify(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.keyed(parts).verify_slice(mac).is_ok()
    }

    fn keyed(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut hmac = <Hmac<Sha256> as KeyInit>::new(&hmac_block(&self.0));
        for part in parts {
            hmac.update(part);
        }
        hmac
    }
}

/// Pads the key to the block size with zeros, as HMAC does (RFC 2104). The constructor for a key of this size cannot fail.
fn hmac_block(key: &[u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

/// Which encryption key sealed something. It reveals nothing about the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyId([u8; KEY_ID_BYTES]);

impl KeyId {
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) const fn bytes(&self) -> &[u8; KEY_ID_BYTES] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for KeyId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or("not the id of a key: eight hex digits")
    }
}

/// Sessions in the store were sealed with keys that this server does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the store has sessions that were sealed with an encryption key that is missing: {}. Without it their customers lose them. \
     Put that key after those that this server has ({}); or give up these sessions with --abandon-key, and they are deleted",
    listed(missing),
    listed(ours)
)]
pub(crate) struct MissingKeys {
    pub(crate) missing: Vec<KeyId>,
    pub(crate) ours: Vec<KeyId>,
}

fn listed(ids: &[KeyId]) -> String {
    ids.iter().map(KeyId::to_string).collect::<Vec<_>>().join(", ")
}

/// The encryption keys that a store may meet.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownKeys {
    /// Those of this server. The first one seals.
    pub(crate) ours: Vec<KeyId>,
    /// What these have sealed is deleted.
    pub(crate) abandoned: Vec<KeyId>,
}

impl KnownKeys {
    /// Checks that each key which sealed something is there.
    pub(crate) fn check(&self, sealed_with: impl IntoIterator<Item = KeyId>) -> Result<(), MissingKeys> {
        let is_missing = |id: &KeyId| !self.ours.contains(id) && !self.abandoned.contains(id);
        let mut missing: Vec<KeyId> = sealed_with.into_iter().filter(is_missing).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() { Ok(()) } else { Err(MissingKeys { missing, ours: self.ours.clone() }) }
    }
}

/// The keys of a customer in the store: a MAC of the customer id under each encryption key, in the order of those keys.
pub(crate) type Subjects = Vec<Digest32>;

/// Seals what the store contains, so that the store alone reveals no session and no customer.
pub struct Vault(Vec<VaultKey>);

struct VaultKey {
    /// Derived from the key: identifies it in sealed data and reveals nothing about it.
    id: KeyId,
    seal: Key,
    subject: Key,
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Vault({} keys)", self.0.len())
    }
}

impl Vault {
    /// Derives one key for each purpose from each encryption key.
    #[must_use]
    pub fn new(keys: &[Key]) -> Self {
        let derived = |key: &Key, purpose: &str| Key(key.mac(&[b"cookie-bridge ", purpose.as_bytes()]));
        let vault_key = |key: &Key| {
            let [a, b, c, d, ..] = key.mac(&[b"cookie-bridge id"]);
            VaultKey { id: KeyId([a, b, c, d]), seal: derived(key, "seal"), subject: derived(key, "subject") }
        };
        Self(keys.iter().map(vault_key).collect())
    }

    pub(crate) fn ids(&self) -> Vec<KeyId> {
        self.0.iter().map(|key| key.id).collect()
    }

    /// The keys of a customer in the store.
    pub(crate) fn subjects(&self, customer_id: &str) -> Subjects {
        self.0.iter().map(|key| key.subject.mac(&[customer_id.as_bytes()])).collect()
    }

    /// Seals a session with the first key, bound to this subject and name.
    pub(crate) fn seal_session(&self, subject: &Digest32, name: &str, value: &str) -> Option<Vec<u8>> {
        let key = self.0.first()?;
        seal(key.id, &key.seal, &session_context(subject, name), value.as_bytes())
    }

    /// `None` if the sealed data was altered or moved to another subject or name, or if its key was removed.
    pub(crate) fn open_session(&self, subject: &Digest32, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let context = session_context(subject, name);
        self.0.iter().find_map(|key| open(key.id, &key.seal, &context, sealed))
    }
}

fn session_context(subject: &Digest32, name: &str) -> Vec<u8> {
    [b"session".as_slice(), subject, name.as_bytes()].concat()
}

fn seal(id: KeyId, key: &Key, context: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).ok()?;
    let payload = Payload { msg: content, aad: context };
    let sealed = XChaCha20Poly1305::new(&key.0.into()).encrypt(&XNonce::from(nonce), payload).ok()?;
    Some([[SEAL_VERSION].as_slice(), &id.0, &nonce, &sealed].concat())
}

fn open(id: KeyId, key: &Key, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let sealed = sealed.strip_prefix(&[SEAL_VERSION])?.strip_prefix(&id.0)?;
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: sealed, aad: context };
    XChaCha20Poly1305::new(&key.0.into()).decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(keys: &str) -> Vault {
        Vault::new(&Key::parse_list(keys).unwrap())
    }

    #[test]
    fn keys_are_read_as_hex_and_as_base64_of_either_alphabet_with_or_without_padding() {
        let hex = "fb".repeat(32);
        let standard = data_encoding::BASE64.encode(&[0xfb; 32]);
        let url = BASE64URL_NOPAD.encode(&[0xfb; 32]);
        let keys = Key::parse_list(&format!("{hex},\n{standard}\n{url}\n")).unwrap();
        assert_eq!(keys, vec![Key([0xfb; 32]); 3]);
        assert_eq!(Key::parse_list(" \n,"), Err(KeyError::None));
        let (padded_twice, loose_bits) = (format!("{standard}="), format!("{}B", "A".repeat(42)));
        for bad in ["secret", &"0".repeat(63), &"0".repeat(62), &"g".repeat(64), &padded_twice, &loose_bits] {
            assert_eq!(Key::parse_list(&format!("{hex},{bad}")), Err(KeyError::Malformed(2)), "{bad}");
        }
    }

    #[test]
    fn a_sealed_session_opens_only_where_it_was_sealed_and_untouched() {
        let vault = vault(&"01".repeat(32));
        let [subject, other] = [[1; 32], [2; 32]];
        let sealed = vault.seal_session(&subject, "chat", "value").unwrap();
        assert_eq!(vault.open_session(&subject, "chat", &sealed).unwrap().as_slice(), b"value");
        assert!(vault.open_session(&other, "chat", &sealed).is_none());
        assert!(vault.open_session(&subject, "chat2", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open_session(&subject, "chat", &changed).is_none(), "byte {at}");
            assert!(vault.open_session(&subject, "chat", &sealed[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn an_old_key_still_opens_and_a_removed_one_does_not() {
        let (old, new) = ("01".repeat(32), "02".repeat(32));
        let sealed = vault(&old).seal_session(&[1; 32], "chat", "value").unwrap();
        assert!(vault(&format!("{new},{old}")).open_session(&[1; 32], "chat", &sealed).is_some());
        assert!(vault(&new).open_session(&[1; 32], "chat", &sealed).is_none());
        assert_eq!(vault(&format!("{new},{old}")).subjects("7")[1], vault(&old).subjects("7")[0]);
    }

    #[test]
    fn a_missing_key_is_named_by_its_id() {
        let (old, new) = (vault(&"01".repeat(32)), vault(&"02".repeat(32)));
        let [id] = old.ids()[..] else { panic!("one key has one id") };
        assert_eq!(id.to_string().parse(), Ok(id));
        let mut known = KnownKeys { ours: new.ids(), abandoned: vec![] };
        let error = known.check([id, new.ids()[0], id]).unwrap_err();
        assert_eq!(error.missing, [id]);
        assert!(error.to_string().contains(&format!("is missing: {id}.")), "{error}");
        known.abandoned.push(id);
        assert_eq!(known.check([id]), Ok(()));
        for bad in ["", "1234567", "123456789", "0x123456", "ghijklmn"] {
            assert!(bad.parse::<KeyId>().is_err(), "{bad}");
        }
        assert_eq!(KeyId::of_bytes(id.bytes().to_vec()), Some(id));
        assert_eq!(KeyId::of_bytes(vec![]), None);
    }

    #[test]
    fn what_holds_a_key_does_not_show_it() {
        let keys = Key::parse_list(&"ab".repeat(32)).unwrap();
        assert_eq!(format!("{keys:?} {:?}", Vault::new(&keys)), "[Key(secret)] Vault(1 keys)");
    }
}
