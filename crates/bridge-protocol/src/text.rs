//! Splits strings at ASCII characters, and reads and writes numbers. The standard library's general search and formatting cost 6 KB of wasm;
//! these functions cover only what this crate needs.

/// The text before and after the first `mark`; `None` without one.
pub(crate) fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|b| b == mark)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The pieces between the `mark`s.
pub(crate) fn pieces(text: &str, mark: u8) -> Pieces<'_> {
    Pieces { rest: Some(text), mark }
}

pub(crate) struct Pieces<'a> {
    rest: Option<&'a str>,
    mark: u8,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest?;
        let (piece, rest) = cut(text, self.mark).map_or((text, None), |(piece, rest)| (piece, Some(rest)));
        self.rest = rest;
        Some(piece)
    }
}

/// Reads a decimal number up to `limit`. There is one way to write each: no leading zeros and no sign.
pub(crate) fn number(digits: &str, limit: u64) -> Option<u64> {
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    digits.bytes().try_fold(0, |number: u64, b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        let number = number.checked_mul(10)?.checked_add(digit)?;
        (number <= limit).then_some(number)
    })
}

/// Appends a number in decimal.
#[inline(never)]
pub(crate) fn push_number(text: &mut String, number: u64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    push_digit(text, (number % 10) as usize);
}

/// Appends one hexadecimal digit.
#[inline(never)]
pub(crate) fn push_digit(text: &mut String, at: usize) {
    text.push_str("0123456789abcdef".get(at..=at).unwrap_or_default());
}

/// The pieces as one string.
#[inline(never)]
#[must_use]
pub fn join(pieces: &[&str]) -> String {
    let mut text = String::new();
    for piece in pieces {
        text.push_str(piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_are_those_of_split(text in any::<String>()) {
            prop_assert!(pieces(&text, b';').eq(text.split(';')));
            prop_assert_eq!(cut(&text, b';'), text.split_once(';'));
        }

        #[test]
        fn numbers_are_written_and_read_as_ever(number_in in any::<u64>(), text in any::<String>()) {
            let mut written = String::new();
            push_number(&mut written, number_in);
            prop_assert_eq!(&written, &number_in.to_string());
            prop_assert_eq!(number(&written, u64::MAX), Some(number_in));
            prop_assert_eq!(number(&text, u64::MAX).map(|n| n.to_string()), number(&text, u64::MAX).map(|_| text));
        }
    }

    #[test]
    fn numbers_have_a_limit() {
        assert_eq!(number("255", 255), Some(255));
        for bad in ["256", "", "00", "01", "+1", "-1", "1 ", "99999999999999999999999", "\u{661}"] {
            assert_eq!(number(bad, 255), None, "{bad:?}");
        }
    }
}
