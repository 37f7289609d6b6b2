use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script, cmd};
use tokio::sync::OnceCell;

use super::{Change, Changed, MAX_NAMES, Row};
use crate::keys::{KeyId, KnownKeys, Subjects};

/// How long Redis may take to connect and to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Redis, shared by several servers. The sessions of a customer are the fields of one hash, each `<at>:<expires>:<sealed>`; a tombstone has an
/// empty `<sealed>`. Timestamps are by Redis's clock, because those of the servers may differ. Redis runs scripts atomically.
pub(crate) struct Redis {
    connection: ConnectionManager,
    keys: KnownKeys,
    checked: OnceCell<()>,
}

/// The ids of the keys that have sealed something, as a set.
const NOTED: &str = "cookie-bridge:keys";

/// How many keys of Redis one step of a search takes.
const STEP: u32 = 500;

/// KEYS: customers' hashes. ARGV: the ids of abandoned keys. Deletes what those have sealed, and returns the ids of the keys that sealed the rest.
static SEALED_WITH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local abandoned, found, ids = {}, {}, {}
        for _, id in ipairs(ARGV) do abandoned[id] = true end
        for _, key in ipairs(KEYS) do
            local fields = redis.call('HGETALL', key)
            for i = 1, #fields, 2 do
                local ends, id = string.match(fields[i + 1], '^%d+:(%d+):.(....)')
                if ends and abandoned[id] then
                    redis.call('HDEL', key, fields[i])
                elseif ends and tonumber(ends) > now and not found[id] then
                    found[id] = true
                    ids[#ids + 1] = id
                end
            end
        end
        return ids
        ",
    )
});

/// KEYS: the customer's hashes, in the order of the encryption keys. ARGV: name.
static LOAD: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local latest, which, rest, sealed = -1, 0, 0, ''
        for i, key in ipairs(KEYS) do
            local at, expires, value = string.match(redis.call('HGET', key, ARGV[1]) or '', '^(%d+):(%d+):(.*)$')
            if at and tonumber(expires) > now and tonumber(at) > latest then
                latest, which, rest, sealed = tonumber(at), i, tonumber(expires) - now, value
            end
        end
        if sealed == '' then return { 0, 0, 0, '' } end
        return { which, math.max(now - latest, 0), rest, sealed }
        ",
    )
});

/// KEYS as above. ARGV: name, sealed, age, keep, maximum number of names.
static CHANGE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local at = math.max(now - ARGV[3], 0)
        local expires = at + ARGV[4]
        for _, key in ipairs(KEYS) do
            local stored, ends = string.match(redis.call('HGET', key, ARGV[1]) or '', '^(%d+):(%d+):')
            if stored and tonumber(stored) > at and tonumber(stored) <= now and tonumber(ends) > now then return 'superseded' end
        end
        if ARGV[2] == '' and ARGV[4] == '0' then
            for _, key in ipairs(KEYS) do redis.call('HDEL', key, ARGV[1]) end
            return 'done'
        end
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
            local fields, names = redis.call('HGETALL', KEYS[1]), 0
            for i = 1, #fields, 2 do
                local ends = string.match(fields[i + 1], '^%d+:(%d+):')
                if ends and tonumber(ends) > now then names = names + 1 else redis.call('HDEL', KEYS[1], fields[i]) end
            end
            if names >= tonumber(ARGV[5]) then return 'full' end
        end
        redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f:%.0f:', at, expires) .. ARGV[2])
        local left = math.max(expires - now, 1)
        if redis.call('PTTL', KEYS[1]) < left then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left)) end
        for i = 2, #KEYS do redis.call('HDEL', KEYS[i], ARGV[1]) end
        return 'done'
        ",
    )
});

/// KEYS as above.
static FORGET: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000)
        local sessions = 0
        for _, key in ipairs(KEYS) do
            for _, value in ipairs(redis.call('HVALS', key)) do
                local ends, sealed = string.match(value, '^%d+:(%d+):(.*)$')
                if ends and tonumber(ends) > now and sealed ~= '' then sessions = sessions + 1 end
            end
            redis.call('DEL', key)
        end
        return sessions
        ",
    )
});

impl Redis {
    pub(crate) fn open(address: &str, keys: KnownKeys) -> Result<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(500));
        let connection = ConnectionManager::new_lazy_with_config(Client::open(address)?, config)?;
        Ok(Self { connection, keys, checked: OnceCell::new() })
    }

    /// Checks, once, that no session was sealed with a key that is missing.
    pub(crate) async fn check_keys(&self) -> Result<()> {
        self.checked.get_or_try_init(|| self.search_keys()).await.map(|_| ())
    }

    /// Only a key that is not known, or a Redis in which none was noted yet, costs a search through all sessions.
    async fn search_keys(&self) -> Result<()> {
        let mut connection = self.connection.clone();
        let noted: Vec<Vec<u8>> = in_time(cmd("SMEMBERS").arg(NOTED).query_async(&mut connection)).await?;
        let is_ours = |id: &[u8]| self.keys.ours.iter().any(|ours| ours.bytes() == id);
        if noted.is_empty() || !noted.iter().all(|id| is_ours(id)) {
            let in_use = self.keys_in_use().await?;
            self.keys.check(in_use.iter().copied())?;
            for id in noted.iter().filter(|id| !is_ours(id)) {
                in_time(cmd("SREM").arg(NOTED).arg(id).query_async::<()>(&mut connection)).await?;
            }
            for id in &in_use {
                in_time(cmd("SADD").arg(NOTED).arg(id.bytes()).query_async::<()>(&mut connection)).await?;
            }
        }
        if let Some(first) = self.keys.ours.first() {
            in_time(cmd("SADD").arg(NOTED).arg(first.bytes()).query_async::<()>(&mut connection)).await?;
        }
        Ok(())
    }

    async fn keys_in_use(&self) -> Result<BTreeSet<KeyId>> {
        let (mut found, mut cursor, mut connection) = (BTreeSet::new(), 0_u64, self.connection.clone());
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg("cookie-bridge:customer:*").arg("COUNT").arg(STEP);
            let (next, customers): (u64, Vec<Vec<u8>>) = in_time(scan.query_async(&mut connection)).await?;
            if !customers.is_empty() {
                let mut call = SEALED_WITH.prepare_invoke();
                customers.iter().for_each(|customer| {
                    call.key(customer);
                });
                self.keys.abandoned.iter().for_each(|id| {
                    call.arg(id.bytes());
                });
                let ids: Vec<Vec<u8>> = in_time(call.invoke_async(&mut connection)).await?;
                found.extend(ids.into_iter().filter_map(KeyId::of_bytes));
            }
            cursor = next;
            if cursor == 0 {
                return Ok(found);
            }
        }
    }

    pub(crate) async fn load(&self, subjects: &Subjects, name: &str) -> Result<Option<Row>> {
        let (which, age, rest, sealed): (usize, u64, u64, Vec<u8>) = self
            .run(&LOAD, &customer_keys(subjects), |call| {
                call.arg(name);
            })
            .await?;
        let subject = which.checked_sub(1).and_then(|at| subjects.get(at));
        Ok(subject.map(|subject| Row { subject: *subject, age, rest, sealed }))
    }

    pub(crate) async fn change(&self, change: Change) -> Result<Changed> {
        let keys = customer_keys(&change.subjects);
        let outcome: String = self
            .run(&CHANGE, &keys, |call| {
                let sealed = change.sealed.as_deref().unwrap_or_default();
                call.arg(&change.name).arg(sealed).arg(change.age).arg(change.keep).arg(MAX_NAMES);
            })
            .await?;
        Ok(match outcome.as_str() {
            "superseded" => Changed::Superseded,
            "full" => Changed::Full,
            _ => Changed::Done,
        })
    }

    pub(crate) async fn forget(&self, subjects: &Subjects) -> Result<u64> {
        self.run(&FORGET, &customer_keys(subjects), |_| {}).await
    }

    pub(crate) async fn check(&self) -> Result<()> {
        self.check_keys().await?;
        // A write, because a full Redis or a read-only replica still answers PING.
        let mut command = cmd("SET");
        command.arg("cookie-bridge:health").arg("").arg("PX").arg(1000);
        in_time(command.query_async(&mut self.connection.clone())).await
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &Script,
        keys: &[Vec<u8>],
        with: impl FnOnce(&mut redis::ScriptInvocation<'_>),
    ) -> Result<T> {
        self.check_keys().await?;
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(key);
        }
        with(&mut call);
        in_time(call.invoke_async(&mut self.connection.clone())).await
    }
}

/// The connection manager retries by itself. A request must not wait for all retries.
async fn in_time<T>(answer: impl Future<Output = redis::RedisResult<T>>) -> Result<T> {
    Ok(tokio::time::timeout(PATIENCE * 2, answer).await.context("Redis does not answer")??)
}

fn customer_keys(subjects: &Subjects) -> Vec<Vec<u8>> {
    subjects.iter().map(|subject| [b"cookie-bridge:customer:".as_slice(), subject].concat()).collect()
}
