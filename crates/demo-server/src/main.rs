//! The demo: two shops and the bridge.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use anyhow::{Context, Result};
use axum::Router;
use axum_server::Handle;
use clap::Parser;
use demo_server::bridge::Bridge;
use demo_server::chat::Chat;
use demo_server::stand_ins::amazon_connect::AmazonConnect;
use demo_server::stand_ins::direct_line::DirectLine;
use demo_server::stand_ins::scripts;
use demo_server::{Sites, certificate, served, with_trusted_domains};

/// Below `.localhost`.
const HOSTS: [&str; 3] = ["shop", "help", "bridge"];

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

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .with_context(|| format!("port {} is not free; give another with --port", options.port))?;
    let port = listener.local_addr()?.port();
    let scheme = if options.https { "https" } else { "http" };
    let pages = Pages { suffix: options.suffix };
    let hosts = HOSTS.map(|host| pages.named(&format!("{host}.localhost")));
    let origins = hosts.each_ref().map(|host| format!("{scheme}://{host}:{port}"));
    let [shop, help, bridge] = &origins;

    let iframe = with_trusted_domains(&file("iframe-site/iframe.html")?, &[shop, help])?;
    let server = Bridge::open(&[
        ("iframe.html", iframe),
        ("doctor.html", file("iframe-site/doctor.html")?),
        ("cookie-provider.js", file("iframe-site/cookie-provider.js")?),
    ])?;
    let chat = Chat::default();
    let chats = pages.of_chats()?;
    // ChatJS wants its sockets secure, or on 127.0.0.1.
    let sockets = if options.https { shop.replace("https", "wss") } else { format!("ws://127.0.0.1:{port}") };
    let participants = AmazonConnect::new(sockets);
    let chats = chats.merge(participants.router());
    let chats = chats.merge(DirectLine::default().router()).merge(server.backend()).merge(scripts());
    let sites = Sites::default()
        .with("127.0.0.1", participants.sockets())
        .with(
            &hosts[0],
            pages.of_shop("provider-demo/shop/index.html", bridge)?.merge(chat.router()).merge(chats.clone()),
        )
        .with(&hosts[1], pages.of_shop("provider-demo/help/index.html", bridge)?.merge(chat.router()).merge(chats))
        .with(&hosts[2], server.site());

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

/// The pages of the shops, which name each other's sites.
struct Pages {
    suffix: String,
}

impl Pages {
    fn named(&self, text: &str) -> String {
        text.replace(".localhost", &format!("{}.localhost", self.suffix))
    }

    /// A shop's site: its page, the provider script, and what the bridge's doctor says there.
    fn of_shop(&self, page: &str, bridge: &str) -> Result<Router> {
        let doctor = format!(
            "<!DOCTYPE html><title>Doctor</title><body style=\"margin:0\">\
             <iframe src=\"{bridge}/doctor.html\" style=\"border:0;width:100%;height:100vh\"></iframe>"
        );
        Ok(Router::new()
            .route("/doctor", served("text/html", doctor))
            .route("/", served("text/html", self.named(&file(page)?)))
            .route("/cookie-provider.js", served("text/javascript", file("cookie-provider.js")?)))
    }

    /// The pages for one chat system each, their scripts, and what stands in for the vendors' services.
    fn of_chats(&self) -> Result<Router> {
        let mut router = Router::new();
        for file in std::fs::read_dir(dist("provider-demo/chats"))? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).context("a file's name")?;
            let content = self.named(&std::fs::read_to_string(&path)?);
            router = match name.rsplit_once('.') {
                Some((page, "html")) => router.route(&format!("/{page}"), served("text/html", content)),
                Some((_, "css")) => router.route(&format!("/chats/{name}"), served("text/css", content)),
                _ => router.route(&format!("/chats/{name}"), served("text/javascript", content)),
            };
        }
        Ok(router.route("/chat-adapters.js", served("text/javascript", file("chat-adapters.js")?)))
    }
}

fn dist(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dist").join(path)
}

fn file(path: &str) -> Result<String> {
    let path = dist(path);
    std::fs::read_to_string(&path).with_context(|| format!("{} is not there; run `cargo xtask build`", path.display()))
}
