//! Where sessions and codes are kept: a file of SQLite's for one server, Redis for several.

mod redis;
mod sqlite;

use std::fmt;

use anyhow::{Context, Result, bail};
use metrics::counter;

use crate::keys::{Digest32, Subjects};

/// How many sessions one customer may have, so that one valid reference cannot fill the store.
pub(crate) const MAX_NAMES: u32 = 32;

/// The store did not do it, or did not say so in time. The cause is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable;

/// The latest session of a customer and name.
pub(crate) struct Row {
    /// Which of the subjects has it.
    pub(crate) subject: Digest32,
    /// Milliseconds since it was made.
    pub(crate) age: u64,
    pub(crate) sealed: Vec<u8>,
}

/// A save, or a clear, which leaves a tombstone: an older save that comes later must not bring the session back.
pub(crate) struct Change {
    /// It is written for the first, and looked for under all.
    pub(crate) subjects: Subjects,
    pub(crate) name: String,
    /// `None` for a clear.
    pub(crate) sealed: Option<Vec<u8>>,
    /// Milliseconds since it was made.
    pub(crate) age: u64,
    /// Milliseconds from when it was made until it is forgotten.
    pub(crate) keep: u64,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Done,
    /// There is a later one.
    Superseded,
    /// The customer has too many sessions.
    Full,
}

/// What is behind a code.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    Unknown,
    /// It was taken before.
    Spent,
    Sealed(Vec<u8>),
}

/// One of the two. What they promise is the same: a change that was acknowledged stays, and a code is taken once.
pub(crate) enum Store {
    Sqlite(sqlite::Sqlite),
    Redis(Box<redis::Redis>),
}

impl Store {
    /// Opens `sqlite:<path>` or `redis://…`. Redis need not be there yet.
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
        told("load", result)
    }

    pub(crate) async fn change(&self, change: Change) -> Result<Changed, Unavailable> {
        let operation = if change.sealed.is_some() { "save" } else { "clear" };
        let result = match self {
            Self::Sqlite(store) => store.change(change).await,
            Self::Redis(store) => store.change(change).await,
        };
        told(operation, result)
    }

    /// Deletes all that is kept of a customer, and says how many sessions that were.
    pub(crate) async fn forget(&self, subjects: Subjects) -> Result<u64, Unavailable> {
        let result = match self {
            Self::Sqlite(store) => store.forget(subjects).await,
            Self::Redis(store) => store.forget(&subjects).await,
        };
        told("forget", result)
    }

    /// Whether the code was not there yet.
    pub(crate) async fn hold(&self, code: Digest32, sealed: Vec<u8>, keep: u64) -> Result<bool, Unavailable> {
        let result = match self {
            Self::Sqlite(store) => store.hold(code, sealed, keep).await,
            Self::Redis(store) => store.hold(&code, &sealed, keep).await,
        };
        told("hold", result)
    }

    /// What is behind a code, once.
    pub(crate) async fn take(&self, code: Digest32) -> Result<Taken, Unavailable> {
        let result = match self {
            Self::Sqlite(store) => store.take(code).await,
            Self::Redis(store) => store.take(&code).await,
        };
        told("take", result)
    }

    /// Whether it works, for reading and for writing.
    pub(crate) async fn check(&self) -> Result<(), Unavailable> {
        let result = match self {
            Self::Sqlite(store) => store.check().await,
            Self::Redis(store) => store.check().await,
        };
        told("check", result)
    }

    /// Removes what has expired, where the store does not do so by itself.
    pub(crate) async fn purge(&self) {
        if let Self::Sqlite(store) = self {
            let _ = told("purge", store.purge().await);
        }
    }

    /// Ends it, after everything that was acknowledged or is under way has been written.
    pub(crate) async fn close(&self) {
        if let Self::Sqlite(store) = self {
            store.close().await;
        }
    }
}

/// Counts an operation, and logs why it failed. Nothing that a store says of a failure holds a value: those are bound, never part of a text.
fn told<T, E: fmt::Display>(operation: &'static str, result: Result<T, E>) -> Result<T, Unavailable> {
    let outcome = if result.is_ok() { "ok" } else { "failed" };
    counter!("bridge_store_operations_total", "operation" => operation, "outcome" => outcome).increment(1);
    result.map_err(|error| {
        tracing::error!(operation, error = %error, "the store failed");
        Unavailable
    })
}
