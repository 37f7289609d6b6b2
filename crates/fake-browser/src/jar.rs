use bridge_protocol::CookieJar;

use crate::browser::Browser;
use crate::cookie::{Cookie, Document, Write};

/// The cookies that a document sees, and what becomes of those that it writes.
///
/// What is not here: expiry by a clock, and `Expires`.
#[derive(Clone, Debug)]
pub struct FakeJar {
    /// What the browser keeps of what the document writes. It may change at any time, as a setting does.
    pub browser: Browser,
    /// What the document has written, word by word, whether it was kept or not.
    pub written: Vec<String>,
    document: Document,
    /// In the order in which they were first set.
    cookies: Vec<Cookie>,
    full: Option<&'static str>,
    rival: Option<&'static str>,
}

/// The jar of a host page in a browser that allows everything.
impl Default for FakeJar {
    fn default() -> Self {
        Self::page(Browser::Allowing)
    }
}

impl FakeJar {
    /// The jar of a host page, `https://www.shop.example/`.
    #[must_use]
    pub fn page(browser: Browser) -> Self {
        Self::of(Document { host: "www.shop.example", path: "/", is_framed: false }, browser)
    }

    /// The same of a page with another path.
    #[must_use]
    pub fn at(mut self, path: &'static str) -> Self {
        self.document.path = path;
        self
    }

    /// The jar of the bridge, `https://bridge.example/`, in a frame of a page of another site.
    #[must_use]
    pub fn frame(browser: Browser) -> Self {
        Self::of(Document { host: "bridge.example", path: "/", is_framed: true }, browser)
    }

    fn of(document: Document, browser: Browser) -> Self {
        Self { browser, written: Vec::new(), document, cookies: Vec::new(), full: None, rival: None }
    }

    /// The same with this cookie in it.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// The same without room for cookies whose name begins so: a write to one is dropped, whatever the browser allows.
    #[must_use]
    pub fn full_for(mut self, prefix: &'static str) -> Self {
        self.full = Some(prefix);
        self
    }

    /// The same with another page that writes this cookie right after each write to a cookie of its name.
    #[must_use]
    pub fn with_rival(mut self, cookie: &'static str) -> Self {
        self.rival = Some(cookie);
        self
    }

    /// Sets a cookie for this host, `/` and all contexts, whatever the browser allows.
    pub fn set(&mut self, name: &str, value: &str) {
        self.put(Write { cookie: Cookie::plain(name, value), is_expired: false });
    }

    /// Removes the cookies of this name that a script of the page sees, as `page/cookies.js` of cookie-provider does.
    pub fn remove_everywhere(&mut self, name: &str) {
        for place in self.places() {
            self.write(&format!("{name}=; Max-Age=0{place}"));
        }
    }

    /// Whether a cookie of this name is there that scripts neither see nor replace. It is not looked at, but found as `page/cookies.js` finds it.
    pub fn is_hidden(&mut self, name: &str) -> bool {
        self.places().iter().any(|place| !self.keeps(name, place) && self.keeps("bridge-probe", place))
    }

    fn keeps(&mut self, name: &str, place: &str) -> bool {
        self.write(&format!("{name}=; SameSite=Lax; Max-Age=1{place}"));
        let is_kept = self.get(name).is_some();
        self.write(&format!("{name}=; Max-Age=0{place}"));
        is_kept
    }

    /// Where a script can set a cookie that it sees.
    fn places(&self) -> Vec<String> {
        let path = self.document.path;
        let folders = path.match_indices('/').flat_map(|(at, _)| [path.get(..at), path.get(..=at)]).flatten();
        let mut paths: Vec<&str> = folders.chain([path]).filter(|path| !path.is_empty()).collect();
        paths.dedup();
        let domains = ["", "; Domain=www.shop.example", "; Domain=shop.example", "; Domain=example"];
        let mut places: Vec<String> =
            domains.iter().flat_map(|domain| paths.iter().map(move |path| format!("; Path={path}{domain}"))).collect();
        places.extend(domains.map(|domain| format!("; Path=/; Secure; SameSite=None; Partitioned{domain}")));
        places
    }

    /// Sets or removes a cookie by the standard's rules, as the server of the page does with `Set-Cookie`.
    pub fn server_sets(&mut self, cookie: &str) {
        if let Some(write) = Write::read_from(cookie, Document { is_framed: false, ..self.document }) {
            self.put_any(write);
        }
    }

    /// Sets or removes a cookie by the standard's rules, as another script of this host does where the browser allows it: with
    /// attributes, for example `Domain=shop.example`.
    pub fn others_write(&mut self, cookie: &str) {
        // It may be a first party.
        if let Some(write) = Write::read(cookie, Document { is_framed: false, ..self.document }) {
            self.put(write);
        }
    }

    /// Removes all cookies of this name, as an eviction does.
    pub fn delete(&mut self, name: &str) {
        self.cookies.retain(|cookie| cookie.name != name);
    }

    /// Removes all cookies, as the visitor does.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }

    /// The value of the first cookie of exactly this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.visible().find(|cookie| cookie.name == name).map(|cookie| cookie.value.as_str())
    }

    /// Whether this host has set every cookie of this name for itself alone.
    #[must_use]
    pub fn is_host_only(&self, name: &str) -> bool {
        self.visible().filter(|cookie| cookie.name == name).all(|cookie| cookie.domain.is_none())
    }

    /// The names and values of all cookies but those whose name is left out.
    #[must_use]
    pub fn without(&self, is_left_out: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let kept = self.visible().filter(|cookie| !is_left_out(&cookie.name));
        kept.map(|cookie| (cookie.name.clone(), cookie.value.clone())).collect()
    }

    /// What `document.hasStorageAccess()` answers; `None` where there is no such function.
    #[must_use]
    pub fn has_storage_access(&self) -> Option<bool> {
        self.browser.has_storage_access(!self.cookies.is_empty())
    }

    /// Of two, the one with the longer path is in front, and of two with the same the one that was created first (section 5.8.3).
    fn visible(&self) -> impl Iterator<Item = &Cookie> {
        let mut visible: Vec<_> = self.cookies.iter().filter(|cookie| cookie.is_visible_to(self.document)).collect();
        visible.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        visible.into_iter()
    }

    /// As a script does, which replaces no `HttpOnly` cookie (section 5.7).
    fn put(&mut self, write: Write) {
        if !self.cookies.iter().any(|kept| kept.is_http_only && write.cookie.is_in_place_of(kept)) {
            self.put_any(write);
        }
    }

    /// A cookie that is replaced keeps its place.
    fn put_any(&mut self, write: Write) {
        let Write { cookie, is_expired } = write;
        if is_expired {
            self.cookies.retain(|kept| !cookie.is_in_place_of(kept));
        } else if let Some(kept) = self.cookies.iter_mut().find(|kept| cookie.is_in_place_of(kept)) {
            *kept = cookie;
        } else {
            self.cookies.push(cookie);
        }
    }
}

impl CookieJar for FakeJar {
    fn read(&self) -> String {
        // A cookie without a name is shown without a `=`.
        let pair = |cookie: &Cookie| match cookie.name.as_str() {
            "" => cookie.value.clone(),
            name => [name, "=", &cookie.value].concat(),
        };
        self.visible().map(pair).collect::<Vec<_>>().join("; ")
    }

    fn write(&mut self, cookie: &str) {
        self.written.push(cookie.to_owned());
        let Some(write) = Write::read(cookie, self.document) else { return };
        let name = write.cookie.name.clone();
        if self.browser.keeps(&write.cookie) && self.full.is_none_or(|prefix| !name.starts_with(prefix)) {
            self.put(write);
        }
        let rival = self.rival.filter(|rival| rival.split('=').next() == Some(&name));
        if let Some(rival) = rival {
            self.others_write(rival);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(written: &[&str]) -> String {
        let mut jar = FakeJar::default();
        for cookie in written {
            jar.write(cookie);
        }
        jar.read()
    }

    #[test]
    fn a_cookie_is_replaced_in_its_place_and_removed_by_its_age() {
        assert_eq!(page(&["a=1", "b=2", "a=3"]), "a=3; b=2");
        assert_eq!(page(&["a=1", "b=2", "a=; Max-Age=0"]), "b=2");
        assert_eq!(page(&["a=1; Max-Age=-5"]), "");
        for ignored in ["", "x", "5x", "0x", "1"] {
            assert_eq!(page(&[&format!("a=1; Max-Age={ignored}")]), "a=1", "{ignored:?}");
        }
    }

    #[test]
    fn a_cookie_of_the_host_and_one_of_the_domain_are_two_and_the_older_is_first() {
        let domain = "a=domain; Domain=.Shop.Example";
        assert_eq!(page(&[domain, "a=host"]), "a=domain; a=host");
        assert_eq!(page(&["a=host", domain]), "a=host; a=domain");
        assert_eq!(page(&[domain, "a=host", "a=; Max-Age=0"]), "a=domain");
        assert_eq!(page(&[domain, "a=host", "a=; Domain=shop.example; Max-Age=0"]), "a=host");
        let is_host_only = |cookies: [&str; 2]| {
            let mut jar = FakeJar::default();
            for cookie in cookies {
                jar.write(cookie);
            }
            jar.is_host_only("a")
        };
        assert!(is_host_only(["a=host", "b=1; Domain=shop.example"]) && !is_host_only(["a=host", domain]));
        for foreign in ["evil.test", "op.example", "example", "a.www.shop.example"] {
            assert_eq!(page(&[&format!("a=1; Domain={foreign}")]), "", "{foreign}");
        }
    }

    #[test]
    fn a_page_sees_the_cookies_of_the_paths_that_cover_its_own_and_the_longest_is_first() {
        let mut jar = FakeJar::default().at("/help/chat");
        for (path, value) in [("/", 1), ("/help", 2), ("/help/", 3), ("/help/chat", 4), ("/hel", 5), ("/help/chat/", 6)]
        {
            jar.write(&format!("a={value}; Path={path}"));
        }
        assert_eq!(jar.read(), "a=4; a=3; a=2; a=1");
        jar.write("a=5");
        assert_eq!(jar.read(), "a=4; a=3; a=5; a=1", "without a path, it is for the page's folder");
        jar.remove_everywhere("a");
        assert_eq!(jar.read(), "");
    }

    #[test]
    fn a_script_neither_sees_nor_replaces_nor_removes_what_the_server_hides_from_it() {
        for place in ["; Path=/", "; Path=/; Domain=shop.example", "; Path=/help", "; Path=/; Secure; Partitioned"] {
            let mut jar = FakeJar::default().at("/help/chat");
            assert!(!jar.is_hidden("a"), "{place}");
            jar.server_sets(&format!("a=server; HttpOnly{place}"));
            assert_eq!(jar.read(), "");
            assert!(jar.is_hidden("a"), "{place}");
            jar.write(&format!("a=script{place}"));
            jar.remove_everywhere("a");
            assert!(jar.is_hidden("a"), "{place}");
            assert_eq!(jar.read(), "");
            jar.server_sets(&format!("a=server{place}"));
            assert_eq!(jar.read(), "a=server");
        }
    }

    #[test]
    fn what_the_standard_forbids_is_ignored() {
        for ignored in [
            "",
            "=",
            "a=1\0",
            "a=1\n",
            "__Host-a=1",
            "__Host-a=1; Secure; Path=/x",
            "__Host-a=1; Secure; Domain=shop.example",
            "__host-a=1; Path=/",
            "__Secure-a=1",
            "__Http-a=1; Secure",
            "__Host-Http-a=1; Secure; Path=/",
            "=__Host-a=1; Secure; Path=/",
            "a=1; SameSite=None",
            "a=1; Partitioned",
            "a=1; HttpOnly",
            "a=1; Path=/x",
            "a=1; Path=/x/",
            &format!("a={}", "x".repeat(4096)),
        ] {
            assert_eq!(page(&[ignored]), "", "{ignored:?}");
        }
        assert_eq!(page(&["__Host-a=1; Secure; Path=/; Domain="]), "__Host-a=1");
        assert_eq!(page(&[&format!("a=1; Path=/{}", "x".repeat(1024))]), "a=1", "the attribute alone is ignored");
    }

    #[test]
    fn a_frame_sees_and_sets_only_what_crosses_sites() {
        let mut frame = FakeJar::frame(Browser::Allowing);
        frame.others_write("lax=1; SameSite=Lax");
        frame.others_write("none=1; Secure; SameSite=None");
        frame.write("plain=1");
        frame.write("own=1; Secure; SameSite=None");
        assert_eq!(frame.read(), "none=1; own=1");
        assert_eq!(frame.written, ["plain=1", "own=1; Secure; SameSite=None"]);
    }

    #[test]
    fn each_browser_keeps_what_it_was_seen_to_keep() {
        for browser in Browser::ALL {
            let mut jar = FakeJar::frame(browser);
            let before = jar.has_storage_access();
            jar.write("a=1; Secure; SameSite=None");
            jar.write("b=1; Secure; SameSite=None; Partitioned");
            let expected = match browser {
                Browser::Allowing => ("a=1; b=1", Some(true)),
                Browser::FirefoxPartitioning => ("a=1; b=1", Some(false)),
                Browser::WebkitAllowing => ("a=1; b=1", Some(true)),
                Browser::Legacy => ("a=1; b=1", None),
                Browser::ChromiumBlocking => ("b=1", Some(false)),
                Browser::ChromiumBlockingAll | Browser::WebkitReadable | Browser::WebkitItp => ("", Some(false)),
            };
            assert_eq!((jar.read().as_str(), jar.has_storage_access()), expected, "{browser:?}");
            let is_changed = before != jar.has_storage_access();
            assert_eq!(is_changed, browser == Browser::WebkitAllowing, "{browser:?}");
        }
        let readable = FakeJar::frame(Browser::WebkitReadable).with("a", "1");
        assert_eq!((readable.read().as_str(), readable.has_storage_access()), ("a=1", Some(true)));
    }

    #[test]
    fn a_full_jar_and_a_rival_meet_only_the_cookies_they_are_for() {
        let mut full = FakeJar::default().full_for("a.");
        full.write("a.b=1");
        full.write("ab=1");
        assert_eq!(full.read(), "ab=1");
        let mut raced = FakeJar::default().with_rival("a=theirs");
        raced.write("b=ours");
        raced.write("a=ours");
        assert_eq!(raced.read(), "b=ours; a=theirs");
        assert_eq!(raced.written, ["b=ours", "a=ours"]);
    }
}
