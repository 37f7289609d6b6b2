//! A host page around the provider's core: its cookies, and what it sees of the iframe.

use std::cell::Cell;

use bridge_protocol::{CookieJar, Nonce};
use cookie_provider::core::{FrameView, HostPage};
use fake_browser::{Browser, FakeJar};

pub const BRIDGE: &str = "https://bridge.example";
pub const SERVER: &str = "https://server.example";

/// An iframe that shows a bridge.
pub const WITH_BRIDGE: FrameView = FrameView { inner_frames: 1, has_marker: true, ..EMPTY };

/// An iframe that has loaded nothing yet.
pub const EMPTY: FrameView = FrameView { is_connected: true, inner_frames: 0, has_marker: false, awaits_script: false };

/// No iframe.
pub const REMOVED: FrameView = FrameView { is_connected: false, ..EMPTY };

/// The frames in a document, as one byte chooses them.
pub fn view_of(frames: u8) -> FrameView {
    let (has_marker, awaits_script) = (frames & 4 != 0, frames & 8 != 0);
    let others = u32::from(frames % 3);
    FrameView {
        inner_frames: others + u32::from(has_marker) + u32::from(awaits_script),
        has_marker,
        awaits_script,
        ..EMPTY
    }
}

pub struct Host {
    pub jar: FakeJar,
    pub frame: FrameView,
    /// For the next hello.
    pub nonce: Nonce,
    /// Whether the visitor has touched the page.
    pub is_in_use: bool,
    /// How often the provider has read the cookies.
    pub reads: Cell<u32>,
}

impl Host {
    pub fn new(jar: FakeJar) -> Self {
        Self { jar, frame: REMOVED, nonce: Nonce::from_random([0; 16]), is_in_use: false, reads: Cell::new(0) }
    }

    /// The value of the session that `document.cookie` shows first.
    pub fn own(&self) -> Option<String> {
        self.jar.get("sid").map(str::to_owned)
    }

    /// The values of all cookies of the session's name.
    pub fn sessions(&self) -> Vec<String> {
        sessions(&self.jar)
    }

    /// Those that are left once only the cookie that counts is: of two, the one of a domain above, which a widget set later.
    pub fn mended_sessions(&self) -> Vec<String> {
        let mut jar = self.jar.clone();
        if self.keeps() && sessions(&jar).len() > 1 {
            jar.others_write("sid=; Max-Age=0");
        }
        sessions(&jar)
    }

    /// The cookies that are none of the provider's business.
    pub fn others(&self) -> Vec<(String, String)> {
        let of_provider = ["sid", "__Host-bridge-note.sid", "bridge-note.sid", "__Host-bridge-visit", "bridge-visit"];
        self.jar.without(|name| of_provider.contains(&name))
    }

    /// Whether the browser keeps what a page writes.
    pub fn keeps(&self) -> bool {
        use Browser::{Allowing, FirefoxPartitioning, Legacy, WebkitAllowing};
        matches!(self.jar.browser, Allowing | FirefoxPartitioning | Legacy | WebkitAllowing)
    }
}

fn sessions(jar: &FakeJar) -> Vec<String> {
    jar.without(|name| name != "sid").into_iter().map(|(_, value)| value).collect()
}

impl CookieJar for Host {
    fn read(&self) -> String {
        self.reads.set(self.reads.get().wrapping_add(1));
        self.jar.read()
    }

    fn write(&mut self, cookie: &str) {
        self.jar.write(cookie);
    }
}

impl HostPage for Host {
    fn remove_everywhere(&mut self, name: &str) {
        self.jar.remove_everywhere(name);
    }

    fn is_hidden(&mut self, name: &str) -> bool {
        self.jar.is_hidden(name)
    }

    fn is_in_use(&self) -> bool {
        self.is_in_use
    }

    fn frame(&self) -> FrameView {
        self.frame
    }

    fn nonce(&self) -> Nonce {
        self.nonce.clone()
    }
}
