//! What a call resolves with, and what listeners hear, as JavaScript objects.

use bridge_protocol::{AccessRequest, BridgeError, CookieValue, JarVerdict, Via};
use bridge_web::{object, set_flag, set_null, set_text};
use wasm_bindgen::JsValue;

use crate::core::Outcome;

/// The event under which the page's listeners hear it.
pub(super) fn event_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Saved { .. } => "saved",
        Outcome::Loaded { .. } => "loaded",
        Outcome::Access { .. } => "access",
        Outcome::Tested { .. } => "tested",
        Outcome::Refused(_) => "refused",
        _ => "change",
    }
}

pub(super) fn to_js(outcome: &Outcome) -> JsValue {
    let result = object(&[]);
    let set_jar = |jar: &JarVerdict| set_text(&result, "jar", jar.state.as_str());
    let set_via = |jar: &JarVerdict, via: Via| {
        set_jar(jar);
        set_text(&result, "via", via.as_str());
    };
    match outcome {
        Outcome::Tested { jar, error, can_continue } => {
            set_jar(jar);
            set_flag(&result, "readable", jar.readable);
            set_flag(&result, "canRequestAccess", jar.request == AccessRequest::Possible);
            set_flag(&result, "canContinue", *can_continue);
            set_code(&result, *error);
        }
        Outcome::Loaded { value, jar, via, error } => {
            set_flag(&result, "loaded", value.is_some());
            set_value(&result, value.as_ref());
            set_via(jar, *via);
            set_code(&result, *error);
        }
        Outcome::Saved { saved, jar, via } => {
            set_flag(&result, "saved", *saved);
            set_via(jar, *via);
        }
        Outcome::Cleared { cleared, jar, via } => {
            set_flag(&result, "cleared", *cleared);
            set_via(jar, *via);
        }
        Outcome::Access { decided, error } => {
            set_flag(&result, "granted", error.is_none());
            if let Some(jar) = decided {
                set_jar(jar);
            }
            set_code(&result, *error);
        }
        Outcome::Continued { saved, value, jar, error } => {
            set_flag(&result, "saved", *saved);
            set_flag(&result, "loaded", value.is_some());
            set_value(&result, value.as_ref());
            set_via(jar, if jar.readable { Via::Popup } else { Via::Local });
            set_code(&result, *error);
        }
        Outcome::Changed { value } => set_value(&result, value.as_ref()),
        Outcome::Refused(error) => set_code(&result, Some(*error)),
        Outcome::Consent(is_so) | Outcome::Trusted(is_so) => return JsValue::from_bool(*is_so),
    }
    result
}

fn set_value(result: &JsValue, value: Option<&CookieValue>) {
    match value {
        Some(value) => set_text(result, "value", value.reveal()),
        None => set_null(result, "value"),
    }
}

fn set_code(result: &JsValue, error: Option<BridgeError>) {
    match error {
        Some(error) => set_text(result, "code", error.code()),
        None => set_null(result, "code"),
    }
}
