//! The life of the provider's iframe in somebody else's page: when it comes, where, what it holds up, and what becomes of it.

mod coming;
mod prerendered;
mod removal;
mod sight;

use end_to_end::{Gate, NAME, Page, World};

/// The script and a provider, as owners include them.
fn provider(world: &World, arguments: &str) -> String {
    let url = world.iframe_url();
    format!(
        "<script src=\"/cookie-provider.js\"></script>
         <script>window.provider = new CookieProvider({NAME:?}, {url:?}{arguments});</script>"
    )
}

/// A page with this in its head, and this in its body.
fn page(head: &str, body: &str) -> Page {
    Page::html(format!("<!DOCTYPE html><html><head><title>page</title>{head}</head><body>{body}</body></html>"))
}

/// Opens the page of a site while the driver waits for nothing: a page that does not come to its end would hold the driver up.
async fn open_unwatched(world: &World) {
    let (gate, address) = (Gate::closed(), world.url("shop", "/"));
    world.server.put("shop", "/go", Page::html("go").behind(&gate));
    world.server.put("shop", "/before", Page::html("<!DOCTYPE html><title>before</title>"));
    world.browser.open(&world.url("shop", "/before")).await;
    world.eval(&format!("fetch('/go').then(() => {{ location.href = {address:?} }});")).await;
    gate.open();
}

/// Saves this session on the other site.
async fn save_elsewhere(world: &World, value: &str) {
    world.visit("help").await;
    let saved = world.eval(&format!("return provider.saveCookie({value:?}).then((r) => r.saved);")).await;
    assert_eq!(saved, true);
}
