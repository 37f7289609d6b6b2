/// What tells the page that a bridge server is there.
const SERVER_SIGN: &str = r#"<meta name="bridge-server" content="1">"#;

/// The page with the sign after its `<meta charset>`, which must stay among the first 1024 bytes.
pub(super) fn with_server_sign(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let after = |text: &str| {
        let start = lower.find(text)?;
        Some(start + lower.get(start..)?.find('>')? + 1)
    };
    match after("<meta charset").or_else(|| after("<head")) {
        Some(at) => {
            format!("{}{SERVER_SIGN}{}", html.get(..at).unwrap_or_default(), html.get(at..).unwrap_or_default())
        }
        None => format!("{SERVER_SIGN}{html}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_stands_after_the_charset() {
        let page = with_server_sign(include_str!("../../../../iframe-site/iframe.html"));
        assert!(page.contains("<meta charset=\"utf-8\"><meta name=\"bridge-server\" content=\"1\">"));
        assert_eq!(with_server_sign("<p>"), format!("{SERVER_SIGN}<p>"));
    }
}
