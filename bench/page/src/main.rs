//! How long a page waits for its first session on a second site: the provider as it is built, next to other libraries and to the least that
//! could do it, in the same browser, by turns. `cargo xtask bench page` runs it, and docs/speed.md has what it prints.

mod blocked;
mod contestant;
mod figures;
mod files;
mod link;
mod machine;
mod network;
mod server;
mod stages;
mod tab;
mod table;
mod turns;
mod view;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use end_to_end::{Browser, Configuration};

use network::Network;
use server::Server;
use turns::{Row, Turns};

/// One process for the page and its iframe, so that a slowed processor slows both: the developer tools slow a single process. And none that starts beside it,
/// for the next page, and takes the processor from what is measured.
const ONE_PROCESS: [&str; 2] = [
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess",
];

/// Chromium caches nothing from a server whose certificate it only tolerates. This makes it trust one, by its key.
const TRUST: &str = "--ignore-certificate-errors-spki-list=";

#[derive(Parser)]
struct Options {
    /// The folder with the contestants' scripts, as browsers get them
    #[arg(long)]
    scripts: PathBuf,
    /// How many rounds count in each row, after one to warm up
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only two rows, to see that everything still works
    #[arg(long)]
    quick: bool,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let options = Options::parse();
    let load = machine::load();
    let server = Server::start(&options.scripts).await?;
    let turns = Turns { server: &server, rounds: options.rounds };
    let (chromium, ours): (&[Row], &[Row]) =
        if options.quick { (&Row::QUICK, &[Row::of(Network::LOOPBACK)]) } else { (&Row::CHROMIUM, &Row::OURS) };

    let arguments = || [&ONE_PROCESS.map(str::to_owned)[..], &[format!("{TRUST}{}", server.key_hash())]].concat();
    let browser = Browser::start_alone(Configuration::ChromiumAllow, arguments()).await?;
    let slowdown = tab::slowdown_of_frames(&browser, &server).await?;
    let in_chromium = turns.take(&browser, chromium).await?;
    let stages = stages::measure(&browser, &turns, ours).await?;
    let mut versions = vec![browser.version()];
    browser.close().await;

    let browser = Browser::start_alone(Configuration::ChromiumBlock, arguments()).await?;
    let blocked = blocked::measure(&browser, &turns, ours).await?;
    browser.close().await;

    let mut figures = format!("## Chromium\n\n{}", table::comparison(&in_chromium));
    if !options.quick {
        let browser = Browser::start_alone(Configuration::FirefoxAllow, Vec::new()).await?;
        let in_firefox = turns.take(&browser, &Row::FIREFOX).await?;
        versions.push(browser.version());
        browser.close().await;
        figures.push_str(&format!("\n## Firefox\n\n{}", table::comparison(&in_firefox)));
    }
    println!(
        "{figures}\n## Where the provider's time goes\n\n{stages}\n## Where third-party cookies are blocked\n\n{blocked}\n\
         ## What is downloaded\n\n{}\n## Measured with\n\n{}",
        table::downloads(&server),
        machine::description(&versions, &load, slowdown, options.rounds),
    );
    Ok(())
}
