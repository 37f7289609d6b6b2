use std::fmt;

use crate::text::{cut, join, number, pieces, push_number};

/// The largest cookie, name and value together, in bytes (RFC 6265bis, section 5.6). Browsers drop larger ones silently.
pub const MAX_COOKIE_BYTES: usize = 4096;

/// The longest lifetime in seconds: 400 days, the upper limit of RFC 6265bis, section 5.5.
pub const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// In front of every session's name in the bridge's jar. `__Host-` makes the browser refuse the cookie unless it is `Secure`,
/// host-only and for `/`, so that no other host can plant one (RFC 6265bis, section 4.1.3.2); the rest keeps sessions apart
/// from whatever else the bridge's origin stores.
const BRIDGE_PREFIX: &str = "__Host-bridge.";

/// In front of the name of a cookie in which a host page notes what the bridge knows of its session.
const NOTE_PREFIX: &str = "bridge-note.";

/// How many bytes a [`Stamp`] and the dot after it may take.
const STAMP_BYTES: usize = 14;

/// When something was saved, in milliseconds since 1970. In front of each session in the bridge's jar, so that a save that could not be
/// shared at once does not replace a later one. A visitor may well end in one second what began in it, on another page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub u64);

impl Stamp {
    /// The last that there is, in the year 2286.
    pub const MAX: Self = Self(9_999_999_999_999);

    /// From what `Date.now()` says.
    #[must_use]
    pub fn from_milliseconds(milliseconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        Self((milliseconds as u64).min(Self::MAX.0))
    }

    /// As `Date.now()` would say it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "`MAX` has 44 bits, of the 53 that are exact")]
    pub fn in_milliseconds(self) -> f64 {
        self.0 as f64
    }

    fn append_to(self, text: &mut String) {
        push_number(text, self.0);
        text.push('.');
    }

    /// Whether what happened then is to count as earlier than what happened at `other`. Both are times that a clock has shown, and it may
    /// have been set back since: what is later than now was before that, and nothing tells whether the other was, too.
    #[must_use]
    pub fn is_before(self, other: Self, now: Self) -> bool {
        let from_future = self.is_from_future(now);
        if from_future == other.is_from_future(now) { self < other } else { from_future }
    }

    /// Whether it is later than now by more than the clocks of two pages differ: a browser that hides the time rounds that of each origin
    /// on its own, to 100 ms. A second leaves room for that.
    #[must_use]
    pub fn is_from_future(self, now: Self) -> bool {
        self.0 > now.0.saturating_add(1000)
    }

    /// Reads what `append_to` wrote, and what follows.
    fn cut_from(text: &str) -> Option<(Self, &str)> {
        let (digits, rest) = cut(text, b'.')?;
        Some((Self(number(digits, Self::MAX.0)?), rest))
    }
}

/// The cookies of one origin, as `document.cookie` gives and takes them.
pub trait CookieJar {
    /// All cookies: `name=value; name=value`.
    fn read(&self) -> String;
    /// Adds, replaces or, with an age of 0, removes one. The browser may ignore it without a word.
    fn write(&mut self, cookie: &str);
}

/// Why something cannot be a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// Not a name by the grammar.
    Name,
    /// Not a value that every browser stores as it is.
    Value,
    /// Name and value are together larger than a browser stores.
    TooLarge,
    /// Not a number of seconds from 1 to [`MAX_AGE_SECONDS`].
    Lifetime,
}

/// A bit for each character of a token, by its number (RFC 9110, section 5.6.2).
const TOKEN: u128 = {
    let characters = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (mut bits, mut at) = (0, 0);
    while at < characters.len() {
        #[expect(clippy::indexing_slicing, reason = "at compile time")]
        {
            bits |= 1 << characters[at];
        }
        at += 1;
    }
    bits
};

/// The name of a session cookie: a token (RFC 6265bis, section 4.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieName(String);

impl CookieName {
    /// # Errors
    /// [`CookieError::Name`] for anything but a non-empty token that leaves room for a value. Names that a browser treats by
    /// rules of their own (`__Host-`, `__Secure-`) are refused: the provider also writes plain cookies under this name.
    pub fn parse(text: &str) -> Result<Self, CookieError> {
        let is_token = |b: u8| b < 128 && TOKEN >> b & 1 == 1;
        let fits = BRIDGE_PREFIX.len() + text.len() + STAMP_BYTES < MAX_COOKIE_BYTES;
        let lower = text.to_ascii_lowercase();
        let is_reserved = ["__host-", "__secure-", "__http-"].iter().any(|prefix| lower.starts_with(prefix));
        if text.is_empty() || !fits || !text.bytes().all(is_token) || is_reserved {
            return Err(CookieError::Name);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name on host pages.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the bridge's jar.
    #[must_use]
    pub fn in_bridge(&self) -> String {
        join(&[BRIDGE_PREFIX, &self.0])
    }
}

/// The value of a session cookie, kept as it is, byte for byte.
///
/// It is a bearer credential, so `Debug` shows only its length.
///
/// Servers should write `cookie-octet`s only (RFC 6265bis, section 4.1.1); chat widgets also write plain JSON. So this takes
/// everything that all browsers store unchanged: printable ASCII without `;`, and without a space at either end.
#[derive(Clone, PartialEq, Eq)]
pub struct CookieValue(String);

impl CookieValue {
    /// # Errors
    /// [`CookieError::Value`] for a value that a browser would cut, change or refuse.
    pub fn parse(text: &str) -> Result<Self, CookieError> {
        let is_kept = |b: u8| matches!(b, b' '..=b'~') && b != b';';
        if text.bytes().all(is_kept) && !text.starts_with(' ') && !text.ends_with(' ') {
            Ok(Self(text.to_owned()))
        } else {
            Err(CookieError::Value)
        }
    }

    /// The value itself. It is a secret: it belongs in a cookie or a message, never in a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CookieValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CookieValue(")?;
        out.write_str(&self.0.len().to_string())?;
        out.write_str(" bytes)")
    }
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the browser is closed.
    #[default]
    BrowserSession,
    /// This many seconds, from 1 to [`MAX_AGE_SECONDS`]; 0 removes the cookie.
    Seconds(u32),
}

impl Lifetime {
    /// # Errors
    /// [`CookieError::Lifetime`] for NaN, less than 1 or more than [`MAX_AGE_SECONDS`]. Parts of a second are dropped.
    pub fn from_seconds(seconds: f64) -> Result<Self, CookieError> {
        if (1.0..=f64::from(MAX_AGE_SECONDS)).contains(&seconds) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
            Ok(Self::Seconds(seconds as u32))
        } else {
            Err(CookieError::Lifetime)
        }
    }

    fn append_to(self, cookie: &mut String) {
        if let Self::Seconds(seconds) = self {
            cookie.push_str("; Max-Age=");
            push_number(cookie, seconds.into());
        }
    }
}

/// A session that fits into a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    /// The name on host pages.
    pub name: CookieName,
    /// The session.
    pub value: CookieValue,
    /// How long the bridge keeps it.
    pub lifetime: Lifetime,
}

impl SessionCookie {
    /// # Errors
    /// [`CookieError::TooLarge`] where the name in the bridge's jar and the value together exceed [`MAX_COOKIE_BYTES`].
    pub fn new(name: CookieName, value: CookieValue, lifetime: Lifetime) -> Result<Self, CookieError> {
        let size = BRIDGE_PREFIX.len() + name.0.len() + STAMP_BYTES + value.0.len();
        if size <= MAX_COOKIE_BYTES { Ok(Self { name, value, lifetime }) } else { Err(CookieError::TooLarge) }
    }

    /// Writes it into the bridge's jar, and says what was read back.
    pub fn store(&self, at: Stamp, jar: &mut dyn CookieJar) -> Written {
        let name = self.name.in_bridge();
        let before = jar.read();
        let mut stamped = String::new();
        at.append_to(&mut stamped);
        stamped.push_str(self.value.reveal());
        // A jar that drops a write drops it again; one in which another page's write came in between, with what was there
        // before, does not.
        for _ in 0..3 {
            jar.write(&third_party_cookie(&name, &stamped, self.lifetime));
            match find(&jar.read(), &name) {
                Some(found) if found == stamped => return Written::Kept,
                Some(found) if Some(found) != find(&before, &name) => return Written::Replaced,
                _ => {}
            }
        }
        Written::Dropped
    }

    /// Writes it into the jar of a host page, and says whether it could be read back.
    pub fn store_first_party(&self, secure: bool, jar: &mut dyn CookieJar) -> bool {
        jar.write(&first_party_cookie(self.name.as_str(), self.value.reveal(), secure, self.lifetime));
        find(&jar.read(), self.name.as_str()) == Some(self.value.reveal())
    }
}

impl CookieName {
    /// Reads what the bridge's jar has of the session of this name.
    ///
    /// # Errors
    /// [`CookieError::Value`] where something else than the bridge wrote it.
    pub fn load(&self, jar: &dyn CookieJar) -> Result<InJar, CookieError> {
        let cookies = jar.read();
        let Some(stored) = find(&cookies, &self.in_bridge()) else { return Ok(InJar::Nothing) };
        if let Some(at) = number(stored, Stamp::MAX.0) {
            return Ok(InJar::Ended(Stamp(at)));
        }
        let (at, value) = Stamp::cut_from(stored).ok_or(CookieError::Value)?;
        Ok(InJar::Session(Stored { value: CookieValue::parse(value)?, at }))
    }

    /// Leaves only the time in the bridge's jar, and says whether the session is gone. Without the time, a page that could not save at once
    /// would bring an ended session back, and one that was lost could not be told from it. So it stays as long as any page may
    /// remember the session.
    pub fn end(&self, at: Stamp, jar: &mut dyn CookieJar) -> bool {
        let name = self.in_bridge();
        let mut stamp = String::new();
        push_number(&mut stamp, at.0);
        jar.write(&third_party_cookie(&name, &stamp, Lifetime::Seconds(MAX_AGE_SECONDS)));
        find(&jar.read(), &name) == Some(&stamp)
    }

    /// Removes the session from the jar of a host page, and says whether it is gone.
    pub fn remove_first_party(&self, secure: bool, jar: &mut dyn CookieJar) -> bool {
        jar.write(&first_party_cookie(&self.0, "", secure, Lifetime::Seconds(0)));
        find(&jar.read(), &self.0).is_none()
    }

    /// The bridge's own sessions among the cookies of its origin, as one text: those whose name is wanted.
    #[must_use]
    pub fn all_in(cookies: &str, is_wanted: &dyn Fn(&Self) -> bool) -> String {
        let mut sessions = String::new();
        for pair in pieces(cookies, b';') {
            let name = without_space(pair).strip_prefix(BRIDGE_PREFIX).and_then(|pair| cut(pair, b'='));
            if name.is_some_and(|(name, _)| Self::parse(name).is_ok_and(|name| is_wanted(&name))) {
                sessions.push_str(pair);
            }
        }
        sessions
    }

    /// What a host page has noted of the session of this name.
    #[must_use]
    pub fn note(&self, jar: &dyn CookieJar) -> Option<Note> {
        let cookies = jar.read();
        let (at, rest) = Stamp::cut_from(find(&cookies, &join(&[NOTE_PREFIX, &self.0]))?)?;
        let (word, age) = cut(rest, b'.')?;
        let state = match word {
            "save" => NoteState::Save,
            "clear" => NoteState::Clear,
            "kept" => NoteState::Kept,
            _ => return None,
        };
        let lifetime = match age {
            "" => Lifetime::BrowserSession,
            // It would remove the cookie, which is never noted so: the bridge takes no such save, and it would be tried for ever.
            "0" => return None,
            age => Lifetime::Seconds(u32::try_from(number(age, MAX_AGE_SECONDS.into())?).ok()?),
        };
        Some(Note { at, state, lifetime })
    }

    /// Notes it in a cookie of the host page's own, or that there is nothing any more.
    pub fn set_note(&self, note: Option<Note>, secure: bool, jar: &mut dyn CookieJar) {
        let name = join(&[NOTE_PREFIX, &self.0]);
        let Some(Note { at, state, mut lifetime }) = note else {
            jar.write(&first_party_cookie(&name, "", secure, Lifetime::Seconds(0)));
            return;
        };
        let mut value = String::new();
        at.append_to(&mut value);
        value.push_str(match state {
            NoteState::Save => "save.",
            NoteState::Clear => "clear.",
            NoteState::Kept => "kept.",
        });
        if let Lifetime::Seconds(age) = &mut lifetime {
            push_number(&mut value, (*age).into());
            // It is written after the session, and must not be there after it.
            *age -= u32::from(*age > 1);
        }
        jar.write(&first_party_cookie(&name, &value, secure, lifetime));
    }
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was read back.
    Kept,
    /// Another page's write came right after it.
    Replaced,
    /// The browser ignored it.
    Dropped,
}

/// A session in the bridge's jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The session.
    pub value: CookieValue,
    /// When it was saved.
    pub at: Stamp,
}

/// What the bridge's jar has of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InJar {
    /// Nothing: it never was there, its time is over, or the browser or the visitor removed it.
    Nothing,
    /// A page ended it then.
    Ended(Stamp),
    /// It is there.
    Session(Stored),
}

/// What a host page remembers of what it told the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// When the page asked for it.
    pub at: Stamp,
    /// What it asked for, and whether the bridge knows.
    pub state: NoteState,
    /// How long the session, or that it ended, is to be kept.
    pub lifetime: Lifetime,
}

/// See [`Note`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteState {
    /// A save that the bridge does not know of yet.
    Save,
    /// A clear that the bridge does not know of yet.
    Clear,
    /// A save that the bridge has read back from its jar.
    Kept,
}

/// A cookie that is sent and seen in frames of other sites.
fn third_party_cookie(name: &str, value: &str, lifetime: Lifetime) -> String {
    let mut cookie = join(&[name, "=", value, "; Path=/; Secure; SameSite=None"]);
    lifetime.append_to(&mut cookie);
    cookie
}

/// A cookie of a host page's own. `Secure` cannot be set from `http://localhost` in every browser, so it goes with the page.
fn first_party_cookie(name: &str, value: &str, secure: bool, lifetime: Lifetime) -> String {
    let secure = if secure { "; Secure" } else { "" };
    let mut cookie = join(&[name, "=", value, "; Path=/; SameSite=Lax", secure]);
    lifetime.append_to(&mut cookie);
    cookie
}

/// The value of the first cookie with exactly this name in `document.cookie`.
#[must_use]
pub fn find<'a>(cookies: &'a str, name: &str) -> Option<&'a str> {
    pieces(cookies, b';').find_map(|pair| {
        let (found, value) = cut(without_space(pair), b'=')?;
        (found == name).then_some(value)
    })
}

/// A pair without the one space that stands between pairs.
fn without_space(pair: &str) -> &str {
    pair.strip_prefix(' ').unwrap_or(pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> CookieName {
        CookieName::parse(text).unwrap()
    }

    /// A jar that keeps what it is given, as a browser with nothing blocked does.
    #[derive(Default)]
    struct OpenJar(Vec<(String, String)>);

    impl CookieJar for OpenJar {
        fn read(&self) -> String {
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
        }

        fn write(&mut self, cookie: &str) {
            let mut parts = cookie.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            self.0.retain(|(kept, _)| kept != name);
            if !parts.any(|attribute| attribute == "Max-Age=0") {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    #[test]
    fn a_name_is_a_token() {
        for good in ["sid", "customer-defined-session-cookie", "a", "!#$%&'*+-.^_`|~", "__proto__", "constructor"] {
            assert_eq!(name(good).as_str(), good);
        }
        let too_long = "n".repeat(4096);
        for bad in [
            "",
            " ",
            "a b",
            "a=b",
            "a;b",
            "a,b",
            "a\"b",
            "a/b",
            "a\r\nb",
            "a\0b",
            "a\x7fb",
            "\u{e9}",
            "\u{1f36a}",
            "(a)",
            "__Host-sid",
            "__host-sid",
            "__Secure-sid",
            "__Http-sid",
            &too_long,
        ] {
            assert_eq!(CookieName::parse(bad), Err(CookieError::Name), "{bad:?}");
        }
        for bad in with_each_control_character() {
            assert_eq!(CookieName::parse(&bad), Err(CookieError::Name), "{bad:?}");
        }
    }

    /// Each control character of ASCII at the start, in the middle and at the end of a text.
    fn with_each_control_character() -> impl Iterator<Item = String> {
        let controls = (0..=0x1f).chain([0x7f]).map(char::from);
        controls.flat_map(|control| [format!("{control}ab"), format!("a{control}b"), format!("ab{control}")])
    }

    #[test]
    fn a_value_is_kept_as_it_is_or_refused() {
        let printable: String = (b' '..=b'~').map(char::from).filter(|c| *c != ';').collect();
        for good in ["", "abc", "{\"a\":\"b, c\"}", "%7B%zz", "a=b==", "\"quoted\"", printable.trim()] {
            assert_eq!(CookieValue::parse(good).unwrap().reveal(), good);
        }
        for bad in [
            "a;b",
            "a; Path=/evil",
            "a\r\nSet-Cookie: b",
            "a\0",
            "\x7f",
            "\t",
            "a\tb",
            " a",
            "a ",
            "\u{e9}",
            "\u{1f36a}",
            "\u{fffd}",
        ] {
            assert_eq!(CookieValue::parse(bad), Err(CookieError::Value), "{bad:?}");
        }
        for bad in with_each_control_character() {
            assert_eq!(CookieValue::parse(&bad), Err(CookieError::Value), "{bad:?}");
        }
    }

    #[test]
    fn a_value_is_not_shown_by_debug() {
        let value = CookieValue::parse("top-secret").unwrap();
        assert_eq!(format!("{value:?}"), "CookieValue(10 bytes)");
    }

    #[test]
    fn the_size_is_counted_with_the_name_in_the_bridge() {
        let room = MAX_COOKIE_BYTES - BRIDGE_PREFIX.len() - STAMP_BYTES - "sid".len();
        let cookie = |length| {
            let value = CookieValue::parse(&"v".repeat(length)).unwrap();
            SessionCookie::new(name("sid"), value, Lifetime::BrowserSession)
        };
        assert!(cookie(room).is_ok());
        assert_eq!(cookie(room + 1), Err(CookieError::TooLarge));
    }

    #[test]
    fn a_lifetime_has_bounds() {
        assert_eq!(Lifetime::from_seconds(1.0), Ok(Lifetime::Seconds(1)));
        assert_eq!(Lifetime::from_seconds(3600.9), Ok(Lifetime::Seconds(3600)));
        assert_eq!(Lifetime::from_seconds(34_560_000.0), Ok(Lifetime::Seconds(MAX_AGE_SECONDS)));
        for bad in [0.0, -1.0, 0.5, 34_560_001.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            assert_eq!(Lifetime::from_seconds(bad), Err(CookieError::Lifetime), "{bad}");
        }
    }

    #[test]
    fn a_name_finds_only_itself() {
        let cookies = "sid2=two; xsid=x; sid=one=1; =nameless; bare; sid=later";
        assert_eq!(find(cookies, "sid"), Some("one=1"));
        assert_eq!(find(cookies, "sid2"), Some("two"));
        assert_eq!(find(cookies, "si"), None);
        assert_eq!(find(cookies, "bare"), None);
        assert_eq!(find("", "sid"), None);
    }

    #[test]
    fn the_attributes_are_those_of_the_documents() {
        assert_eq!(
            third_party_cookie("n", "v", Lifetime::Seconds(60)),
            "n=v; Path=/; Secure; SameSite=None; Max-Age=60"
        );
        assert_eq!(first_party_cookie("n", "v", true, Lifetime::BrowserSession), "n=v; Path=/; SameSite=Lax; Secure");
        assert_eq!(first_party_cookie("n", "v", false, Lifetime::BrowserSession), "n=v; Path=/; SameSite=Lax");
    }

    #[test]
    fn what_the_bridge_knows_is_noted_and_forgotten() {
        let mut jar = OpenJar::default();
        assert_eq!(name("sid").note(&jar), None);
        for state in [NoteState::Save, NoteState::Clear, NoteState::Kept] {
            for lifetime in [Lifetime::BrowserSession, Lifetime::Seconds(1), Lifetime::Seconds(60)] {
                let note = Some(Note { at: Stamp(1_795_000_000_000), state, lifetime });
                name("sid").set_note(note, true, &mut jar);
                assert_eq!(name("sid").note(&jar), note);
                assert_eq!(name("other").note(&jar), None);
            }
        }
        name("sid").set_note(None, true, &mut jar);
        assert_eq!(jar.read(), "");
    }

    #[test]
    fn a_time_is_what_a_clock_says_to_the_millisecond() {
        for at in [0, 1_795_000_000_000, 1_795_000_000_001, Stamp::MAX.0] {
            assert_eq!(Stamp::from_milliseconds(Stamp(at).in_milliseconds()), Stamp(at));
        }
        for (odd, at) in [(f64::NAN, 0), (-1.0, 0), (7.9, 7), (f64::INFINITY, Stamp::MAX.0)] {
            assert_eq!(Stamp::from_milliseconds(odd), Stamp(at));
        }
    }

    #[test]
    fn of_two_times_the_earlier_is_known_unless_the_clock_was_set_back_between_them() {
        let is_before = |one, other| Stamp(one).is_before(Stamp(other), Stamp(5000));
        assert!(is_before(40, 50) && !is_before(50, 40) && !is_before(50, 50));
        assert!(is_before(5000, 5100) && !is_before(6000, 5000), "clocks that differ a little");
        assert!(is_before(7000, 7001) && !is_before(7001, 7000), "both from before");
        assert!(is_before(7000, 50), "before the clock was set back");
        assert!(!is_before(50, 7000), "after it");
    }

    #[test]
    fn a_note_that_the_provider_did_not_write_counts_for_nothing() {
        for bad in [
            "",
            "1",
            ".",
            "..",
            "1.",
            "1..",
            "1.save",
            "x.save.",
            "-1.save.",
            "1.x.",
            "1.save.-60",
            "1.clear2.",
            "10000000000000.save.",
            "1.save.99999999999",
            "1.kept.0x1",
            "1.save.60.",
            "1.save.0",
        ] {
            let jar = OpenJar(vec![("bridge-note.sid".to_owned(), bad.to_owned())]);
            assert_eq!(name("sid").note(&jar), None, "{bad:?}");
        }
    }

    #[test]
    fn a_stored_value_without_its_stamp_is_not_the_bridges() {
        for bad in ["", "01", "10000000000000", "abc", ".abc", "x.abc", "01.abc", "10000000000000.abc", "1.\u{e9}"] {
            let jar = OpenJar(vec![("__Host-bridge.sid".to_owned(), bad.to_owned())]);
            assert_eq!(name("sid").load(&jar), Err(CookieError::Value), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_comes_back_and_harms_no_other_cookie(
            names in ("[!-~]{1,8}", "[!-~]{1,8}"), value in any::<String>(), other in "[ -~]{0,20}", at in 0..=Stamp::MAX.0,
        ) {
            let (Ok(first), Ok(second)) = (CookieName::parse(&names.0), CookieName::parse(&names.1)) else { return Ok(()) };
            let (Ok(value), Ok(other)) = (CookieValue::parse(&value), CookieValue::parse(&other)) else { return Ok(()) };
            prop_assume!(first != second);
            let mut jar = OpenJar::default();
            let stored = |name: &CookieName, value: &CookieValue| {
                SessionCookie::new(name.clone(), value.clone(), Lifetime::BrowserSession).unwrap()
            };
            prop_assert_eq!(stored(&first, &value).store(Stamp(at), &mut jar), Written::Kept);
            prop_assert_eq!(stored(&second, &other).store(Stamp(7), &mut jar), Written::Kept);
            prop_assert_eq!(first.load(&jar).unwrap(), InJar::Session(Stored { value, at: Stamp(at) }));
            let other = InJar::Session(Stored { value: other, at: Stamp(7) });
            prop_assert_eq!(second.load(&jar).unwrap(), other.clone());
            prop_assert!(first.end(Stamp(at), &mut jar));
            prop_assert_eq!(first.load(&jar).unwrap(), InJar::Ended(Stamp(at)));
            prop_assert_eq!(second.load(&jar).unwrap(), other);
        }

        #[test]
        fn whatever_is_accepted_is_written_with_the_bridges_own_attributes_only(
            name in "[ -~]{1,8}", value in "\\PC{0,20}", seconds in any::<f64>(), secure: bool,
        ) {
            let (Ok(name), Ok(value)) = (CookieName::parse(&name), CookieValue::parse(&value)) else { return Ok(()) };
            let lifetime = Lifetime::from_seconds(seconds).unwrap_or_default();
            let age = match lifetime {
                Lifetime::BrowserSession => None,
                Lifetime::Seconds(seconds) => Some(format!("Max-Age={seconds}")),
            };
            let attributes = |cookie: &str| cookie.split("; ").skip(1).map(str::to_owned).collect::<Vec<_>>();
            let third = third_party_cookie(&name.in_bridge(), value.reveal(), lifetime);
            let expected = ["Path=/", "Secure", "SameSite=None"].map(str::to_owned).into_iter().chain(age.clone());
            prop_assert_eq!(attributes(&third), expected.collect::<Vec<_>>());
            let first = first_party_cookie(name.as_str(), value.reveal(), secure, lifetime);
            let expected = ["Path=/", "SameSite=Lax"].into_iter().chain(secure.then_some("Secure")).map(str::to_owned);
            prop_assert_eq!(attributes(&first), expected.chain(age).collect::<Vec<_>>());
        }

        #[test]
        fn no_cookie_string_panics(cookies in any::<String>(), name in any::<String>()) {
            let _ = find(&cookies, &name);
        }
    }
}
