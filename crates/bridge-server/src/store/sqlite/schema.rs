use std::path::Path;

use anyhow::{Result, bail};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::PATIENCE;
use crate::clock::now;
use crate::keys::{KeyId, KnownKeys};

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

/// Creates the tables in a new file, and converts a file of an earlier version. A server of that version refuses the converted file. If sessions
/// were sealed with a key that is missing, the file stays as it was.
pub(super) fn prepare(connection: &mut Connection, keys: &KnownKeys) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let statements = match version {
        SCHEMA => "",
        0 => TABLES,
        1 => FROM_1,
        2 => FROM_2,
        other => bail!("its schema has version {other}; this server supports version {SCHEMA}"),
    };
    transaction.execute_batch(statements)?;
    if version == 1 || version == 2 {
        // These noted no keys.
        let note =
            "INSERT OR IGNORE INTO fact (name) SELECT DISTINCT 'key ' || lower(hex(substr(sealed, 2, 4))) FROM session
            WHERE sealed IS NOT NULL";
        transaction.execute_batch(note)?;
    }
    check_keys(&transaction, keys)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    Ok(transaction.commit()?)
}

/// Compares the keys that were noted with those that are known, and notes the one that seals from now on. Only a key that is not known costs a
/// search through all sessions: it may have sealed nothing that is left.
fn check_keys(transaction: &Transaction<'_>, keys: &KnownKeys) -> Result<()> {
    let mut noted = transaction.prepare("SELECT substr(name, 5) FROM fact WHERE name LIKE 'key %'")?;
    let noted = noted.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut in_use = Vec::new();
    for id in noted.iter().filter_map(|text| text.parse::<KeyId>().ok()).filter(|id| !keys.ours.contains(id)) {
        if keys.abandoned.contains(&id) {
            let sessions =
                transaction.execute("DELETE FROM session WHERE substr(sealed, 2, 4) = ?1", params![id.bytes()])?;
            tracing::warn!(key = %id, sessions, "the sessions that were sealed with an abandoned key are deleted");
        }
        let live = "SELECT 1 FROM session WHERE substr(sealed, 2, 4) = ?1 AND expires > ?2 LIMIT 1";
        if transaction.prepare_cached(live)?.exists(params![id.bytes(), now()])? {
            in_use.push(id);
        } else {
            transaction.execute("DELETE FROM fact WHERE name = ?1", params![format!("key {id}")])?;
        }
    }
    keys.check(in_use)?;
    if let Some(first) = keys.ours.first() {
        transaction.execute("INSERT OR IGNORE INTO fact (name) VALUES (?1)", params![format!("key {first}")])?;
    }
    Ok(())
}
