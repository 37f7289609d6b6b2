//! The demo: two shops and the bridge.

mod pages;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use axum_server::Handle;
use clap::Parser;
use demo_server::bridge::Bridge;
use demo_server::chat::Chat;
use demo_server::stand_ins::amazon_connect::AmazonConnect;
use demo_server::stand_ins::direct_line::DirectLine;
use demo_server::stand_ins::scripts;
use demo_server::{Sites, certificate, with_trusted_domains};
use pages::{Pages, file};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// Below `.localhost`.
const HOSTS: [&str; 3] = ["shop", "help", "bridge"];

/// How long the runtime may take to stop. It waits only for queries of the bridge's database.
const STOP: Duration = Duration::from_secs(1);

#[derive(Parser)]
struct Options {
    /// The port of all three sites; a free one if it is not given
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Serve over https with a certificate of its own
    #[arg(long)]
    https: bool,
    /// Ends the sites' names, so that a browser keeps them apart from those of another demo
    #[arg(long, default_value = "", hide = true)]
    suffix: String,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let runtime = Runtime::new()?;
    // Signals are caught before the folder exists, so that none leaves it behind.
    let stopped = runtime.block_on(async { stop_signal() })?;
    let folder = tempfile::tempdir()?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = serve(options, folder.path()) => outcome,
            () = stopped => Ok(()),
        }
    });
    // The bridge's database is closed before its folder is removed.
    runtime.shutdown_timeout(STOP);
    folder.close()?;
    outcome
}

/// Ends with Ctrl-C, with the terminal, or when another process asks for it.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Serves the demo for ever.
async fn serve(options: Options, folder: &Path) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .with_context(|| format!("port {} is not free; give another with --port", options.port))?;
    let port = listener.local_addr()?.port();
    let scheme = if options.https { "https" } else { "http" };
    let pages = Pages::new(options.suffix);
    let hosts = HOSTS.map(|host| pages.renamed(&format!("{host}.localhost")));
    let origins = hosts.each_ref().map(|host| format!("{scheme}://{host}:{port}"));
    let [shop, help, bridge] = &origins;

    let iframe = with_trusted_domains(&file("iframe-site/iframe.html")?, &[shop, help])?;
    let server = Bridge::open(
        folder,
        &[
            ("iframe.html", iframe),
            ("doctor.html", file("iframe-site/doctor.html")?),
            ("cookie-provider.js", file("iframe-site/cookie-provider.js")?),
        ],
    )?;
    // ChatJS accepts only secure sockets, and those on 127.0.0.1.
    let sockets = if options.https { shop.replace("https", "wss") } else { format!("ws://127.0.0.1:{port}") };
    let connect = AmazonConnect::new(sockets);
    let vendors = connect.router().merge(DirectLine::default().router()).merge(scripts());
    let shared = pages.of_chats()?.merge(vendors).merge(Chat::default().router()).merge(server.backend());
    let shop_site = pages.of_shop("provider-demo/shop/index.html", bridge)?.merge(shared.clone());
    let help_site = pages.of_shop("provider-demo/help/index.html", bridge)?.merge(shared);
    let [shop_host, help_host, bridge_host] = &hosts;
    let sites = Sites::default()
        .with("127.0.0.1", connect.sockets())
        .with(shop_host, shop_site)
        .with(help_host, help_site)
        .with(bridge_host, server.site());

    println!("\nThe demo is running. Start a chat in the first shop, then open the second:\n");
    println!("  {shop}/    Fjord & Fell, a shop for the outdoors");
    println!("  {help}/    Lumen, a shop for lamps, on another site");
    println!("  {bridge}/doctor.html    the bridge that both share: what works in this browser\n");
    println!(
        "Each shop has a page for each chat system: /genesys, /connect, /servisbot?customer=you and /directline.\n"
    );
    if options.https {
        println!("The certificate is this demo's own: open all three and accept it. Stop with Ctrl-C.");
    } else {
        println!("Safari keeps the bridge's cookies only over https: --https. Stop with Ctrl-C.");
    }
    let certificate =
        if options.https { Some(certificate(&hosts.each_ref().map(String::as_str)).await?) } else { None };
    sites.serve(listener, certificate, Handle::new()).await
}
