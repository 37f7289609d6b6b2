//! Stores sessions: in an SQLite file for one server, in Redis for several.

mod redis;
mod sqlite;

use std::fmt;

use anyhow::{Context, Result, bail};
use metrics::counter;

use crate::keys::{Digest32, Subjects};

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

/// One of the two stores. Both guarantee that an acknowledged change persists.
pub(crate) enum Store {
    Sqlite(sqlite::Sqlite),
    Redis(Box<redis::Redis>),
}

impl Store {
    /// Opens `sqlite:<path>` or `redis://…`. Redis may still be down.
    pub(crate) fn open(address: &str) -> Result<Self> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            return sqlite::Sqlite::open(path.as_ref())
                .map(Self::Sqlite)
                .with_context(|| format!("--store: {path} cannot be opened"));
        }
        if address.starts_with("redis://") || address.starts_with("redis+unix://") {
            return redis::Redis::open(address)
                .map(Box::new)
                .map(Self::Redis)
                .context("--store: not an address of Redis");
        }
        bail!("--store must be sqlite:<path> or redis://<host>");
    }

    pub(crate) async fn load(&self, subjects: Subjects, name: String) -> Result<Option<Row>, Unavailable> {
        let result = match self {
            Self::Sqlite(store) => store.load(subjects, name).await,
            Self::Redis(store) => store.load(&subjects, &name).await,
        };
        recorded("load", result)
    }

    pub(crate) async fn change(&self, change: Change) -> Result<Changed, Unavailable> {
        let operation = if change.sealed.is_some() { "save" } else { "clear" };
        let result = match self {
            Self::Sqlite(store) => store.change(change).await,
            Self::Redis(store) => store.change(change).await,
        };
        recorded(operation, result)
    }

    /// Deletes everything about a customer, and returns the number of sessions.
    pub(crate) async fn forget(&self, subjects: Subjects) -> Result<u64, Unavailable> {
        let result = match self {
            Self::Sqlite(store) => store.forget(subjects).await,
            Self::Redis(store) => store.forget(&subjects).await,
        };
        recorded("forget", result)
    }

    /// Checks that the store can be read and written.
    pub(crate) async fn check(&self) -> Result<(), Unavailable> {
        let result = match self {
            Self::Sqlite(store) => store.check().await,
            Self::Redis(store) => store.check().await,
        };
        recorded("check", result)
    }

    /// Removes expired rows. Redis does that by itself.
    pub(crate) async fn purge(&self) {
        if let Self::Sqlite(store) = self {
            let _ = recorded("purge", store.purge().await);
        }
    }

    /// Closes the store after all queued changes were written.
    pub(crate) async fn close(&self) {
        if let Self::Sqlite(store) = self {
            store.close().await;
        }
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
