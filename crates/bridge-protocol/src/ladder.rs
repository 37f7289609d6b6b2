use crate::jar::JarVerdict;
use crate::text::pieces;
use crate::words;
use crate::words::position;

words! {
    /// The rung of the ladder that carried a session. The words are those in JavaScript.
    #[non_exhaustive]
    pub enum Via {
        /// The bridge's cookie, in the iframe.
        Cookie = "cookie",
        /// The same cookie, after storage access was granted.
        StorageAccess = "storage-access",
        /// The link that the visitor followed.
        Link = "link",
        /// The bridge's cookie, in a popup of the bridge.
        Popup = "popup",
        /// The bridge server, by the customer's reference.
        Store = "store",
        /// Only this domain's own cookie: nothing was shared.
        Local = "local",
    }
}

/// The rungs that a page allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rungs {
    /// `cookie`: the bridge's cookie, where the browser shares it without storage access.
    pub cookie: bool,
    /// `storage-access`: using or requesting storage access.
    pub storage_access: bool,
    /// `popup`: `continueSession()`.
    pub popup: bool,
    /// `link`: handing the session over by a link.
    pub link: bool,
    /// `store`: the bridge server, by the customer's reference.
    pub store: bool,
}

impl Rungs {
    /// All but `link`, which must be switched on.
    pub const DEFAULT: Self = Self { cookie: true, storage_access: true, popup: true, link: false, store: true };

    /// Reads the JSON text of `options.access`, for example `["cookie","popup"]`, as `JSON.stringify` writes it; `None` for anything but
    /// an array of rungs. An empty one allows none.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        const NAMES: &str = "\"cookie\"\n\"storage-access\"\n\"popup\"\n\"link\"\n\"store\"";
        let names = json.strip_prefix('[')?.strip_suffix(']')?;
        let mut has = [false; 5];
        // Nothing between the brackets is one empty piece.
        for piece in pieces(names, b',').filter(|_| !names.is_empty()) {
            *has.get_mut(position(NAMES, piece)?)? = true;
        }
        let [cookie, storage_access, popup, link, store] = has;
        Some(Self { cookie, storage_access, popup, link, store })
    }

    /// Whether a session may go through a jar with this verdict.
    #[must_use]
    pub fn allow(self, jar: JarVerdict) -> bool {
        if jar.granted { self.storage_access } else { self.cookie }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Rungs = Rungs { cookie: false, storage_access: false, popup: false, link: false, store: false };

    #[test]
    fn rungs_are_read_from_a_json_array_of_their_names() {
        for (json, rungs) in [
            ("[]", NONE),
            (r#"["cookie"]"#, Rungs { cookie: true, ..NONE }),
            (r#"["storage-access"]"#, Rungs { storage_access: true, ..NONE }),
            (r#"["link","popup"]"#, Rungs { link: true, popup: true, ..NONE }),
            (r#"["store","store"]"#, Rungs { store: true, ..NONE }),
            (r#"["cookie","storage-access","popup","store"]"#, Rungs::DEFAULT),
        ] {
            assert_eq!(Rungs::parse(json), Some(rungs), "{json}");
        }
    }

    #[test]
    fn what_is_not_an_array_of_rungs_is_none() {
        for json in [
            "",
            "[",
            "]",
            "null",
            "{}",
            "[[]]",
            "[null]",
            "[1]",
            "[,]",
            r#""cookie""#,
            r#"[""]"#,
            r#"["Cookie"]"#,
            r#"["cookie","local"]"#,
            r#"["cookie",]"#,
            r#"["cookie,popup"]"#,
            r#"["cookie" ]"#,
            r#"[["cookie"]]"#,
            r#"["cookie","popup""#,
        ] {
            assert_eq!(Rungs::parse(json), None, "{json}");
        }
    }
}
