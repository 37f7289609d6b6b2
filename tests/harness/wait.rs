use std::time::{Duration, Instant};

/// How long something may take to come to pass. Long, because on a busy machine a browser's process gets little time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until there is something to see.
pub(crate) async fn wait_for<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(seen) = look().await {
            return seen;
        }
        // Between two looks at a condition; no test relies on its length.
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never came to pass: {what}");
}
