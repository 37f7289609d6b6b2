//! Where the time goes: when each step of a view is done, and the longest task in the page and in its iframe. These views are apart from those
//! that are compared, because they run a script that watches.

use anyhow::{Context, Result};
use end_to_end::Browser;
use serde_json::{Value, json};

use crate::contestant::{Contestant, FLOOR, OURS};
use crate::figures::median;
use crate::files::EMPTY;
use crate::server::SECOND;
use crate::tab::{call, in_new_tab};
use crate::table::{milliseconds, rate};
use crate::turns::{Row, Turns};
use crate::view;

pub(crate) const WATCH: &str = include_str!("watch.js");

/// What a view takes to get there, in order.
const STEPS: [&str; 7] = [
    "script arrived",
    "script ran",
    "iframe inserted",
    "bridge page arrived",
    "iframe loaded",
    "greeting arrived",
    "session in the page",
];

/// The browser reports no shorter task as long.
const LONG: f64 = 50.0;

/// One view: the milliseconds of its steps, and the longest task of the page and of the iframe.
struct View {
    steps: Vec<f64>,
    longest: (f64, f64),
}

/// The tables.
pub(crate) async fn measure(browser: &Browser, turns: &Turns<'_>, rows: &[Row]) -> Result<String> {
    let mut steps = format!("| network | CPU | {} |\n|---|--:|{}\n", STEPS.join(" | "), "--:|".repeat(STEPS.len()));
    let mut tasks =
        "| network | CPU | page | its iframe | echo's page | its iframe |\n|---|--:|--:|--:|--:|--:|\n".to_owned();
    for row in rows.iter().copied() {
        turns.begin(browser, row).await;
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for round in 0..=turns.rounds {
            let (our, its) = (watch(browser, turns, OURS, row).await?, watch(browser, turns, FLOOR, row).await?);
            if round > 0 {
                ours.push(our);
                floor.push(its);
            }
        }
        let head = format!("| {} | {} |", row.network.name(), rate(row.slowdown));
        steps.push_str(&head);
        for at in 0..STEPS.len() {
            let step = median(ours.iter().filter_map(|view| view.steps.get(at).copied()));
            steps.push_str(&format!(" {} |", milliseconds(step)));
        }
        steps.push('\n');
        tasks.push_str(&head);
        for views in [&ours, &floor] {
            for longest in [|view: &View| view.longest.0, |view: &View| view.longest.1] {
                tasks.push_str(&format!(" {} |", task(median(views.iter().map(longest)))));
            }
        }
        tasks.push('\n');
    }
    Ok(format!(
        "Milliseconds from the request for the script:\n\n{steps}\nThe longest task, in milliseconds:\n\n{tasks}"
    ))
}

fn task(longest: f64) -> String {
    if longest < LONG { format!("under {LONG}") } else { milliseconds(longest) }
}

async fn watch(browser: &Browser, turns: &Turns<'_>, contestant: Contestant, row: Row) -> Result<View> {
    let server = turns.server;
    in_new_tab(browser, &server.url(SECOND, EMPTY), row.slowdown, async || {
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
        browser.open(&server.url(SECOND, &contestant.path("load.html"))).await;
        view::until_loaded(browser, contestant).await?;
        let page = call(browser, OF_PAGE).await?;
        browser.enter_frame("iframe").await;
        let frame = call(browser, OF_FRAME).await?;
        let of = |moments: &Value, name: &str| moments.get(name).and_then(Value::as_f64).context(name.to_owned());
        let start = of(&page, "start")?;
        let steps = [
            of(&page, "arrived")?,
            of(&page, "ran")?,
            of(&page, "inserted")?,
            of(&frame, "arrived")?,
            of(&page, "loaded")?,
            of(&frame, "greeted")?,
            of(&page, "reported")?,
        ];
        Ok(View {
            steps: steps.map(|moment| moment - start).to_vec(),
            longest: (of(&page, "longest")?, of(&frame, "longest")?),
        })
    })
    .await
}

const OF_PAGE: &str = r#"
    const script = performance.getEntriesByType("resource").find(({ initiatorType }) => initiatorType === "script");
    const { begun, at } = window.reported;
    const origin = performance.timeOrigin;
    const start = origin + (script?.startTime ?? begun);
    const arrived = origin + (script?.responseEnd ?? begun);
    return { ...watched, start, arrived, ran: origin + begun, reported: origin + at };"#;

const OF_FRAME: &str = r#"
    const [navigation] = performance.getEntriesByType("navigation");
    return { ...watched, arrived: performance.timeOrigin + navigation.responseEnd };"#;
