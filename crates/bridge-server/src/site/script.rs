//! Finds the array that a script assigns to `TRUSTED_DOMAINS`, without running the script.
//!
//! This scanner knows comments, strings and brackets, and nothing else of JavaScript. A real parser was measured and not taken. oxc_parser
//! 0.146 is recursive: 10,000 open brackets overflow its stack and abort the server, so it would still need this scanner to limit the nesting.
//! It also adds 45 crates, 40 s of CPU time to a debug build (60 s to a release build) and 0.66 MB to the program.

use super::SiteError;

/// How deep brackets and braces may nest; an allowlist needs three levels. The JSON5 parser is recursive and has no limit of its own.
const MAX_NESTING: u32 = 64;

/// Where each entry of a well-formed array begins.
pub(super) fn places(array: &str) -> Vec<usize> {
    let mut code = Code { script: array, at: 0 };
    let (mut places, mut depth, mut is_awaited) = (Vec::new(), 0_u32, false);
    while let Some((at, c)) = code.next_but_space() {
        if is_awaited && c != ']' {
            places.push(at);
        }
        is_awaited = matches!((depth, c), (0, '[') | (1, ','));
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    places
}

/// The array that a script assigns to `TRUSTED_DOMAINS`, with its brackets, and its place. `None` if the script has no such assignment.
pub(super) fn array_of_script(script: &str) -> Result<Option<(usize, &str)>, SiteError> {
    const NAME: &str = "TRUSTED_DOMAINS";
    let mut code = Code { script, at: 0 };
    let mut before = None;
    while let Some((at, c)) = code.next() {
        let is_part_of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let rest = script.get(at..).unwrap_or_default();
        let is_name = rest.strip_prefix(NAME).is_some_and(|rest| !rest.starts_with(is_part_of_a_name))
            && !before.is_some_and(is_part_of_a_name);
        before = Some(c);
        if !is_name {
            continue;
        }
        code.at = at + NAME.len();
        let is_assigned = matches!(code.next_but_space(), Some((at, '=')) if !script.get(at + 1..).unwrap_or_default().starts_with(['=', '>']));
        if !is_assigned {
            continue;
        }
        let (start, first) = code.next_but_space().unwrap_or((at, ' '));
        if first != '[' {
            return Err(SiteError::List(start, "it does not begin with [".to_owned()));
        }
        let (mut depth, mut nesting) = (1_u32, 1_u32);
        while let Some((at, c)) = code.next() {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            match c {
                '[' | '{' => nesting += 1,
                ']' | '}' => nesting = nesting.saturating_sub(1),
                _ => {}
            }
            if nesting > MAX_NESTING {
                return Err(SiteError::List(at, "it is nested too deeply".to_owned()));
            }
            if depth == 0 {
                let mut after = Code { script, at: at + 1 };
                let follows_nothing = after.next_but_space().is_none_or(|(_, c)| c != '.' && c != '[' && c != '(');
                return if follows_nothing {
                    Ok(script.get(start..=at).map(|array| (start, array)))
                } else {
                    Err(SiteError::List(at, "the script uses the array after its ]".to_owned()))
                };
            }
        }
        return Err(SiteError::List(start, "its ] is missing".to_owned()));
    }
    Ok(None)
}

/// The characters of a script outside comments, with each string reduced to its opening quote.
struct Code<'a> {
    script: &'a str,
    at: usize,
}

impl Code<'_> {
    fn next(&mut self) -> Option<(usize, char)> {
        loop {
            let rest = self.script.get(self.at..)?;
            let c = rest.chars().next()?;
            let skipped = match c {
                '/' if rest.starts_with("//") => rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                '"' | '\'' | '`' => string_length(rest, c),
                _ => {
                    let at = self.at;
                    self.at += c.len_utf8();
                    return Some((at, c));
                }
            };
            let at = self.at;
            self.at += skipped.max(1);
            // The quote stands for the string, so that a name before it and a name after it stay separate.
            if c != '/' {
                return Some((at, c));
            }
        }
    }

    fn next_but_space(&mut self) -> Option<(usize, char)> {
        loop {
            let found = self.next()?;
            if !found.1.is_whitespace() {
                return Some(found);
            }
        }
    }
}

/// The length of the string that begins here, with its quotes. An unclosed `"` or `'` ends at the end of its line, so that an apostrophe in a
/// regular expression hides no more than that.
fn string_length(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return at + 1;
        } else if c == '\n' && quote != '`' {
            return at;
        }
    }
    rest.len()
}
