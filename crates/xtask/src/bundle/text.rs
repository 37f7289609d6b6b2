//! Writes the module as text for a script.

use std::ops::Range;

/// The bytes that one character stands for, in the order of the characters. Letters and most marks stand for themselves, because brotli has a
/// dictionary of words. The other characters stand for the bytes that are frequent in a module. Compared with an alphabet in the order of the
/// bytes, that is 640 bytes less of `cookie-provider.js` after brotli, and 373 of `iframe.html`.
const DIRECT: [Range<u8>; 7] = [32..34, 35..47, 0..16, 64..72, 16..32, 127..135, 97..125];

/// Bytes as characters that are valid in a quoted string of any script, page or encoding. `unpack.js` of bridge-web reads it.
///
/// Base64 splits bytes across characters, so brotli finds no repetitions; it grows a module by 30 % after brotli, and this by 2 %. A byte is
/// written as one of 90 characters, after one of two marks if it is none of the 90 in `DIRECT`.
pub(super) fn as_text(bytes: &[u8]) -> String {
    const MARKS: [char; 2] = ['~', '}'];
    let alphabet: Vec<char> = (b' '..b'}').map(char::from).filter(|c| !"\\\"<".contains(*c)).collect();
    let direct: Vec<u8> = DIRECT.into_iter().flatten().collect();
    let rest = (0..=u8::MAX).filter(|byte| !direct.contains(byte));
    let order: Vec<u8> = direct.iter().copied().chain(rest).collect();
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes.iter().copied().chain(balance(bytes)) {
        let number = order.iter().position(|other| *other == byte).unwrap_or_default();
        text.extend(number.checked_sub(90).and_then(|beyond| MARKS.get(beyond / 90)));
        text.extend(alphabet.get(number % 90));
    }
    text
}

/// Seven bytes that make the sum zero, by which `unpack` sees whether something has changed the text: the digits of a number to the base of 31.
fn balance(bytes: &[u8]) -> impl Iterator<Item = u8> {
    const BASE: u32 = 31;
    let sum = bytes.iter().fold(1_u32, |sum, byte| sum.wrapping_mul(BASE).wrapping_add(u32::from(*byte)));
    let missing = sum.wrapping_mul(BASE.wrapping_pow(7)).wrapping_neg();
    (0..7).rev().map(move |digit| u8::try_from(missing / BASE.pow(digit) % BASE).unwrap_or_default())
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
