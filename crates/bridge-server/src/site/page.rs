use bridge_protocol::WITHOUT_WASM;
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// The tokens of a page with their spans in bytes.
pub(super) fn tokens(html: &str) -> impl Iterator<Item = Token<usize>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // So that the content of a script is one text token.
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter).map(|Ok(token)| token)
}

/// An inline script or style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inline {
    /// `script` or `style`.
    pub(super) tag: String,
    /// The attribute `type`, in lower case.
    kind: String,
    pub(super) id: String,
    pub(super) text: String,
    /// Where its text begins in [`Page::source`].
    pub(super) at: usize,
}

impl Inline {
    /// Whether it is a data block. No policy applies to those.
    pub(super) fn is_json(&self) -> bool {
        self.tag == "script" && self.kind == "application/json"
    }

    pub(super) fn is_javascript(&self) -> bool {
        self.tag == "script"
            && matches!(self.kind.as_str(), "" | "text/javascript" | "application/javascript" | "module")
    }
}

/// The parts of a page that its headers depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// See [`Page::source`].
    source: String,
    pub(super) inline: Vec<Inline>,
    /// Whether there are scripts with a `src`.
    pub(super) has_script_files: bool,
}

impl Page {
    /// Reads a page as a browser does.
    #[must_use]
    pub fn read(html: &str) -> Self {
        // In a script a NUL becomes U+FFFD, elsewhere it is dropped (HTML Standard, 13.2.5). With it replaced everywhere, offsets within a
        // script's text are offsets in the page, too.
        let source = html.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
        let mut page = Self { source, ..Self::default() };
        let mut open: Option<Inline> = None;
        for token in tokens(&page.source) {
            match token {
                Token::StartTag(tag) if matches!(tag.name.as_slice(), b"script" | b"style") => {
                    let attribute = |name: &[u8]| {
                        let found = tag.attributes.iter().find(|(key, _)| key.as_slice() == name);
                        found.map(|(_, value)| String::from_utf8_lossy(&value.value.0).into_owned())
                    };
                    if attribute(b"src").is_some() {
                        page.has_script_files = true;
                        open = None;
                    } else {
                        open = Some(Inline {
                            tag: String::from_utf8_lossy(&tag.name).into_owned(),
                            kind: attribute(b"type").unwrap_or_default().trim().to_ascii_lowercase(),
                            id: attribute(b"id").unwrap_or_default(),
                            text: String::new(),
                            at: tag.span.end,
                        });
                    }
                }
                Token::String(text) => {
                    if let Some(inline) = &mut open {
                        inline.text.push_str(&String::from_utf8_lossy(&text.value.0));
                    }
                }
                Token::EndTag(_) => page.inline.extend(open.take()),
                _ => {}
            }
        }
        page
    }

    /// The page after the normalisation that a browser does: line breaks are `\n`, and a NUL is U+FFFD.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether this `iframe.html` was built with WebAssembly. The other pages of its site then were, too.
    #[must_use]
    pub fn needs_wasm(&self) -> bool {
        !self.inline.iter().any(|inline| inline.is_javascript() && inline.text.trim_start().starts_with(WITHOUT_WASM))
    }
}
