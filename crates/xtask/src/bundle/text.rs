//! Writes the module as text for a script.

/// Bytes as characters that are valid in a quoted string of any script, page or encoding. `unpack.js` of bridge-web reads it.
///
/// Base64 splits bytes across characters, so brotli finds no repetitions; it grows a module by 30 % after brotli, and this by 5 %. A byte is
/// written as one of 90 characters, after one of two marks if it is beyond the first 90.
pub(super) fn as_text(bytes: &[u8]) -> String {
    const MARKS: [char; 2] = ['~', '}'];
    let alphabet: Vec<char> = (b' '..b'}').map(char::from).filter(|c| !"\\\"<".contains(*c)).collect();
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let number = usize::from(*byte);
        text.extend(number.checked_sub(90).and_then(|beyond| MARKS.get(beyond / 90)));
        text.extend(alphabet.get(number % 90));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_written_as_unpack_js_expects_it() {
        // The same file is what crates/bridge-web/unpack.test.js unpacks.
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        assert_eq!(as_text(&bytes), include_str!("../../../bridge-web/all-bytes.txt"));
    }
}
