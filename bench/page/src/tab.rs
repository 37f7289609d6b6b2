//! One view of a page, as the first in its tab: in a new process, so that nothing of an earlier view is still compiled.

use anyhow::{Result, bail, ensure};
use end_to_end::Browser;
use serde_json::{Value, json};

use crate::contestant::FLOOR;
use crate::files::EMPTY;
use crate::network::Network;
use crate::server::{SECOND, Server};

/// Removes what an earlier view has left on the site, so that each is the visitor's first there.
const FORGET: &str = r#"
    for (const pair of document.cookie.split("; ")) {
      document.cookie = pair.split("=")[0] + "=; Max-Age=0; Path=/; Secure";
    }
    localStorage.clear();
    sessionStorage.clear();"#;

/// Opens a tab on an empty page of a site, whose connection is open then, and does this in it.
pub(crate) async fn in_new_tab<T>(
    browser: &Browser,
    empty_page: &str,
    slowdown: u32,
    act: impl AsyncFnOnce() -> Result<T>,
) -> Result<T> {
    let home = browser.tab().await;
    browser.open_tab().await;
    browser.open(empty_page).await;
    call(browser, FORGET).await?;
    if slowdown > 1 {
        browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": slowdown })).await;
    }
    let outcome = act().await;
    browser.close_tab().await;
    browser.go_to_tab(&home).await;
    outcome
}

/// What the body of an async function returns in the page.
pub(crate) async fn call(browser: &Browser, body: &str) -> Result<Value> {
    match browser.call(body).await {
        Ok(value) => Ok(value),
        Err(error) => bail!("{error} from: {body}"),
    }
}

/// By how much the developer tools slow an iframe of another site that they are told to slow four times.
pub(crate) async fn slowdown_of_frames(browser: &Browser, server: &Server) -> Result<f64> {
    server.set(Network::LOOPBACK, false);
    let (usual, slowed) = (loop_in_frame(browser, server, 1).await?, loop_in_frame(browser, server, 4).await?);
    let factor = slowed / usual;
    ensure!(
        factor > 2.0,
        "a processor that is slowed four times slows an iframe {factor:.1} times: its figures mean nothing"
    );
    Ok(factor)
}

/// How long the same work takes in an iframe, in milliseconds: the quickest of some turns.
async fn loop_in_frame(browser: &Browser, server: &Server, slowdown: u32) -> Result<f64> {
    let work = r"
        const turn = () => {
          const start = performance.now();
          let sum = 0;
          for (let number = 0; number < 2e6; number += 1) sum += number % 7;
          return sum && performance.now() - start;
        };
        return Math.min(...Array.from({ length: 20 }, turn));";
    in_new_tab(browser, &server.url(SECOND, EMPTY), slowdown, async || {
        browser.open(&server.url(SECOND, &FLOOR.path("load.html"))).await;
        browser.enter_frame("iframe").await;
        Ok(call(browser, work).await?.as_f64().unwrap_or_default())
    })
    .await
}
