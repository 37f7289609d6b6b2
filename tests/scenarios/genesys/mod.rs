//! Genesys Widgets: the extension, and an instance of the provider with a plugin of the page's, on a stand-in of the widgets that
//! keeps their documented contract.

mod agent;
mod commands;
mod demo;
mod documents;
mod pages;
mod samples;
mod sessions;

use end_to_end::{Page, World};
use serde_json::Value;

async fn open(world: &World, site: &str) {
    world.browser.open(&world.url(site, "/")).await;
}

async fn until_event(world: &World, event: &str) {
    let look = format!("return CXBus.log.some((entry) => entry.event === {event:?});");
    world.until(&format!("the event {event}"), &look).await;
}

async fn until_session(world: &World, session: &str) {
    let look = format!("return document.cookie.includes({session:?});");
    world.until(&format!("the cookie of {session}"), &look).await;
}

/// How often a command was given.
async fn given(world: &World, command: &str) -> Value {
    world.eval(&format!("return CXBus.log.filter((entry) => entry.command === {command:?}).length;")).await
}

/// Waits for the extension, or the page's own plugin.
async fn until_registered(world: &World) {
    let look = "return CXBus.log.some((entry) => entry.registered === 'CookieProvider');";
    world.until("the plugin is registered", look).await;
}

async fn start_chat(world: &World) {
    until_event(world, "WebChatService.ready").await;
    until_registered(world).await;
    world.eval("await CXBus.command('WebChatService.startChat');").await;
}

/// Waits until the session in the bridge is this one, as another domain sees it, or until there is none.
async fn until_shared(world: &World, session: Option<&str>) {
    probe(world, "help").await;
    let look = match session {
        Some(session) => format!("return !!(await probe.loadCookie()).value?.includes({session:?});"),
        None => "return (await probe.loadCookie()).value === null;".to_owned(),
    };
    world.until(&format!("the bridge has {session:?}"), &look).await;
    world.eval("document.cookie = 'customer-defined-session-cookie=; Path=/; Max-Age=0';").await;
}

/// As if the visitor had never been on either site, and nothing were in the bridge.
async fn forget(world: &World) {
    for site in ["shop", "help"] {
        probe(world, site).await;
        world
            .eval(
                "await probe.clearCookie();
                 sessionStorage.clear();
                 for (const name of document.cookie.split('; ').map((cookie) => cookie.split('=')[0]))
                   for (const scope of ['', `; Domain=${location.hostname}`])
                     document.cookie = `${name}=; Path=/; Max-Age=0${scope}`;",
            )
            .await;
    }
}

/// Opens a page without widgets, whose provider is `probe`.
async fn probe(world: &World, site: &str) {
    let url = world.iframe_url();
    let script = format!("window.probe = new CookieProvider('customer-defined-session-cookie', {url:?});");
    let page = format!("<!DOCTYPE html><script src=\"/cookie-provider.js\"></script><script>{script}</script>");
    world.server.put(site, "/probe", Page::html(page));
    world.browser.open(&world.url(site, "/probe")).await;
}
