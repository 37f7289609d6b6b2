//! A list of trusted domains, and a second, independent statement of the rights that it gives.

use arbitrary::Arbitrary;
use bridge_protocol::{Listed, Property, TrustedDomains};

/// The origin of a message.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Who {
    Shop,
    Reader,
    Help,
    Bridge,
    Evil,
    Null,
    Nothing,
    Downgraded,
    Dotted,
    Below,
    Apex,
}

impl Who {
    pub fn text(self) -> &'static str {
        match self {
            Self::Shop => "https://shop.example",
            Self::Reader => "https://reader.example",
            Self::Help => "https://a.b.help.example",
            Self::Bridge => "https://bridge.example",
            Self::Evil => "https://shop.example.evil.test",
            Self::Null => "null",
            Self::Nothing => "",
            Self::Downgraded => "http://shop.example",
            Self::Dotted => "https://shop.example.",
            Self::Below => "https://www.shop.example",
            Self::Apex => "https://help.example",
        }
    }

    /// The rights that the list below gives: may it load the session of this name, and save it?
    pub fn rights(self, name: &str) -> Option<(bool, bool)> {
        match self {
            Self::Shop | Self::Bridge => Some((true, true)),
            Self::Reader => Some((name == "sid", false)),
            Self::Help => Some((name != "kept", name != "kept")),
            _ => None,
        }
    }
}

pub fn list() -> TrustedDomains {
    let texts = |name: &str, texts: &[&str]| {
        (name.to_owned(), Property::Texts(texts.iter().map(|text| Some((*text).to_owned())).collect()))
    };
    let origin = |origin: Who| ("origin".to_owned(), Property::Text(origin.text().to_owned()));
    let below = ("origin".to_owned(), Property::Text("https://*.help.example".to_owned()));
    let entries = [
        Listed::Text(Who::Shop.text().to_owned()),
        Listed::Object(vec![origin(Who::Reader), texts("cookies", &["sid"]), texts("access", &["load"])]),
        Listed::Object(vec![below, texts("cookies", &["sid", "__proto__"])]),
    ];
    let (domains, errors) = TrustedDomains::parse(&entries, &|_| None, &|_| false);
    assert_eq!(errors, []);
    domains
}
