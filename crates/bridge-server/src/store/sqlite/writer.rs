use std::time::Duration;

use anyhow::{Result, bail};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::purge::purge;
use crate::clock::now;
use crate::keys::Subjects;
use crate::store::{Change, Changed, MAX_NAMES};

/// The most writes in one transaction.
const BATCH: usize = 256;

/// As large as the largest session.
const PROBE_BYTES: u32 = 4096;

pub(super) enum Write {
    Change(Change),
    Forget(Subjects),
    /// With the time since the last one.
    Purge(Duration),
    /// Writes as much as a save does, over what the last one wrote.
    Probe,
}

pub(super) enum Written {
    Changed(Changed),
    Forgotten(u64),
    Nothing,
}

pub(super) struct Job {
    pub(super) write: Write,
    pub(super) reply: oneshot::Sender<Result<Written, String>>,
}

/// The thread that writes.
pub(super) fn write_all(mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
        // A request that timed out was reported as failed, so its write must not happen.
        batch.retain(|job: &Job| !job.reply.is_closed());
        let (writes, replies): (Vec<Write>, Vec<_>) = batch.drain(..).map(|job| (job.write, job.reply)).unzip();
        let is_purge = writes.iter().any(|write| matches!(write, Write::Purge(_)));
        match write_batch(&mut connection, writes) {
            Ok(written) => {
                for (reply, written) in replies.into_iter().zip(written) {
                    let _ = reply.send(Ok(written));
                }
            }
            Err(error) => {
                let text = format!("{error:#}");
                for reply in replies {
                    let _ = reply.send(Err(text.clone()));
                }
            }
        }
        if is_purge {
            // Deleted data stays in the write-ahead log until that is truncated. During a read this fails, and the next purge tries again.
            let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}

/// Writes all or none. No write is acknowledged before the commit.
fn write_batch(connection: &mut Connection, writes: Vec<Write>) -> Result<Vec<Written>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let written = writes.into_iter().map(|write| apply(&transaction, write)).collect::<Result<_>>()?;
    transaction.commit()?;
    Ok(written)
}

fn apply(transaction: &Transaction<'_>, write: Write) -> Result<Written> {
    let now = now();
    Ok(match write {
        Write::Change(change) => Written::Changed(apply_change(transaction, &change, now)?),
        Write::Forget(subjects) => {
            let mut sessions = 0;
            for subject in subjects {
                let live = "SELECT count(*) FROM session WHERE subject = ?1 AND expires > ?2 AND sealed IS NOT NULL";
                sessions += transaction.query_row(live, params![subject, now], |row| row.get::<_, u64>(0))?;
                transaction.execute("DELETE FROM session WHERE subject = ?1", params![subject])?;
            }
            Written::Forgotten(sessions)
        }
        Write::Purge(passed) => {
            purge(transaction, now, passed)?;
            Written::Nothing
        }
        Write::Probe => {
            let probe = "INSERT OR REPLACE INTO fact (name, value) VALUES ('probe', randomblob(?1))";
            transaction.prepare_cached(probe)?.execute(params![PROBE_BYTES])?;
            Written::Nothing
        }
    })
}

fn apply_change(transaction: &Transaction<'_>, change: &Change, now: u64) -> Result<Changed> {
    let Some((subject, older)) = change.subjects.split_first() else { bail!("there is no key") };
    let at = now.saturating_sub(change.age);
    for subject in &change.subjects {
        // A timestamp later than now was written before the clock was set back. It does not count as later.
        let later = "SELECT 1 FROM session WHERE subject = ?1 AND name = ?2 AND at > ?3 AND at <= ?4 AND expires > ?4";
        if transaction.prepare_cached(later)?.exists(params![subject, change.name, at, now])? {
            return Ok(Changed::Superseded);
        }
    }
    if change.sealed.is_none() && change.keep == 0 {
        for subject in &change.subjects {
            transaction
                .execute("DELETE FROM session WHERE subject = ?1 AND name = ?2", params![subject, change.name])?;
        }
        return Ok(Changed::Done);
    }
    let others = "SELECT count(*) FROM session WHERE subject = ?1 AND name <> ?2 AND expires > ?3";
    let others: u32 =
        transaction.prepare_cached(others)?.query_row(params![subject, change.name, now], |row| row.get(0))?;
    if others >= MAX_NAMES {
        return Ok(Changed::Full);
    }
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO session (subject, name, at, expires, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![subject, change.name, at, at.saturating_add(change.keep), change.sealed])?;
    for subject in older {
        transaction.execute("DELETE FROM session WHERE subject = ?1 AND name = ?2", params![subject, change.name])?;
    }
    Ok(Changed::Done)
}
