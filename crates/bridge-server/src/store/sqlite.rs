use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{Change, Changed, MAX_NAMES, Row, Taken};
use crate::keys::{Digest32, Subjects};

/// The version of the tables, in `user_version`.
const SCHEMA: i64 = 1;
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
    CREATE TABLE code (hash BLOB PRIMARY KEY, expires INTEGER NOT NULL, sealed BLOB) WITHOUT ROWID;
    CREATE INDEX code_expires ON code (expires);
    PRAGMA user_version = 1;
";

/// How many writes wait at most, go into one transaction at most, and how many connections read at once.
const WAITING: usize = 4096;
const BATCH: usize = 256;
const READERS: usize = 4;

/// How long a write may take before the client is told that it cannot be done.
const PATIENCE: Duration = Duration::from_secs(5);

/// A file of SQLite's. One thread writes: a commit waits for the disk, so as many writes as have come meanwhile share the next one.
pub(crate) struct Sqlite {
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
    path: PathBuf,
}

enum Write {
    Change(Change),
    Forget(Subjects),
    Hold { code: Digest32, sealed: Vec<u8>, keep: u64 },
    Take(Digest32),
    Purge,
    Nothing,
}

enum Written {
    Changed(Changed),
    Forgotten(u64),
    Held(bool),
    Taken(Taken),
    Nothing,
}

struct Job {
    write: Write,
    reply: oneshot::Sender<Result<Written, String>>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        // Sessions are nobody else's business: the file, and with it those that SQLite puts next to it, are the owner's alone.
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?;

        let mut connection = connect(path)?;
        prepare(&mut connection)?;
        let (sender, jobs) = mpsc::channel(WAITING);
        let thread =
            std::thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || write_all(connection, jobs))?;
        Ok(Self {
            writer: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            readers: Arc::default(),
            turns: Arc::new(Semaphore::new(READERS)),
            path: path.to_owned(),
        })
    }

    pub(crate) async fn load(&self, subjects: Subjects, name: String) -> Result<Option<Row>> {
        self.read(move |connection| {
            let mut latest: Option<(u64, Digest32, Option<Vec<u8>>)> = None;
            let now = now();
            let mut statement = connection
                .prepare_cached("SELECT at, sealed FROM session WHERE subject = ?1 AND name = ?2 AND expires > ?3")?;
            for subject in subjects {
                let found = statement
                    .query_row(params![subject, name, now], |row| Ok((row.get::<_, u64>(0)?, row.get(1)?)))
                    .optional()?;
                if let Some((at, sealed)) = found
                    && latest.as_ref().is_none_or(|(later, ..)| at > *later)
                {
                    latest = Some((at, subject, sealed));
                }
            }
            Ok(latest
                .and_then(|(at, subject, sealed)| Some(Row { subject, age: now.saturating_sub(at), sealed: sealed? })))
        })
        .await
    }

    pub(crate) async fn change(&self, change: Change) -> Result<Changed> {
        match self.write(Write::Change(change)).await? {
            Written::Changed(changed) => Ok(changed),
            _ => bail!("the writer answered something else"),
        }
    }

    pub(crate) async fn forget(&self, subjects: Subjects) -> Result<u64> {
        match self.write(Write::Forget(subjects)).await? {
            Written::Forgotten(sessions) => Ok(sessions),
            _ => bail!("the writer answered something else"),
        }
    }

    pub(crate) async fn hold(&self, code: Digest32, sealed: Vec<u8>, keep: u64) -> Result<bool> {
        match self.write(Write::Hold { code, sealed, keep }).await? {
            Written::Held(is_new) => Ok(is_new),
            _ => bail!("the writer answered something else"),
        }
    }

    pub(crate) async fn take(&self, code: Digest32) -> Result<Taken> {
        // Who waits for a code asks often, and need not wait for the disk each time.
        let is_there = self
            .read(move |connection| {
                let mut statement = connection.prepare_cached("SELECT 1 FROM code WHERE hash = ?1 AND expires > ?2")?;
                Ok(statement.exists(params![code, now()])?)
            })
            .await?;
        if !is_there {
            return Ok(Taken::Unknown);
        }
        match self.write(Write::Take(code)).await? {
            Written::Taken(taken) => Ok(taken),
            _ => bail!("the writer answered something else"),
        }
    }

    pub(crate) async fn check(&self) -> Result<()> {
        self.read(|connection| Ok(connection.query_row("SELECT count(*) FROM code", [], |_| Ok(()))?)).await?;
        self.write(Write::Nothing).await.map(|_| ())
    }

    pub(crate) async fn purge(&self) -> Result<()> {
        self.write(Write::Purge).await.map(|_| ())
    }

    pub(crate) async fn close(&self) {
        // Without a sender the thread ends, once it has written what is queued.
        lock(&self.writer).take();
        let thread = lock(&self.thread).take();
        let _ = tokio::task::spawn_blocking(move || thread.map(JoinHandle::join)).await;
    }

    async fn read<T: Send + 'static>(&self, read: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await??;
        let (readers, path) = (Arc::clone(&self.readers), self.path.clone());
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let idle = lock(&readers).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&path)?,
            };
            let result = read(&connection)?;
            lock(&readers).push(connection);
            Ok(result)
        })
        .await?
    }

    async fn write(&self, write: Write) -> Result<Written> {
        let writer = lock(&self.writer).clone().context("the store is closed")?;
        let (reply, answer) = oneshot::channel();
        tokio::time::timeout(PATIENCE, async {
            writer.send(Job { write, reply }).await.ok().context("the writer has ended")?;
            answer.await?.map_err(anyhow::Error::msg)
        })
        .await
        .context("the writer takes too long")?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A commit is on the disk before it is acknowledged, also if the machine loses its power.
    connection.pragma_update(None, "synchronous", "full")?;
    // What is deleted is overwritten.
    connection.pragma_update(None, "secure_delete", "on")?;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => transaction.execute_batch(TABLES)?,
        SCHEMA => {}
        other => bail!("its tables are of version {other}, and this server knows version {SCHEMA}"),
    }
    Ok(transaction.commit()?)
}

fn write_all(mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
        // Who does not wait any more was told that it failed.
        batch.retain(|job: &Job| !job.reply.is_closed());
        let (writes, replies): (Vec<Write>, Vec<_>) = batch.drain(..).map(|job| (job.write, job.reply)).unzip();
        let is_purge = writes.iter().any(|write| matches!(write, Write::Purge));
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
            // What was deleted is still in the write-ahead log, until that is emptied. If somebody reads now, the next time will do.
            let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}

/// All of them, or none: nothing is answered before the commit.
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
        Write::Hold { code, sealed, keep } => {
            transaction.execute("DELETE FROM code WHERE hash = ?1 AND expires <= ?2", params![code, now])?;
            let insert = "INSERT OR IGNORE INTO code (hash, expires, sealed) VALUES (?1, ?2, ?3)";
            Written::Held(
                transaction.prepare_cached(insert)?.execute(params![code, now.saturating_add(keep), sealed])? == 1,
            )
        }
        Write::Take(code) => {
            let select = "SELECT sealed FROM code WHERE hash = ?1 AND expires > ?2";
            let found: Option<Option<Vec<u8>>> =
                transaction.prepare_cached(select)?.query_row(params![code, now], |row| row.get(0)).optional()?;
            // It stays as spent until it expires, so that it cannot be given out again.
            transaction.execute("UPDATE code SET sealed = NULL WHERE hash = ?1", params![code])?;
            Written::Taken(match found {
                None => Taken::Unknown,
                Some(None) => Taken::Spent,
                Some(Some(sealed)) => Taken::Sealed(sealed),
            })
        }
        Write::Purge => {
            transaction.execute("DELETE FROM session WHERE expires <= ?1", params![now])?;
            transaction.execute("DELETE FROM code WHERE expires <= ?1", params![now])?;
            Written::Nothing
        }
        Write::Nothing => Written::Nothing,
    })
}

fn apply_change(transaction: &Transaction<'_>, change: &Change, now: u64) -> Result<Changed> {
    let Some((subject, older)) = change.subjects.split_first() else { bail!("there is no key") };
    let at = now.saturating_sub(change.age);
    for subject in &change.subjects {
        // A time from the future is of a clock that was set back, and counts for nothing.
        let later = "SELECT 1 FROM session WHERE subject = ?1 AND name = ?2 AND at > ?3 AND at <= ?4 AND expires > ?4";
        if transaction.prepare_cached(later)?.exists(params![subject, change.name, at, now])? {
            return Ok(Changed::Superseded);
        }
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
