//! Links that somebody else wrote, and what becomes of a visitor who follows them.

use end_to_end::{Page, Server, World};

/// Reports to its site's server each time that the page is shown, even if it is left at once.
pub(super) const SHOWN: &str =
    "<script>addEventListener('pageshow', () => fetch('/shown', { keepalive: true }));</script>";

/// The address with this part of a hand-over.
pub(super) fn with_part(address: &str, words: &[&str]) -> String {
    let begin = if address.contains('#') { "" } else { "#" };
    format!("{address}{begin}{}{}", super::MARK, words.join(","))
}

/// Follows a link of the stranger's.
pub(super) async fn follow(world: &World, address: &str) {
    follow_from(world, "stranger", address).await;
}

/// Follows a link on a page of this site; how often the page was shown before it was left.
async fn follow_from(world: &World, site: &str, address: &str) -> usize {
    let before = world.server.times_asked(site, "/shown");
    let link = format!("<a id=\"go\" href=\"{address}\">Go</a>");
    world.server.put(site, "/lure", Page::html(format!("<!DOCTYPE html><title>lure</title>{link}{SHOWN}")));
    world.browser.open(&world.url(site, "/lure")).await;
    world.until_asked_times(site, "/shown", before + 1).await;
    world.browser.click("#go").await;
    before + 1
}

/// Follows a link on a page of this site to a return page of the other, and waits until the visitor is back. Where that takes the browser long, the
/// visitor is on a start page instead.
pub(super) async fn follow_and_return(world: &World, site: &str, other: &str, address: &str) {
    let starts = |server: &Server| server.times_asked(site, "/") + server.times_asked(other, "/");
    let started = starts(&world.server);
    let shown = follow_from(world, site, address).await;
    let what = format!("the visitor is back from {address}");
    let is_back = |server: &Server| server.times_asked(site, "/shown") > shown || starts(server) > started;
    world.until_sites(&what, is_back).await;
    let ends = [world.url(site, "/lure"), world.url(site, "/"), world.url(other, "/")];
    world.until(&what, &format!("return {ends:?}.includes(location.href);")).await;
}
