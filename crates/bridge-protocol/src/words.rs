//! Enums whose variants are words, on the wire or in JavaScript.
//!
//! The words of an enum are one text, a line each. In the module, a table of strings takes 8 bytes more for each word, and a comparison with each
//! word takes the letters once more, as numbers.

use crate::text::pieces;

/// The line at this position.
#[doc(hidden)]
#[inline(never)]
#[must_use]
pub fn line(lines: &'static str, at: usize) -> &'static str {
    pieces(lines, b'\n').nth(at).unwrap_or_default()
}

/// The position of the line that is this word.
#[doc(hidden)]
#[inline(never)]
#[must_use]
pub fn position(lines: &'static str, word: &str) -> Option<usize> {
    // The text ends with a line that is empty and is no word.
    pieces(lines, b'\n').position(|line| line == word).filter(|_| !word.is_empty())
}

/// Defines an enum with a word for each variant: `as_str` is the word, and `parse` reads it.
#[macro_export]
macro_rules! words {
    ($(#[$about:meta])* $visible:vis enum $name:ident { $($(#[$meaning:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visible enum $name { $($(#[$meaning])* $variant),* }

        impl $name {
            const WORDS: &str = concat!($($word, "\n"),*);

            /// The word.
            #[must_use]
            $visible fn as_str(self) -> &'static str {
                $crate::line(Self::WORDS, self as usize)
            }

            /// The variant of this word.
            #[must_use]
            $visible fn parse(word: &str) -> Option<Self> {
                const ALL: &[$name] = &[$($name::$variant),*];
                ALL.get($crate::position(Self::WORDS, word)?).copied()
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    words! {
        enum Colour {
            Red = "red",
            DarkRed = "dark-red",
        }
    }

    #[test]
    fn each_word_is_read_as_its_variant_and_no_other_text_is() {
        for (colour, word) in [(Colour::Red, "red"), (Colour::DarkRed, "dark-red")] {
            assert_eq!(colour.as_str(), word);
            assert_eq!(Colour::parse(word), Some(colour));
        }
        for other in ["", "\n", "Red", "red\n", "red\ndark-red", "dark"] {
            assert_eq!(Colour::parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn there_is_no_line_beyond_the_last() {
        assert_eq!(line("a\nb\n", 1), "b");
        assert_eq!(line("a\nb\n", 9), "");
    }
}
