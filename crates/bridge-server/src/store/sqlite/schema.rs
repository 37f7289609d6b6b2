use std::path::Path;

use anyhow::{Result, bail};
use rusqlite::{Connection, TransactionBehavior};

use super::PATIENCE;

/// The version of the schema, in `user_version`.
const SCHEMA: i64 = 3;
const TABLES: &str = "
    CREATE TABLE session (
        subject BLOB NOT NULL,
        name TEXT NOT NULL,
        at INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        sealed BLOB,
        PRIMARY KEY (subject, name)
    ) WITHOUT ROWID;
    CREATE INDEX session_expires ON session (expires);
    CREATE TABLE fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
";

/// Version 2 had sessions only, and version 1 also one-time hand-over codes.
const FROM_2: &str = "CREATE TABLE fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID;";
const FROM_1: &str = "DROP TABLE code; CREATE TABLE fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID;";

/// Opens a connection with the settings that every connection needs.
pub(super) fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A commit reaches the disk before it is acknowledged, so it survives a power failure.
    connection.pragma_update(None, "synchronous", "full")?;
    // Deleted data is overwritten.
    connection.pragma_update(None, "secure_delete", "on")?;
    Ok(connection)
}

/// Creates the tables in a new file, and converts a file of an earlier version. A server of that version refuses the converted file.
pub(super) fn prepare(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let statements = match version {
        SCHEMA => return Ok(()),
        0 => TABLES,
        1 => FROM_1,
        2 => FROM_2,
        other => bail!("its schema has version {other}; this server supports version {SCHEMA}"),
    };
    transaction.execute_batch(statements)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    Ok(transaction.commit()?)
}
