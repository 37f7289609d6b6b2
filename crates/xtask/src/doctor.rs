//! The doctor's page: put together from the modules in `iframe-site/doctor` into one file, which needs nothing but `cookie-provider.js` beside it.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::command::{output_of, root};
use crate::oldest::TARGET_WITHOUT_WASM;
use crate::setup::Tools;

/// Where `doctor.html` asks for the files that the page gets inline.
const STYLE: &str = r#"<link rel="stylesheet" href="doctor.css">"#;
const SCRIPT: &str = r#"<script data-cfasync="false" type="module" src="main.js"></script>"#;

/// The attribute keeps Cloudflare's Rocket Loader from changing it.
const SCRIPT_TAG: &str = r#"script data-cfasync="false""#;

/// The finished page.
///
/// Its script is not minified: site owners can read what they host, and nobody but them and their support staff downloads it.
pub(crate) fn page(tools: &Tools) -> Result<String> {
    let folder = root().join("iframe-site/doctor");
    let read = |name: &str| fs::read_to_string(folder.join(name)).with_context(|| format!("cannot read {name}"));
    let mut bundle = tools.bundle();
    bundle.arg(folder.join("main.js"));
    bundle.args(["--bundle", "--format=iife", "--log-level=warning"]);
    bundle.arg(format!("--target={TARGET_WITHOUT_WASM}"));
    let script = String::from_utf8(output_of(&mut bundle)?)?;
    let page = inline(&read("doctor.html")?, STYLE, "style", &read("doctor.css")?)?;
    inline(&page, SCRIPT, SCRIPT_TAG, &script)
}

/// Puts content into the page in place of the element that asks for it.
fn inline(page: &str, asks: &str, tag: &str, content: &str) -> Result<String> {
    let (before, after) = page.split_once(asks).with_context(|| format!("doctor.html has no {asks}"))?;
    // The first would end the element; after the second, a parser may not see its end (HTML Standard, 13.2.5.20).
    let name = tag.split(' ').next().unwrap_or(tag);
    for text in [&format!("</{name}"), "<!--"] {
        ensure!(!content.to_ascii_lowercase().contains(text), "{text} would not stay text in the doctor's <{name}>");
    }
    Ok(format!("{before}<{tag}>\n{content}</{name}>{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_in_place_of_what_asks_for_it() {
        let page = inline("<head><link></head>", "<link>", "style", "p {}\n").unwrap();
        assert_eq!(page, "<head><style>\np {}\n</style></head>");
        assert!(inline("<head></head>", "<link>", "style", "").is_err());
    }

    #[test]
    fn content_that_would_end_its_element_is_refused() {
        for content in ["'</SCRIPT>'", "</script", "<!-- <script"] {
            assert!(inline("<link>", "<link>", "script", content).is_err(), "{content}");
        }
        assert!(inline("<link>", "<link>", "script", "a < b; '</p>'").is_ok());
    }
}
