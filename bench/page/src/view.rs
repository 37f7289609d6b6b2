use anyhow::{Context, Result, ensure};
use end_to_end::{Browser, Engine};
use serde_json::Value;

use crate::contestant::Contestant;
use crate::files::EMPTY;
use crate::server::{FIRST, SECOND, Server};
use crate::tab::{call, in_new_tab};

/// The session that the contestants' `save.js` saves.
const SESSION: &str = "session-of-maja";

/// From the request for the page's script, or from the inline script if there is no other, until the page has what it waited for.
const REPORTED: &str = r#"
    while (!window.reported) await new Promise((done) => setTimeout(done, 20));
    const { value, begun, at } = window.reported;
    const script = performance.getEntriesByType("resource").find(({ initiatorType }) => initiatorType === "script");
    return { value, milliseconds: at - (script?.startTime ?? begun) };"#;

/// What a page has reported, and how many milliseconds after it began.
pub(crate) async fn reported(browser: &Browser) -> Result<(Value, f64)> {
    let reported = call(browser, REPORTED).await?;
    let milliseconds = reported.get("milliseconds").and_then(Value::as_f64).context("the page has no clock")?;
    Ok((reported.get("value").cloned().unwrap_or_default(), milliseconds))
}

/// How many milliseconds the second site's page waited for its session.
pub(crate) async fn load(browser: &Browser, server: &Server, contestant: Contestant, slowdown: u32) -> Result<f64> {
    in_new_tab(browser, &server.url(SECOND, EMPTY), slowdown, async || {
        browser.open(&server.url(SECOND, &contestant.path("load.html"))).await;
        until_loaded(browser, contestant).await
    })
    .await
}

/// Waits until the open page of a contestant has the session.
pub(crate) async fn until_loaded(browser: &Browser, contestant: Contestant) -> Result<f64> {
    let (value, milliseconds) = reported(browser).await?;
    ensure!(value == SESSION, "{}: the page got {value}, not the session", contestant.name);
    Ok(milliseconds)
}

/// Saves the session on the first site.
///
/// Chromium has a `localStorage` of its own for each site that embeds a page, whatever it does with cookies. So those who use it save on the
/// second site, too: otherwise they would find nothing there, in the same time.
pub(crate) async fn save(browser: &Browser, server: &Server, contestant: Contestant) -> Result<()> {
    let is_kept_apart = contestant.uses_local_storage && browser.configuration().engine() == Engine::Chromium;
    let sites: &[&str] = if is_kept_apart { &[FIRST, SECOND] } else { &[FIRST] };
    for site in sites {
        in_new_tab(browser, &server.url(site, EMPTY), 1, async || {
            browser.open(&server.url(site, &contestant.path("save.html"))).await;
            let (value, _) = reported(browser).await?;
            ensure!(value == true, "{}: the session was not saved: {value}", contestant.name);
            Ok(())
        })
        .await?;
    }
    Ok(())
}
