use std::time::Duration;

/// Waits until there is something to see.
pub(crate) async fn wait_for<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(seen) = look().await {
            return seen;
        }
        // Between two looks at a condition; no test relies on its length.
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("never came to pass: {what}");
}
