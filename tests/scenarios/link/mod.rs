//! A session that is handed over with a link, where the jar is not shared.

mod addresses;
mod always;
mod fixation;
mod history;
mod lures;
mod redirects;
mod referrers;
mod replays;
mod several;
mod slow;
mod theft;
mod untouched;
mod ways;

use end_to_end::{NAME, Page, World};
use serde_json::json;

/// The visitor's.
pub(crate) const SESSION: &str = "session-of-maja";

/// Where the links lead to, on their site.
const TARGET: &str = "/?page=2#section";

/// Begins the part of an address that belongs to a hand-over.
const MARK: &str = "~cookie-bridge=";

/// A number that a stranger could have made up.
const NONCE: &str = "000102030405060708090a0b0c0d0eff";

/// A public key that a stranger could have made: the base point of P-256.
const KEY: &str = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";

/// A page that hands over sessions with links. It notes what it hears, what its console shows, and what its later scripts could read of the address.
fn page(world: &World, links: &str) -> Page {
    page_with(world, &[NAME], links)
}

/// Such a page with a provider for each of these names.
fn page_with(world: &World, names: &[&str], links: &str) -> Page {
    let (names, url) = (json!(names), json!(world.iframe_url()));
    Page::html(format!(
        "<!DOCTYPE html><title>host</title><script src=\"/cookie-provider.js\"></script><script>
           window.addresses = [location.href];
           window.refused = [];
           window.warned = [];
           const {{ warn }} = console;
           console.warn = (...what) => {{
             warned.push(what[0]?.code ?? String(what[0]));
             warn(...what);
           }};
           window.providers = {names}.map((name) => {{
             const options = {{ access: ['cookie', 'storage-access', 'popup', 'link'] }};
             const provider = new CookieProvider(name, {url}, null, options);
             provider.on('refused', ({{ code }}) => refused.push(code));
             return provider;
           }});
           window.provider = providers[0];
           window.loads = providers.map((provider) => provider.loadCookie());
           window.loaded = loads[0];
         </script>{links}"
    ))
}

/// A page without the script.
fn plain(title: &str) -> Page {
    Page::html(format!("<!DOCTYPE html><title>{title}</title>"))
}

/// A link to another site, as an owner would write it.
fn link(world: &World, site: &str) -> String {
    format!("<a id=\"link\" href=\"{}\">Our other shop</a>", world.url(site, TARGET))
}

/// Starts a session on the shop, whose page has these links, and waits until one to the help site would take it along.
async fn start(world: &World, links: &str) {
    start_session(world, links).await;
    ready(world, "help").await;
}

async fn start_session(world: &World, links: &str) {
    world.server.put("shop", "/", page(world, links));
    world.server.put("help", "/", page(world, ""));
    world.browser.open(&world.url("shop", "/")).await;
    world.set_own_cookie(SESSION).await;
    world.eval("await loaded; await provider.saveCookie();").await;
}

/// Opens the shop, where a session runs, and waits until a link to the help site would take it along.
async fn open_shop(world: &World) {
    world.browser.open(&world.url("shop", "/")).await;
    world.eval("await loaded;").await;
    ready(world, "help").await;
}

/// Waits until a link of this page to that site would carry an offer: the bridge vouches for it, and this site's return page was seen.
pub(crate) async fn ready(world: &World, site: &str) {
    let origin = world.server.origin(site);
    let probe = format!(
        "const link = document.createElement('a');
         link.href = {origin:?};
         document.body.append(link);
         link.dispatchEvent(new FocusEvent('focusin', {{ bubbles: true }}));
         let clicked;
         link.addEventListener('click', (event) => {{
           event.preventDefault();
           clicked = link.href;
         }});
         link.click();
         link.remove();
         return clicked.includes({MARK:?});"
    );
    world.until(&format!("a link to {site} would carry an offer"), &probe).await;
}

/// Waits until the visitor is on the help site, with the session.
pub(crate) async fn arrived(world: &World) {
    arrived_at(world, "help").await;
}

async fn arrived_at(world: &World, site: &str) {
    let there = format!(
        "return location.origin === {:?} && document.readyState === 'complete' && 'loaded' in window && !location.hash.includes({MARK:?})
           && document.cookie.split('; ').some((pair) => pair.startsWith('{NAME}='));",
        world.server.origin(site)
    );
    world.until(&format!("the session has come to {site} with the link"), &there).await;
    assert_eq!(world.own_cookie().await.as_deref(), Some(SESSION), "{:?}", world.browser.configuration());
}

/// Waits until the visitor is where the link led, without a session and with the reason for that.
async fn arrived_without(world: &World, site: &str, code: &str) {
    let there = format!(
        "return location.href === {:?} && window.refused?.includes({code:?}) === true;",
        world.url(site, TARGET)
    );
    world.until(&format!("the visitor has arrived at {site}, and {code} is refused"), &there).await;
    assert_eq!(world.own_cookie().await, None, "{code}");
}

/// Ends the page's own session without a word to the bridge.
const FORGET: &str = "for (const pair of document.cookie.split('; '))
  document.cookie = pair.split('=')[0] + '=; Max-Age=0; Path=/; Secure';";

/// Has a page keep the address that it is reached by, as a browser extension could, before any other script runs.
fn spying(page: Page) -> Page {
    let spy = "<script>localStorage.reached = (localStorage.reached ?? '') + location.href + ' ';</script>";
    page.replaced("<script src=", &format!("{spy}<script src="))
}

/// The addresses that a site's spying pages were reached by. Opens a page of the site.
async fn reached(world: &World, site: &str) -> Vec<String> {
    world.server.put(site, "/plain", plain("plain"));
    world.browser.open(&world.url(site, "/plain")).await;
    let reached = world.eval("return localStorage.reached ?? '';").await;
    reached.as_str().unwrap().split_whitespace().map(str::to_owned).collect()
}
