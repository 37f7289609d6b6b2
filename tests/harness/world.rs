use serde_json::{Value, json};

use crate::browser::Browser;
use crate::page::Page;
use crate::sites::Server;
use crate::wait::wait_for;

/// What one run of a scenario has to itself.
pub struct World {
    /// The browser.
    pub browser: Browser,
    /// The sites.
    pub server: Server,
}

/// The host pages' session cookie.
pub const NAME: &str = "chat-session";

/// The result of `cookieTest()` where there is no bridge.
#[must_use]
pub fn unreachable(code: &str) -> Value {
    let (jar, no) = ("unreachable", false);
    json!({ "jar": jar, "readable": no, "canRequestAccess": no, "canContinue": no, "code": code })
}

impl World {
    /// The address of a path on a site: `shop`, `help`, `bridge`, or a stranger.
    pub fn url(&self, site: &str, path: &str) -> String {
        format!("{}{path}", self.server.origin(site))
    }

    /// The bridge's address.
    pub fn iframe_url(&self) -> String {
        self.url("bridge", "/iframe.html")
    }

    /// A host page with the provider script in its head, and `provider` made with these further arguments.
    pub fn host_page(&self, arguments: &str) -> Page {
        self.host_page_for(&self.iframe_url(), arguments)
    }

    /// Such a page, whose bridge is elsewhere.
    pub fn host_page_for(&self, iframe_url: &str, arguments: &str) -> Page {
        let provider = format!("new CookieProvider({NAME:?}, {iframe_url:?}{arguments})");
        Page::html(format!(
            "<!DOCTYPE html><title>host</title><script src=\"/cookie-provider.js\"></script>\
             <script>window.provider = {provider};</script><p>A host page.</p>"
        ))
    }

    /// Opens the plain host page of a site.
    pub async fn visit(&self, site: &str) {
        self.server.put(site, "/", self.host_page(""));
        self.browser.open(&self.url(site, "/")).await;
    }

    /// Runs the body of an async function in the page, as `Browser::call`.
    pub async fn call(&self, body: &str) -> Result<Value, String> {
        self.browser.call(body).await
    }

    /// As `call`, for what must succeed.
    pub async fn eval(&self, body: &str) -> Value {
        self.call(body).await.unwrap_or_else(|error| panic!("{error} from: {body}"))
    }

    /// Waits until the body of an async function returns something true.
    pub async fn until(&self, what: &str, body: &str) {
        let is_true = async || self.call(body).await.is_ok_and(|value| value.as_bool() == Some(true));
        wait_for(what, async || is_true().await.then_some(())).await;
    }

    /// Adds a button to the page that does this, for what a browser allows only after a click.
    pub async fn add_button(&self, label: &str, action: &str) {
        let add = format!(
            "const button = document.body.appendChild(document.createElement('button'));
             button.textContent = {label:?};
             button.onclick = () => {{ {action} }};"
        );
        self.eval(&add).await;
    }

    /// Clicks the bridge's button in the frame or popup that was entered, once the bridge can know that it is seen.
    pub async fn click_bridge_button(&self) {
        self.until_bridge_button_is("seen").await;
        self.browser.click("button").await;
    }

    /// Clicks a button of the page that calls `continueSession`, then the bridge's button in the popup, and goes on in the page.
    pub async fn click_through_popup(&self, selector: &str) {
        let page = self.browser.tab().await;
        self.browser.click(selector).await;
        self.browser.enter_popup().await;
        self.click_bridge_button().await;
        self.browser.go_to_tab(&page).await;
    }

    /// Waits until the bridge can know that its button is `seen` or `covered`.
    pub async fn until_bridge_button_is(&self, state: &str) {
        let look = format!(
            "const button = document.querySelector('button');
             if (!button) return false;
             return new Promise((done) => {{
               const look = (entries) => done((entries.at(-1).isVisible ?? entries.at(-1).isIntersecting) === {});
               new IntersectionObserver(look, {{ threshold: [0, 0.5, 0.9], trackVisibility: true, delay: 100 }}).observe(button);
             }});",
            state == "seen"
        );
        self.until(&format!("the button is {state}"), &look).await;
    }

    /// Waits until a page of a site requested a path, which it can do in the background.
    pub async fn until_asked(&self, site: &str, path: &str) {
        self.until_asked_times(site, path, 1).await;
    }

    /// Waits until a path of a site was requested so many times.
    pub async fn until_asked_times(&self, site: &str, path: &str, times: usize) {
        let what = format!("{site} is asked for {path}, {times} times");
        self.until_sites(&what, |server| server.times_asked(site, path) >= times).await;
    }

    /// Waits until this is true of the sites. The driver is not used, so the browser may be busy with a page that does not come.
    pub async fn until_sites(&self, what: &str, is_true: impl Fn(&Server) -> bool) {
        wait_for(what, async || is_true(&self.server).then_some(())).await;
    }

    /// Sets the page's own session cookie, as a chat widget would.
    pub async fn set_own_cookie(&self, value: &str) {
        self.eval(&format!("document.cookie = {};", json!(format!("{NAME}={value}; Path=/")))).await;
    }

    /// The page's own session cookie.
    pub async fn own_cookie(&self) -> Option<String> {
        let cookies = self.eval("return document.cookie;").await;
        let cookies = cookies.as_str().expect("a string").to_owned();
        cookies.split("; ").find_map(|pair| pair.strip_prefix(NAME)?.strip_prefix('=').map(str::to_owned))
    }
}
