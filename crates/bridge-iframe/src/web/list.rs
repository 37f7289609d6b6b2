//! The page's list of trusted domains.

use bridge_protocol::{Listed, PolicyError, Property, TrustedDomains};
use bridge_web::read_text;
use wasm_bindgen::JsValue;

use super::dom::{Url, console_error, is_array, keys, values};

/// The list of the page, as it comes out of JSON; `undefined` if there is none. Mistakes go to the console.
pub(super) fn read_policy(entries: Option<Vec<JsValue>>) -> TrustedDomains {
    let Some(entries) = entries else {
        console_error(&PolicyError::Missing.message());
        return TrustedDomains::default();
    };
    let to_ascii = |host: &str| {
        let address = ["https://", host].concat();
        Url::new(&address, &address).ok().map(|url| url.hostname())
    };
    let entries: Vec<Listed> = entries.iter().map(read_entry).collect();
    let (trusted, errors) = TrustedDomains::parse(&entries, &to_ascii, &|_| false);
    for (_, error) in errors {
        console_error(&error.message());
    }
    trusted
}

fn read_entry(entry: &JsValue) -> Listed {
    if let Some(text) = read_text(entry) {
        return Listed::Text(text);
    }
    if !entry.is_object() {
        return Listed::Other;
    }
    let names = keys(entry).into_iter().map(|name| read_text(&name).unwrap_or_default());
    Listed::Object(names.zip(values(entry).iter().map(read_property)).collect())
}

fn read_property(value: &JsValue) -> Property {
    if let Some(text) = read_text(value) {
        Property::Text(text)
    } else if is_array(value) {
        Property::Texts(values(value).iter().map(read_text).collect())
    } else {
        Property::Other
    }
}
