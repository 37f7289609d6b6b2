//! The bridge server, as it would run on a site of its own, and the part of a shop's backend that it needs.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use bridge_server::reference::sign;
use bridge_server::{Key, Options, hosted};
use clap::Parser;
use serde::Deserialize;
use uuid::Uuid;

/// How long the shops' references are valid, in seconds.
const REFERENCE_SECONDS: u64 = 300;

/// A bridge server.
pub struct Bridge {
    router: Router,
    reference_key: Key,
}

#[derive(Deserialize)]
struct LoggedIn {
    customer: String,
}

impl Bridge {
    /// Opens one that hosts these files, among them the page with its list, and keeps everything in this folder.
    ///
    /// # Errors
    /// If a file or a setting cannot be used.
    pub fn open(folder: &Path, files: &[(&str, String)]) -> Result<Self> {
        let at = |name: &str| folder.join(name);
        let write = |path: &Path, content: &str| {
            std::fs::write(path, content).with_context(|| format!("{} cannot be written", path.display()))
        };
        std::fs::create_dir(at("site"))?;
        for (name, content) in files {
            write(&at("site").join(name), content)?;
        }
        // Two random numbers of 16 bytes each, in hex.
        let [reference_key, encryption_key] =
            [(); 2].map(|()| format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()));
        for (name, key) in [("reference.key", &reference_key), ("encryption.key", &encryption_key)] {
            write(&at(name), key)?;
            std::fs::set_permissions(at(name), Permissions::from_mode(0o600))?;
        }
        let options = [
            ("--site", at("site").display().to_string()),
            ("--store", format!("sqlite:{}", at("sessions.db").display())),
            ("--reference-key-file", at("reference.key").display().to_string()),
            ("--encryption-key-file", at("encryption.key").display().to_string()),
        ];
        let words = options.into_iter().flat_map(|(option, value)| [option.to_owned(), value]);
        let router = hosted(Options::try_parse_from(std::iter::once("bridge-server".to_owned()).chain(words))?)?;
        let reference_key = Key::parse_list(&reference_key)?.into_iter().next().context("a key")?;
        Ok(Self { router, reference_key })
    }

    /// The bridge's site.
    pub fn site(&self) -> Router {
        self.router.clone()
    }

    /// The part of a shop's backend that signs references, `/reference`. This one believes any name; a real one asks for a password.
    pub fn backend(&self) -> Router {
        Router::new().route("/reference", get(reference)).with_state(self.reference_key.clone())
    }
}

async fn reference(
    State(key): State<Key>,
    Query(LoggedIn { customer }): Query<LoggedIn>,
) -> Result<String, StatusCode> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    sign(&key, &customer, now + REFERENCE_SECONDS).ok_or(StatusCode::BAD_REQUEST)
}
