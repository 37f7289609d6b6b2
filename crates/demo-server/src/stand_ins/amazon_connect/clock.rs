//! Times as the service writes them.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

pub(super) fn time_in(lifetime: Duration) -> String {
    time_of(now() + u64::try_from(lifetime.as_millis()).unwrap_or_default())
}

/// Always with three digits after the second, so that times compare as strings.
pub(super) fn time_of(milliseconds: u64) -> String {
    let seconds = i64::try_from(milliseconds / 1000).unwrap_or_default();
    let whole = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(&Rfc3339).ok());
    format!("{}.{:03}Z", whole.unwrap_or_default().trim_end_matches('Z'), milliseconds % 1000)
}
