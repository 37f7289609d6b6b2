//! Stores sessions: in an SQLite file for one server, in Redis for several.

mod redis;
mod sqlite;
mod writes;

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use metrics::counter;
use tokio::sync::Mutex;

use self::writes::Writes;
use crate::keys::{Digest32, KnownKeys, MissingKeys, Subjects};

/// How many sessions one customer may have, so that the owner of a valid reference cannot fill the store.
pub(crate) const MAX_NAMES: u32 = 32;

/// The store failed, or did not answer in time. The cause is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// The latest session of a customer and name.
pub(crate) struct Row {
    /// The subject under which it is stored.
    pub(crate) subject: Digest32,
    /// Milliseconds since the page made it.
    pub(crate) age: u64,
    /// Milliseconds until it expires.
    pub(crate) rest: u64,
    pub(crate) sealed: Vec<u8>,
}

/// A save, or a clear. A clear leaves a tombstone, so that an older save that arrives later cannot restore the session.
pub(crate) struct Change {
    /// Written under the first; older versions are looked up under all.
    pub(crate) subjects: Subjects,
    pub(crate) name: String,
    /// `None` for a clear.
    pub(crate) sealed: Option<Vec<u8>>,
    /// Milliseconds since the page made it.
    pub(crate) age: u64,
    /// Milliseconds from the time when the page made it until it expires. A clear with 0 leaves no tombstone.
    pub(crate) keep: u64,
}

/// The outcome of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Done,
    /// A later change is stored.
    Superseded,
    /// The customer has too many sessions.
    Full,
}

/// The store, with what its latest writes met.
pub(crate) struct Store {
    kind: Kind,
    writes: Writes,
    probed: Mutex<Option<(Instant, Result<(), Unavailable>)>>,
}

/// Both stores guarantee that an acknowledged change persists.
enum Kind {
    /// The server only hosts the bridge.
    None,
    Sqlite(sqlite::Sqlite),
    Redis(Box<redis::Redis>),
}

/// The address of no store.
pub(crate) const NONE: &str = "none";

/// For how long the result of a check counts. Anybody may ask for it, as often as they like.
const PROBE: Duration = Duration::from_secs(1);

impl Store {
    /// Opens `sqlite:<path>` or `redis://…`, or nothing. Redis may still be down.
    pub(crate) fn open(address: &str, keys: KnownKeys) -> Result<Self> {
        Ok(Self { kind: Kind::open(address, keys)?, writes: Writes::default(), probed: Mutex::default() })
    }

    /// Checks that the store was not sealed with other keys. SQLite's was checked when it was opened; Redis may be down, and is checked before
    /// its first use then.
    pub(crate) async fn check_keys(&self) -> Result<(), MissingKeys> {
        let Kind::Redis(store) = &self.kind else { return Ok(()) };
        match store.check_keys().await.map_err(|error| error.downcast::<MissingKeys>()) {
            Ok(()) => Ok(()),
            Err(Ok(missing)) => Err(missing),
            Err(Err(error)) => {
                tracing::warn!(error = %error, "the store's keys could not be checked yet");
                Ok(())
            }
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self.kind, Kind::None)
    }

    pub(crate) async fn load(&self, subjects: Subjects, name: String) -> Result<Option<Row>, Unavailable> {
        let result = match &self.kind {
            Kind::None => Ok(None),
            Kind::Sqlite(store) => store.load(subjects, name).await,
            Kind::Redis(store) => store.load(&subjects, &name).await,
        };
        recorded("load", result)
    }

    pub(crate) async fn change(&self, change: Change) -> Result<Changed, Unavailable> {
        let operation = if change.sealed.is_some() { "save" } else { "clear" };
        let result = match &self.kind {
            Kind::None => Err(anyhow!("there is no store")),
            Kind::Sqlite(store) => store.change(change).await,
            Kind::Redis(store) => store.change(change).await,
        };
        self.written(operation, result)
    }

    /// Deletes everything about a customer, and returns the number of sessions.
    pub(crate) async fn forget(&self, subjects: Subjects) -> Result<u64, Unavailable> {
        let result = match &self.kind {
            Kind::None => Ok(0),
            Kind::Sqlite(store) => store.forget(subjects).await,
            Kind::Redis(store) => store.forget(&subjects).await,
        };
        self.written("forget", result)
    }

    /// Checks that the store can be read and written as saves are, and that no file has refused saves lately.
    pub(crate) async fn check(&self) -> Result<(), Unavailable> {
        let mut probed = self.probed.lock().await;
        let result = match *probed {
            Some((at, result)) if at.elapsed() < PROBE => result,
            _ => {
                let result = match &self.kind {
                    Kind::None => Ok(()),
                    Kind::Sqlite(store) => store.check().await,
                    Kind::Redis(store) => store.check().await,
                };
                let result = recorded("check", result);
                *probed = Some((Instant::now(), result));
                result
            }
        };
        if self.writes.are_failing(Instant::now()) { Err(Unavailable) } else { result }
    }

    /// Removes expired rows. Redis does that by itself.
    pub(crate) async fn purge(&self) {
        if let Kind::Sqlite(store) = &self.kind {
            let _ = recorded("purge", store.purge().await);
        }
    }

    /// Closes the store after all queued changes were written.
    pub(crate) async fn close(&self) {
        if let Kind::Sqlite(store) = &self.kind {
            store.close().await;
        }
    }

    fn written<T, E: fmt::Display>(&self, operation: &'static str, result: Result<T, E>) -> Result<T, Unavailable> {
        // Redis' check meets what a save meets, so nothing needs to be remembered, and a Redis that is back is known to be.
        if let Kind::Sqlite(_) = self.kind {
            self.writes.record(result.is_ok(), Instant::now());
        }
        recorded(operation, result)
    }
}

impl Kind {
    fn open(address: &str, keys: KnownKeys) -> Result<Self> {
        if address == NONE {
            return Ok(Self::None);
        }
        if let Some(path) = address.strip_prefix("sqlite:") {
            return sqlite::Sqlite::open(path.as_ref(), &keys)
                .map(Self::Sqlite)
                .with_context(|| format!("--store: {path} cannot be opened"));
        }
        if address.starts_with("redis://") || address.starts_with("redis+unix://") {
            return redis::Redis::open(address, keys)
                .map(Box::new)
                .map(Self::Redis)
                .context("--store: not an address of Redis");
        }
        bail!("--store must be sqlite:<path> or redis://<host>, or none to host the bridge only");
    }
}

/// Counts an operation and logs the cause of a failure. A store's error contains no value: values are bound, never part of a statement.
fn recorded<T, E: fmt::Display>(operation: &'static str, result: Result<T, E>) -> Result<T, Unavailable> {
    let outcome = if result.is_ok() { "ok" } else { "failed" };
    counter!("bridge_store_operations_total", "operation" => operation, "outcome" => outcome).increment(1);
    result.map_err(|error| {
        tracing::error!(operation, error = %error, "the store failed");
        Unavailable
    })
}
