use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script, cmd};

use super::{Change, Changed, MAX_NAMES, Row};
use crate::keys::Subjects;

/// How long Redis may take to connect and to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Redis, shared by several servers. The sessions of a customer are the fields of one hash, each `<at>:<expires>:<sealed>`; a tombstone has an
/// empty `<sealed>`. Timestamps are by Redis's clock, because those of the servers may differ. Redis runs scripts atomically.
pub(crate) struct Redis(ConnectionManager);

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
    pub(crate) fn open(address: &str) -> Result<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(500));
        Ok(Self(ConnectionManager::new_lazy_with_config(Client::open(address)?, config)?))
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
        // A write, because a full Redis or a read-only replica still answers PING.
        let mut command = cmd("SET");
        command.arg("cookie-bridge:health").arg("").arg("PX").arg(1000);
        in_time(command.query_async(&mut self.0.clone())).await
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: &Script,
        keys: &[Vec<u8>],
        with: impl FnOnce(&mut redis::ScriptInvocation<'_>),
    ) -> Result<T> {
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(key);
        }
        with(&mut call);
        in_time(call.invoke_async(&mut self.0.clone())).await
    }
}

/// The connection manager retries by itself. A request must not wait for all retries.
async fn in_time<T>(answer: impl Future<Output = redis::RedisResult<T>>) -> Result<T> {
    Ok(tokio::time::timeout(PATIENCE * 2, answer).await.context("Redis does not answer")??)
}

fn customer_keys(subjects: &Subjects) -> Vec<Vec<u8>> {
    subjects.iter().map(|subject| [b"cookie-bridge:customer:".as_slice(), subject].concat()).collect()
}
