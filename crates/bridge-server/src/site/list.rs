use bridge_protocol::{Listed, PolicyError, Property, TrustedDomains};
use serde_json::Value;

use super::script::{array_of_script, places};
use super::{Page, SiteError};
use crate::domains::{is_public_suffix, to_ascii};

/// The owner's allowlist as written in `iframe.html`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedList {
    entries: Vec<Listed>,
    /// Where the allowlist and each of its entries begin, in bytes of [`Page::source`].
    at: usize,
    places: Vec<usize>,
}

impl TrustedList {
    /// Finds the allowlist in `iframe.html`: `const TRUSTED_DOMAINS = […]` in a script or, without one, the JSON block `#trusted-domains`. The
    /// bridge page searches in the same order.
    ///
    /// # Errors
    /// If there is no allowlist, or if it is not a plain array.
    pub fn read(page: &Page) -> Result<Self, SiteError> {
        for script in page.inline.iter().filter(|inline| inline.is_javascript()) {
            let within = |error| match error {
                SiteError::List(at, why) => SiteError::List(script.at + at, why),
                error => error,
            };
            if let Some((start, array)) = array_of_script(&script.text).map_err(within)? {
                let at = script.at + start;
                let values: Vec<Value> = json5::from_str(array).map_err(|error| {
                    let place = error.position().map(|place| offset(array, place.line, place.column));
                    SiteError::List(at + place.unwrap_or_default(), error.to_string())
                })?;
                return Ok(Self::new(values, array, at));
            }
        }
        let mut blocks = page.inline.iter().filter(|inline| inline.is_json() && inline.id == "trusted-domains");
        let block = blocks.next().ok_or(SiteError::NoList)?;
        let values = serde_json::from_str(&block.text).map_err(|error| {
            let place = offset(&block.text, error.line().saturating_sub(1), error.column().saturating_sub(1));
            SiteError::List(block.at + place, error.to_string())
        })?;
        let start = block.text.find('[').unwrap_or_default();
        Ok(Self::new(values, block.text.get(start..).unwrap_or_default(), block.at + start))
    }

    fn new(values: Vec<Value>, array: &str, at: usize) -> Self {
        let places = places(array).into_iter().map(|place| at + place).collect();
        Self { entries: values.into_iter().map(listed).collect(), at, places }
    }

    /// Who is trusted, and every mistake in the list.
    #[must_use]
    pub fn policy(&self) -> (TrustedDomains, Vec<PolicyError>) {
        let (trusted, mistakes) = TrustedDomains::parse(&self.entries, &to_ascii, &is_public_suffix);
        (trusted, mistakes.into_iter().map(|(_, mistake)| mistake).collect())
    }

    /// Every mistake, with the place of its entry in [`Page::source`].
    #[must_use]
    pub fn mistakes(&self) -> Vec<(usize, PolicyError)> {
        let (_, mistakes) = TrustedDomains::parse(&self.entries, &to_ascii, &is_public_suffix);
        let place = |position: u32| self.places.get(position as usize).copied().unwrap_or(self.at);
        mistakes.into_iter().map(|(position, mistake)| (place(position), mistake)).collect()
    }

    /// The entries as sources of `frame-ancestors`, which has the same wildcard. Entries with a mistake are left out.
    #[must_use]
    pub fn ancestors(&self) -> Vec<String> {
        self.policy().0.sources().collect()
    }
}

/// Converts an entry for bridge-protocol, as the bridge page does.
fn listed(value: Value) -> Listed {
    let text = |value| if let Value::String(text) = value { Some(text) } else { None };
    let property = |value| match value {
        Value::String(text) => Property::Text(text),
        Value::Array(values) => Property::Texts(values.into_iter().map(text).collect()),
        _ => Property::Other,
    };
    match value {
        Value::String(text) => Listed::Text(text),
        Value::Object(properties) => {
            Listed::Object(properties.into_iter().map(|(name, value)| (name, property(value))).collect())
        }
        _ => Listed::Other,
    }
}

/// The byte offset of a line and a column, both counted from 0.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    fn list(html: &str) -> Result<Vec<String>, String> {
        let list = TrustedList::read(&Page::read(html)).map_err(|error| error.to_string())?;
        assert_eq!(list.places.len(), list.entries.len(), "each entry has its place");
        let text = |entry| match entry {
            Listed::Text(text) => text,
            Listed::Object(properties) => format!("{properties:?}"),
            Listed::Other => "(not a text)".to_owned(),
        };
        Ok(list.entries.into_iter().map(text).collect())
    }

    fn script(text: &str) -> Result<Vec<String>, String> {
        list(&format!("<!DOCTYPE html><script>{text}</script>"))
    }

    #[test]
    fn the_list_is_found_as_the_owner_wrote_it() {
        let page = include_str!("../../../../iframe-site/iframe.html");
        assert_eq!(list(page).unwrap(), ["https://shop.example", "https://*.help.example"]);
        let written = r#"
            // const TRUSTED_DOMAINS = ["https://commented.example"];
            const note = "const TRUSTED_DOMAINS = ['https://quoted.example']";
            const TRUSTED_DOMAINS /* mine */ = [
              "https://a.example", // ] not the end
              'https://b.example', /* ], nor this */
              "https://[odd].example",
              7,
            ]; TRUSTED_DOMAINS.length;"#;
        let expected = ["https://a.example", "https://b.example", "https://[odd].example", "(not a text)"];
        assert_eq!(script(written).unwrap(), expected);
        assert_eq!(script("let TRUSTED_DOMAINS=[]").unwrap(), Vec::<String>::new());
        assert_eq!(
            script("/don't/.test(x);\nvar TRUSTED_DOMAINS = ['https://a.example']").unwrap(),
            ["https://a.example"]
        );
    }

    #[test]
    fn a_block_of_json_counts_where_no_script_has_a_list() {
        let block = r#"<script type="application/json" id="trusted-domains">["https://json.example"]</script>"#;
        assert_eq!(list(block).unwrap(), ["https://json.example"]);
        assert_eq!(list(&format!("<script>typeof TRUSTED_DOMAINS</script>{block}")).unwrap(), ["https://json.example"]);
        let both = format!("{block}<script>const TRUSTED_DOMAINS = ['https://js.example']</script>");
        assert_eq!(list(&both).unwrap(), ["https://js.example"]);
        assert!(list(&format!("<!-- {block} -->")).unwrap_err().contains("has no"));
        assert!(list("<script type='application/json' id='trusted-domains'>[</script>").is_err());
    }

    #[test]
    fn a_list_that_only_a_browser_could_read_is_refused() {
        for text in [
            "const TRUSTED_DOMAINS = JSON.parse('[]')",
            "const TRUSTED_DOMAINS = [...others]",
            "const TRUSTED_DOMAINS = [`https://a.example`]",
            "const TRUSTED_DOMAINS = ['https://' + host]",
            "const TRUSTED_DOMAINS = ['a'].concat(others)",
            "const TRUSTED_DOMAINS = ['https://a.example'",
        ] {
            assert!(script(text).unwrap_err().contains("must be an array"), "{text}");
        }
        for text in ["", "MY_TRUSTED_DOMAINS = ['a']", "TRUSTED_DOMAINS2 = ['a']", "TRUSTED_DOMAINS == ['a']"] {
            assert!(script(text).unwrap_err().contains("has no"), "{text}");
        }
    }

    #[test]
    fn an_object_is_read_as_the_page_reads_it() {
        let written = r#"const TRUSTED_DOMAINS = [{ origin: 'https://a.example', cookies: ["b", 7], "access": {} }];"#;
        let json = r#"{ "origin": "https://a.example", "cookies": ["b", 7], "access": {} }"#;
        let block = format!(r#"<script type="application/json" id="trusted-domains"> [{json}]</script>"#);
        let expected = Listed::Object(vec![
            ("access".to_owned(), Property::Other),
            ("cookies".to_owned(), Property::Texts(vec![Some("b".to_owned()), None])),
            ("origin".to_owned(), Property::Text("https://a.example".to_owned())),
        ]);
        for page in [format!("<script>{written}</script>"), block] {
            assert_eq!(TrustedList::read(&Page::read(&page)).unwrap().entries, std::slice::from_ref(&expected));
        }
    }

    #[test]
    fn a_mistake_is_told_with_the_place_of_its_entry() {
        let written = "[ // [,\r\n 'https://good.example',\r\n {origin: 'http://a', cookies: [',', '}']},\t7 ,\n]";
        for page in [
            format!(
                "<!-- <script>const TRUSTED_DOMAINS = {written}</script> -->\r\n<script>const TRUSTED_DOMAINS = {written}</script>"
            ),
            format!("<p>\u{fc}\r<script>\r\nvar TRUSTED_DOMAINS = {written}\r\n</script>"),
        ] {
            let page = Page::read(&page);
            let mistakes = TrustedList::read(&page).unwrap().mistakes();
            let beginnings: Vec<&str> =
                mistakes.iter().map(|(at, _)| page.source()[*at..].split(' ').next().unwrap()).collect();
            assert_eq!(beginnings, ["{origin:", "{origin:", "7"], "{mistakes:?}");
            let last = page.source().rfind("7 ,").unwrap();
            assert_eq!(mistakes[2].0, last);
        }
    }

    #[test]
    fn a_place_is_the_pages_own_also_behind_a_nul() {
        let page = Page::read("\0<script>'\0\0\0'; const TRUSTED_DOMAINS = ['\0', 7]; x</script>");
        let mistakes = TrustedList::read(&page).unwrap().mistakes();
        assert_eq!(mistakes[1].0, page.source().find('7').unwrap());
    }

    #[test]
    fn a_list_that_is_nested_without_end_is_an_error_and_no_overflow() {
        for nest in ["[", "{a:", "[{'a':"] {
            let page = format!("<script>const TRUSTED_DOMAINS = [{}</script>", nest.repeat(200_000));
            let error = TrustedList::read(&Page::read(&page)).unwrap_err();
            assert!(error.to_string().ends_with("nested too deeply"), "{error}");
        }
        let within = format!("<script>const TRUSTED_DOMAINS = [{}{}]</script>", "[".repeat(63), "]".repeat(63));
        assert_eq!(TrustedList::read(&Page::read(&within)).unwrap().mistakes().len(), 1);
    }

    #[test]
    fn ancestors_are_the_good_entries_each_once_in_their_one_spelling() {
        let list = TrustedList::read(&Page::read(
            "<script>const TRUSTED_DOMAINS = ['HTTPS://Shop.Example:443', 'https://shop.example', \
             { origin: 'https://*.B\u{fc}cher.example:8443', access: ['load'] }, 'https://*.com', 'https://*.co.uk']</script>",
        ));
        let list = list.unwrap();
        assert_eq!(list.ancestors(), ["https://shop.example", "https://*.xn--bcher-kva.example:8443"]);
        assert_eq!(list.policy().1.len(), 3);
    }
}
