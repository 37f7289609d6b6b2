//! Tabs, popups and frames: which of them the next commands go to.

use fantoccini::wd::WindowHandle;

use super::Browser;
use crate::wait::wait_for;

impl Browser {
    /// Goes on inside the frame that the CSS selector finds, once it is there.
    pub async fn enter_frame(&self, selector: &str) {
        self.element(selector).await.enter_frame().await.expect("a frame");
    }

    /// Goes back to the page itself.
    pub async fn leave_frame(&self) {
        self.client.enter_parent_frame().await.expect("a page around the frame");
    }

    /// Opens a new tab, and goes on there.
    pub async fn open_tab(&self) {
        let tab = self.client.new_window(true).await.expect("a new tab");
        self.client.switch_to_window(tab.handle).await.expect("the new tab");
    }

    /// The tab that is at work.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("a tab")
    }

    /// Goes on in another tab.
    pub async fn go_to_tab(&self, tab: &WindowHandle) {
        self.client.switch_to_window(tab.clone()).await.expect("the tab");
    }

    /// Goes on in the window that was opened last, once there is one.
    pub async fn enter_popup(&self) {
        let first = self.client.window().await.expect("a window");
        let popup = wait_for("a popup is opened", async || {
            let windows = self.client.windows().await.expect("windows");
            windows.into_iter().find(|window| *window != first)
        });
        self.client.switch_to_window(popup.await).await.expect("the popup");
    }

    /// Closes the tab that is at work; the scenario must go on in another.
    pub async fn close_tab(&self) {
        self.client.close_window().await.expect("the tab closes");
    }

    /// Closes the window and goes on in the one that is left.
    pub async fn close_popup(&self) {
        self.client.close_window().await.expect("the popup closes");
        self.leave_popup().await;
    }

    /// Goes on in the window that is left.
    pub async fn leave_popup(&self) {
        let windows = self.client.windows().await.expect("windows");
        let first = windows.into_iter().next().expect("a window is left");
        self.client.switch_to_window(first).await.expect("the first window");
    }
}
