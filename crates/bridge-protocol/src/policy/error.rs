use std::fmt;

use crate::origin::OriginError;
use crate::text::{join, push_number};

/// A mistake in `TRUSTED_DOMAINS`. An entry with a mistake trusts nobody; the other entries stay in force.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The list is empty, so nobody is trusted.
    Empty,
    /// The entry at this position is neither a string nor an object with a string `origin`.
    NotText {
        /// Counted from 0, as in JavaScript.
        position: u32,
    },
    /// The entry is not an origin.
    Invalid {
        /// The entry as it was written.
        entry: String,
        /// What is wrong with it.
        error: OriginError,
    },
    /// The object has an unknown property. It is an error, because a typo must not grant more than was meant.
    Unknown {
        /// Its `origin`.
        entry: String,
        /// The property.
        property: String,
    },
    /// `cookies` is not an array of cookie names, or is empty.
    Cookies {
        /// Its `origin`.
        entry: String,
    },
    /// `access` is not an array of `"load"` and `"save"`, or is empty.
    Access {
        /// Its `origin`.
        entry: String,
    },
    /// `returnPage` is not the path of a file `cookie-bridge.html`.
    ReturnPage {
        /// Its `origin`.
        entry: String,
    },
    /// The list contains the same origin twice, perhaps in two spellings.
    Duplicate {
        /// The second one, as it was written.
        entry: String,
    },
}

impl PolicyError {
    /// What is wrong, with the entry's name, in one line.
    #[must_use]
    pub fn message(&self) -> String {
        let what = match self {
            Self::Empty => "the list is empty; nobody is trusted".to_owned(),
            Self::NotText { position } => {
                let mut number = String::new();
                push_number(&mut number, (*position).into());
                join(&["entry ", &number, " is neither a string nor an object with an origin; it is left out"])
            }
            Self::Invalid { entry, error } => join(&[&quoted(entry), " ", error.message(), "; it is left out"]),
            Self::Unknown { entry, property } => {
                join(&[&quoted(entry), " has the unknown property ", &quoted(property), "; it is left out"])
            }
            Self::Cookies { entry } => {
                join(&[&quoted(entry), " has cookies that are not a list of cookie names; it is left out"])
            }
            Self::Access { entry } => {
                join(&[&quoted(entry), " has an access that is not a list of \"load\" and \"save\"; it is left out"])
            }
            Self::ReturnPage { entry } => join(&[
                &quoted(entry),
                " has a returnPage that is not the path of a file cookie-bridge.html; it is left out",
            ]),
            Self::Duplicate { entry } => join(&[&quoted(entry), " is there twice; the first one counts"]),
        };
        join(&["TRUSTED_DOMAINS: ", &what])
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message())
    }
}

impl std::error::Error for PolicyError {}

/// The entry in quotes, without control characters, which could forge a line of a log.
fn quoted(entry: &str) -> String {
    let mut text = "\"".to_owned();
    for c in entry.chars().take(100) {
        text.push(if c.is_control() { '\u{fffd}' } else { c });
    }
    text.push('"');
    text
}
