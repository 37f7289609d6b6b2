use html5gum::Token;

use super::page::tokens;

/// Tells the bridge page that a bridge server hosts it.
const SERVER_MARKER: &str = r#"<meta name="bridge-server" content="1">"#;

/// The page with the marker after its `<meta charset>`, which must stay among the first 1024 bytes.
pub(super) fn with_server_marker(html: &str) -> String {
    let (mut head, mut charset) = (None, None);
    for token in tokens(html) {
        let Token::StartTag(tag) = token else { continue };
        match tag.name.as_slice() {
            b"meta" if tag.attributes.contains_key(b"charset".as_slice()) => {
                charset = Some(tag.span.end);
                break;
            }
            b"head" => head = head.or(Some(tag.span.end)),
            _ => {}
        }
    }
    let at = charset.or(head).unwrap_or_default();
    let (before, after) = html.split_at_checked(at).unwrap_or(("", html));
    format!("{before}{SERVER_MARKER}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_sign_stands_after_the_charset() {
        let page = with_server_marker(include_str!("../../../../iframe-site/iframe.html"));
        assert!(page.contains("<meta charset=\"utf-8\"><meta name=\"bridge-server\" content=\"1\">"));
        assert_eq!(with_server_marker("<p>"), format!("{SERVER_MARKER}<p>"));
    }

    #[test]
    fn what_only_looks_like_a_charset_or_a_head_does_not_get_the_marker() {
        for page in [
            "<!-- <meta charset> --><head><META\r\n\0x = '>'\rCHARSET=utf-8>|<p>",
            "<title><meta charset></title><meta charset=utf-8 />|<meta charset=utf-8>",
            "<header><!--<head>--><head\r\n>|<meta name=charset>",
            "|<header><script>'<head>'</script>",
        ] {
            let page = page.replace('|', SERVER_MARKER);
            assert_eq!(with_server_marker(&page.replace(SERVER_MARKER, "")), page);
        }
    }

    proptest! {
        #[test]
        fn the_rest_of_a_page_stays_as_it_is(html in "(<head>|<meta charset>|<meta|[<>!/ a-\u{e9}\r\n\0='\"-]){0,30}") {
            let page = with_server_marker(&html);
            let (before, after) = page.split_once(SERVER_MARKER).unwrap();
            prop_assert!(before.is_empty() || before.ends_with('>'));
            prop_assert_eq!(format!("{before}{after}"), html);
        }
    }
}
