//! Reads the page's list of trusted domains.

use bridge_protocol::{Listed, PolicyError, Property, TrustedDomains};
use bridge_web::read_text;
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Url, console};

/// The policy in a list that went through JSON. Mistakes go to the console.
pub(super) fn read_policy(entries: &[JsValue]) -> TrustedDomains {
    let to_ascii = |host: &str| {
        let address = ["https://", host].concat();
        Url::new(&address).ok().map(|url| url.hostname())
    };
    let entries: Vec<Listed> = entries.iter().map(read_entry).collect();
    let (trusted, errors) = TrustedDomains::parse(&entries, &to_ascii, &|_| false);
    for (_, error) in errors {
        report(error);
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
    let entry: &Object = entry.unchecked_ref();
    let names = Object::keys(entry).to_vec();
    let values = Object::values(entry).to_vec();
    let names = names.iter().map(|name| read_text(name).unwrap_or_default());
    Listed::Object(names.zip(values.iter().map(read_property)).collect())
}

fn read_property(value: &JsValue) -> Property {
    if let Some(text) = read_text(value) {
        Property::Text(text)
    } else if Array::is_array(value) {
        Property::Texts(value.unchecked_ref::<Array>().to_vec().iter().map(read_text).collect())
    } else {
        Property::Other
    }
}

fn report(error: PolicyError) {
    console::error_1(&JsValue::from_str(&error.message()));
}
