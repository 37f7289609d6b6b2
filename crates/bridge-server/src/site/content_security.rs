use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::Page;

impl Page {
    /// The page's Content-Security-Policy: allows the page's own scripts and styles and these ancestors, and nothing else.
    #[must_use]
    pub fn content_security_policy(&self, ancestors: &[String], needs_wasm: bool) -> String {
        let hashes = |tag: &str| -> Vec<String> {
            let texts = self.inline.iter().filter(|inline| inline.tag == tag && !inline.is_json());
            texts.map(|inline| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(inline.text.as_bytes())))).collect()
        };
        let mut scripts = hashes("script");
        if needs_wasm && (!scripts.is_empty() || self.has_script_files) {
            scripts.push("'wasm-unsafe-eval'".to_owned());
        }
        if self.has_script_files {
            scripts.push("'self'".to_owned());
        }
        let mut policy = vec!["default-src 'none'".to_owned()];
        for (directive, sources) in [("script-src", scripts), ("style-src", hashes("style"))] {
            if !sources.is_empty() {
                policy.push(format!("{directive} {}", sources.join(" ")));
            }
        }
        // No script of the bridge turns strings into HTML or code, so none needs a Trusted Types policy.
        let same = [
            "connect-src 'self'",
            "frame-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ];
        policy.extend(same.map(str::to_owned));
        policy.push(
            ["frame-ancestors 'self'"]
                .into_iter()
                .chain(ancestors.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(" "),
        );
        policy.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_has_the_hashes_that_a_browser_computes() {
        // An example of the Content Security Policy standard itself.
        let page = Page::read(
            "<!-- <script>no</script> --><script>alert('Hello, world.');</script><script type=application/json>[]</script>",
        );
        let policy = page.content_security_policy(&["https://shop.example".to_owned()], true);
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=' 'wasm-unsafe-eval'; \
             connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'self' https://shop.example"
        );
        let hash = |html: &str| Page::read(html).content_security_policy(&[], true);
        assert_eq!(hash("<script>a\r\nb</script>"), hash("<script>a\nb</script>"));
        assert!(
            hash("<script src=x.js></script><style>p{}</style>")
                .contains("script-src 'wasm-unsafe-eval' 'self'; style-src 'sha256-")
        );
        assert_eq!(hash("<script>if (a <!--b) '<p>'</script>").matches("sha256").count(), 1);
    }

    #[test]
    fn a_site_that_was_built_without_webassembly_is_not_allowed_any() {
        let built = |script: &str| format!("<script>const TRUSTED_DOMAINS = []</script><script>{script}</script>");
        let without = Page::read(&built("/* Cookie Bridge without WebAssembly */\nstart()"));
        assert!(!without.needs_wasm() && !without.content_security_policy(&[], false).contains("wasm"));
        assert!(Page::read(&built("start()")).needs_wasm());
        assert!(Page::read(&built("'/* Cookie Bridge without WebAssembly */'")).needs_wasm());
        let doctor = Page::read("<script src=cookie-provider.js></script>").content_security_policy(&[], false);
        assert!(doctor.contains("script-src 'self';"), "{doctor}");
    }
}
