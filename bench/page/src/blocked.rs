//! What a visitor waits for whose browser blocks third-party cookies: until the load has ended without a session, and until the button that asks for
//! access is there.

use anyhow::{Context, Result, bail, ensure};
use end_to_end::Browser;
use serde_json::{Value, json};

use crate::contestant::OURS;
use crate::figures::median;
use crate::files::EMPTY;
use crate::server::SECOND;
use crate::stages::WATCH;
use crate::tab::{call, in_new_tab};
use crate::table::{milliseconds, rate};
use crate::turns::{Row, Turns};
use crate::view;

/// The note that the provider makes on a site when the visitor has clicked in the bridge's popup. Without it, there is no button.
const NOTE_VISIT: &str = r#"
    document.cookie = `__Host-bridge-visit=${Date.now() - 60000}.kept.2592000; Path=/; Secure`;"#;

/// The table.
pub(crate) async fn measure(browser: &Browser, turns: &Turns<'_>, rows: &[Row]) -> Result<String> {
    let mut table = "| network | CPU | `loadCookie` ends | the button is there |\n|---|--:|--:|--:|\n".to_owned();
    for row in rows.iter().copied() {
        turns.begin(browser, row).await;
        let mut views = Vec::new();
        for round in 0..=turns.rounds {
            let view = view(browser, turns, row).await?;
            if round > 0 {
                views.push(view);
            }
        }
        let of = |figure: fn(&(f64, f64)) -> f64| milliseconds(median(views.iter().map(figure)));
        let (load, button) = (of(|view| view.0), of(|view| view.1));
        table.push_str(&format!("| {} | {} | {load} | {button} |\n", row.network.name(), rate(row.slowdown)));
    }
    Ok(table)
}

/// The milliseconds of both, in one view.
async fn view(browser: &Browser, turns: &Turns<'_>, row: Row) -> Result<(f64, f64)> {
    let server = turns.server;
    in_new_tab(browser, &server.url(SECOND, EMPTY), row.slowdown, async || {
        call(browser, NOTE_VISIT).await?;
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
        browser.open(&server.url(SECOND, &OURS.path("blocked.html"))).await;
        let (jar, load) = view::reported(browser).await?;
        ensure!(jar == "partitioned" || jar == "blocked", "the browser does not block third-party cookies: {jar}");
        let start =
            call(browser, "return performance.timeOrigin + performance.getEntriesByType('resource')[0].startTime;");
        let start = start.await?.as_f64().context("the page has no clock")?;
        browser.enter_frame("p iframe").await;
        Ok((load, button_shown(browser).await? - start))
    })
    .await
}

/// When the frame that was entered has shown its button.
async fn button_shown(browser: &Browser) -> Result<f64> {
    // A script that runs while the frame still loads ends with its document.
    for _ in 0..100 {
        let wait =
            "while (!window.watched?.shown) await new Promise((done) => setTimeout(done, 20)); return watched.shown;";
        match browser.call(wait).await.as_ref().map(Value::as_f64) {
            Ok(Some(moment)) => return Ok(moment),
            _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
    bail!("the access button does not come")
}
