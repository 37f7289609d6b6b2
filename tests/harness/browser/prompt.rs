//! The browser's own prompts, which a visitor answers on the screen.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::Browser;
use crate::driver::{Answer, Prompt};
use crate::wait::wait_for;

/// A browser ignores clicks on a prompt that has just appeared, for half a second, and each such click begins this time again.
const BETWEEN_CLICKS: Duration = Duration::from_secs(1);

impl Browser {
    /// Waits for the browser's own prompt for storage access, and clicks this answer on the screen until the prompt has closed. A visitor, who is not
    /// as quick, clicks once, so it counts as one click.
    pub async fn answer_prompt(&self, answer: Answer) {
        wait_for("the browser's prompt is on the screen", async || self.standing_prompt().await).await;
        let next = Cell::new(Instant::now());
        let click_until_closed = async || {
            let Some(prompt) = self.standing_prompt().await else { return self.prompt().is_none().then_some(()) };
            if Instant::now() >= next.get() {
                self.driver.click_prompt(prompt, answer).expect("a click on the screen");
                next.set(Instant::now() + BETWEEN_CLICKS);
            }
            None
        };
        wait_for("the browser's prompt has closed", click_until_closed).await;
        self.count_click();
    }

    /// Whether the browser shows its prompt for storage access.
    pub fn shows_prompt(&self) -> bool {
        self.prompt().is_some()
    }

    /// The prompt, unless it still moves.
    async fn standing_prompt(&self) -> Option<Prompt> {
        let first = self.prompt()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
        (self.prompt()? == first).then_some(first)
    }

    fn prompt(&self) -> Option<Prompt> {
        self.driver.prompt().expect("a picture of the screen")
    }
}
