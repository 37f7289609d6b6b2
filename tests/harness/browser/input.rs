//! What a visitor does with mouse and keyboard.

use std::sync::atomic::Ordering;
use std::time::Duration;

use fantoccini::Locator;
use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MOUSE_BUTTON_MIDDLE, MouseActions, PointerAction};
use fantoccini::elements::Element;
use http::Method;
use serde_json::json;

use super::Browser;
use super::raw::Raw;

impl Browser {
    /// Clicks the first element that the CSS selector finds, once it is there.
    pub async fn click(&self, selector: &str) {
        self.element(selector).await.click().await.expect("a click");
        self.count_click();
    }

    /// How often the visitor has clicked since this was called before, on pages and on the browser's own prompts.
    pub fn take_clicks(&self) -> usize {
        self.clicks.swap(0, Ordering::Relaxed)
    }

    pub(super) fn count_click(&self) {
        self.clicks.fetch_add(1, Ordering::Relaxed);
    }

    /// Clicks the first element that the CSS selector finds with the middle button, which opens a link in a new tab.
    pub async fn middle_click(&self, selector: &str) {
        self.press(selector, MOUSE_BUTTON_MIDDLE).await;
    }

    /// Clicks where the first element is that the CSS selector finds, whatever is hit there: in a picture, it is an area of its map.
    pub async fn click_at(&self, selector: &str) {
        self.press(selector, MOUSE_BUTTON_LEFT).await;
    }

    async fn press(&self, selector: &str, button: u64) {
        let element = self.element(selector).await;
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        self.client.perform_actions(mouse).await.expect("a click");
        self.count_click();
    }

    /// Presses Enter on the first element that the CSS selector finds.
    pub async fn press_enter(&self, selector: &str) {
        self.type_into(selector, "\u{e007}").await;
    }

    /// Types into the first element that the CSS selector finds, once it is there.
    pub async fn type_into(&self, selector: &str, text: &str) {
        self.element(selector).await.send_keys(text).await.expect("keys");
    }

    /// Goes back in the history of the tab, and waits until the page there is shown.
    pub async fn go_back(&self) {
        self.go_in_history("back").await;
    }

    /// Goes forward in the history of the tab, and waits until the page there is shown.
    pub async fn go_forward(&self) {
        self.go_in_history("forward").await;
    }

    async fn go_in_history(&self, path: &'static str) {
        let go = Raw { method: Method::POST, path, body: Some(json!({})) };
        self.client.issue_cmd(go).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    pub(super) async fn element(&self, selector: &str) -> Element {
        // Between two looks, fantoccini itself would wait for a quarter of a second.
        let wait = self.client.wait().every(Duration::from_millis(25));
        let element = wait.for_element(Locator::Css(selector)).await;
        element.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }
}
