//! The module as text in a script.

/// Bytes as characters that may stand in a quoted string of any script, page or encoding. `unpack.js` of bridge-web reads it.
///
/// Base64 would cut across the bytes, so that nothing repeats any more for brotli to find; this grows a module by 5 % after brotli
/// where base64 grows it by 30 %. A byte is written as one of 90 characters, with one of two marks in front if it is beyond the
/// first 90.
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
