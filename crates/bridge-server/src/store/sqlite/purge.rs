//! Which rows have been expired for so long that they are deleted, if the clock may be wrong.
//!
//! A server that starts while the clock is ahead has no time of its own to compare it with. So the time up to which rows were deleted is
//! stored, and goes on faster than time does, but not at once.

use std::time::Duration;

use anyhow::Result;
use rusqlite::{OptionalExtension, Transaction, params};

/// For how long an expired row is kept, in milliseconds: a day.
const GRACE: u64 = 24 * 60 * 60 * 1000;

/// What the server missed while it did not run is made up for so many times faster. A clock that is ahead for less than an hour then deletes
/// nothing, because that uses up one day at most.
const HASTE: u64 = 24;

/// Deletes what has expired. `passed` is the time since the last call, by a clock that nobody sets.
pub(super) fn purge(transaction: &Transaction<'_>, now: u64, passed: Duration) -> Result<()> {
    let stored = transaction
        .query_row("SELECT value FROM fact WHERE name = 'purged'", [], |row| row.get::<_, u64>(0))
        .optional()?;
    let until = purge_until(stored, now, passed);
    transaction.execute("INSERT OR REPLACE INTO fact (name, value) VALUES ('purged', ?1)", params![until])?;
    transaction.execute("DELETE FROM session WHERE expires <= ?1", params![until.saturating_sub(GRACE)])?;
    Ok(())
}

fn purge_until(stored: Option<u64>, now: u64, passed: Duration) -> u64 {
    let passed = u64::try_from(passed.as_millis()).unwrap_or_default();
    stored.map_or(now, |stored| now.min(stored.saturating_add(passed.saturating_mul(HASTE))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const MINUTES: u64 = 60_000;
    const NOW: u64 = 20_000 * GRACE;

    #[test]
    fn a_clock_that_is_ahead_deletes_nothing_within_an_hour() {
        let ahead = NOW + 40 * GRACE;
        let mut until = purge_until(Some(NOW), ahead, Duration::ZERO);
        assert_eq!(until, NOW, "the server has just started");
        for _ in 0..60 {
            until = purge_until(Some(until), ahead, MINUTE);
        }
        assert!(until - GRACE <= NOW + 60 * MINUTES);
        let right = NOW + 61 * MINUTES;
        assert_eq!(purge_until(Some(until), right, MINUTE), right, "and all is as before once it is right");
    }

    #[test]
    fn what_was_missed_is_made_up_for() {
        assert_eq!(purge_until(None, NOW, Duration::ZERO), NOW);
        assert_eq!(purge_until(Some(NOW), NOW + MINUTES, MINUTE), NOW + MINUTES);
        let mut until = NOW - 20 * GRACE;
        for _ in 0..20 * 60 {
            until = purge_until(Some(until), NOW, MINUTE);
        }
        assert_eq!(until, NOW, "20 days in 20 hours");
    }
}
