mod purge;
mod schema;
mod writer;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::{Semaphore, mpsc, oneshot};

use self::schema::{connect, prepare};
use self::writer::{Job, Write, Written, write_all};
use super::{Change, Changed, Row};
use crate::clock::now;
use crate::keys::{Digest32, KnownKeys, Subjects};
use crate::private::make_private;

/// The longest queue of writes.
const WAITING: usize = 4096;

/// How many connections read concurrently.
const READERS: usize = 4;

/// How long a read or a write may take before the client gets `store-unavailable`.
const PATIENCE: Duration = Duration::from_secs(5);

/// An SQLite file. One thread writes. A commit waits for the disk, so all writes that arrive meanwhile share the next commit.
pub(crate) struct Sqlite {
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    readers: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
    path: PathBuf,
    purged: Mutex<Option<Instant>>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, keys: &KnownKeys) -> Result<Self> {
        // Only the owner may read the file. SQLite gives the files next to it the same mode.
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?;
        make_private(path)?;

        let mut connection = connect(path)?;
        prepare(&mut connection, keys)?;
        let (sender, jobs) = mpsc::channel(WAITING);
        let thread =
            std::thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || write_all(connection, jobs))?;
        Ok(Self {
            writer: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            readers: Arc::default(),
            turns: Arc::new(Semaphore::new(READERS)),
            path: path.to_owned(),
            purged: Mutex::default(),
        })
    }

    pub(crate) async fn load(&self, subjects: Subjects, name: String) -> Result<Option<Row>> {
        self.read(move |connection| {
            let mut latest: Option<(u64, u64, Digest32, Option<Vec<u8>>)> = None;
            let now = now();
            let mut statement = connection.prepare_cached(
                "SELECT at, expires, sealed FROM session WHERE subject = ?1 AND name = ?2 AND expires > ?3",
            )?;
            for subject in subjects {
                let found = statement
                    .query_row(params![subject, name, now], |row| Ok((row.get::<_, u64>(0)?, row.get(1)?, row.get(2)?)))
                    .optional()?;
                if let Some((at, expires, sealed)) = found
                    && latest.as_ref().is_none_or(|(later, ..)| at > *later)
                {
                    latest = Some((at, expires, subject, sealed));
                }
            }
            Ok(latest.and_then(|(at, expires, subject, sealed)| {
                let (age, rest) = (now.saturating_sub(at), expires.saturating_sub(now));
                Some(Row { subject, age, rest, sealed: sealed? })
            }))
        })
        .await
    }

    pub(crate) async fn change(&self, change: Change) -> Result<Changed> {
        match self.write(Write::Change(change)).await? {
            Written::Changed(changed) => Ok(changed),
            _ => bail!("the writer returned the result of another operation"),
        }
    }

    pub(crate) async fn forget(&self, subjects: Subjects) -> Result<u64> {
        match self.write(Write::Forget(subjects)).await? {
            Written::Forgotten(sessions) => Ok(sessions),
            _ => bail!("the writer returned the result of another operation"),
        }
    }

    pub(crate) async fn check(&self) -> Result<()> {
        self.read(|connection| Ok(connection.prepare_cached("SELECT 1 FROM session")?.exists([])?)).await?;
        self.write(Write::Probe).await.map(|_| ())
    }

    pub(crate) async fn purge(&self) -> Result<()> {
        let now = Instant::now();
        let passed = lock(&self.purged).replace(now).map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        self.write(Write::Purge(passed)).await.map(|_| ())
    }

    pub(crate) async fn close(&self) {
        // Without a sender the thread ends after the last queued write.
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
        .context("the writer did not answer in time")?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
