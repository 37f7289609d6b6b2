//! `cargo xtask bench server`: the bridge server under load, next to a bare axum handler and to a small server with Express, and with more and more
//! sessions stored.
//!
//! The speed of a machine varies over time. So the servers take turns in short rounds, each round is compared with the rounds next to it,
//! and the reported figure is the median.

mod machine;
mod measure;
mod programs;
mod server;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use clap::Args;

use super::write_figures;
use crate::command::{root, run};
use crate::setup::BenchTools;
use measure::{Turns, take_turns};
use programs::Programs;
use server::Server;
use table::thousands;

const PAGE: &str = "docs/load.md";
const START: &str = "<!-- What follows is written by `cargo xtask bench server --write`. -->";

/// The numbers of stored sessions. Each has a server of its own.
const STORED: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// The requests are for at most so many customers, whose sessions the servers have saved themselves. Further sessions only fill the tables.
const CUSTOMERS: u32 = 10_000;

const LOAD: &str = "/session/load";
const SAVE: &str = "/session/save";

const REFERENCE_KEY: &str = "0101010101010101010101010101010101010101010101010101010101010101";
const ENCRYPTION_KEY: &str = "0202020202020202020202020202020202020202020202020202020202020202";

/// High enough that no rate limit is reached, although all requests come from one address.
const UNLIMITED: &str = "4294967295";

/// All that the bridge site needs here. Its one host page is what load.lua and seed.js pretend to be.
const IFRAME_PAGE: &str =
    r#"<!doctype html><meta charset="utf-8"><script>const TRUSTED_DOMAINS = ["https://shop.example"];</script>"#;

#[derive(Args)]
pub(crate) struct Options {
    /// How many rounds each server gets for each table, after one to warm up
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many seconds a round takes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Write the figures into docs/load.md
    #[arg(long)]
    write: bool,
}

pub(super) fn run_bench(options: &Options) -> Result<()> {
    let tools = BenchTools::ensure()?;
    let programs = Programs::build()?;
    // On the repository's disk, because a save waits for the disk.
    let folder = root().join("target/bench");
    let bench = Bench { tools, programs, folder, turns: Turns { rounds: options.rounds, seconds: options.seconds } };
    bench.clear()?;
    let figures = bench.measure()?;
    bench.clear()?;

    println!("\n{figures}");
    if options.write {
        write_figures(PAGE, START, &figures)?;
    }
    Ok(())
}

struct Bench {
    tools: BenchTools,
    programs: Programs,
    folder: PathBuf,
    turns: Turns,
}

impl Bench {
    fn clear(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        Ok(())
    }

    /// The part of the page with the figures.
    fn measure(&self) -> Result<String> {
        let stores = STORED.map(|sessions| self.start_bridge(sessions)).into_iter().collect::<Result<Vec<_>>>()?;
        let bridge = stores.get(1).context("there is no store to compare")?;
        let full = self.start_express("Express, WAL, `synchronous=FULL`", ["wal", "full"])?;
        let normal = self.start_express("Express, WAL, `synchronous=NORMAL`", ["wal", "normal"])?;
        let delete = self.start_express("Express, rollback journal, `synchronous=FULL`", ["delete", "full"])?;
        let bare = self.start_bare(bridge)?;
        let sqlite = [bridge, &full].map(|server| machine::sqlite_version(&server.folder.join("sessions.db")));

        let turns = |route, servers: &[&Server]| take_turns(route, servers, &self.turns);
        let loads = [bridge, &bare, &full];
        let loads = table::comparison(LOAD, &loads, &turns(LOAD, &loads)?)?;
        let saves = [bridge, &bare, &full, &normal, &delete];
        let saves = table::comparison(SAVE, &saves, &turns(SAVE, &saves)?)?;
        let stores: Vec<&Server> = stores.iter().collect();
        let sizes = table::sizes([(LOAD, &turns(LOAD, &stores)?), (SAVE, &turns(SAVE, &stores)?)]);
        let [bridge_sqlite, express_sqlite] = sqlite;
        Ok(format!(
            "## Next to a bare handler and to Express\n\n{} sessions are stored.\n\n{loads}\n{saves}\n\
             ## With more sessions stored\n\n{sizes}\n## Measured with\n\n{}\
             - SQLite {} (bridge server), {} (better-sqlite3)\n",
            thousands(CUSTOMERS),
            machine::versions(&self.turns, &self.tools)?,
            bridge_sqlite?,
            express_sqlite?,
        ))
    }

    fn start_bridge(&self, sessions: u32) -> Result<Server> {
        let folder = self.folder.join(format!("bridge-{sessions}"));
        let (site, database) = (folder.join("site"), folder.join("sessions.db"));
        fs::create_dir_all(&site)?;
        fs::write(site.join("iframe.html"), IFRAME_PAGE)?;
        let mut command = Command::new(&self.programs.bridge);
        command
            .args(["--listen", "127.0.0.1:0", "--requests-per-minute-per-address", UNLIMITED])
            .args(["--requests-per-minute-per-reference", UNLIMITED, "--site"])
            .arg(site)
            .arg("--store")
            .arg(format!("sqlite:{}", database.display()))
            .env("BRIDGE_REFERENCE_KEY", REFERENCE_KEY)
            .env("BRIDGE_ENCRYPTION_KEY", ENCRYPTION_KEY)
            // The server still writes its log, which costs it time, but nobody reads it.
            .stderr(Stdio::null());
        let server = Server::start("**bridge server**", folder, &mut command)?;
        self.seed(&server, sessions.min(CUSTOMERS))?;
        if sessions > CUSTOMERS {
            println!("Filling up to {} sessions.", thousands(sessions));
            run(self.tools.node("fill.js").arg(database).arg(sessions.to_string()))?;
        }
        Ok(server)
    }

    fn start_express(&self, name: &str, [journal, synchronous]: [&str; 2]) -> Result<Server> {
        let folder = self.folder.join(format!("express-{journal}-{synchronous}"));
        fs::create_dir_all(&folder)?;
        let start = |journal, synchronous| {
            let mut command = self.tools.node("server.js");
            command.arg(folder.join("sessions.db")).args([REFERENCE_KEY, journal, synchronous]);
            Server::start(name, folder.clone(), command.env("NODE_ENV", "production"))
        };
        // Ten thousand durable commits take long, and these need not be durable.
        self.seed(&start("wal", "off")?, CUSTOMERS)?;
        start(journal, synchronous)
    }

    /// It gets the same requests as the bridge server and answers with the same bodies.
    fn start_bare(&self, bridge: &Server) -> Result<Server> {
        let load = fs::read_to_string(bridge.folder.join("answer.json"))?;
        let mut command = Command::new(&self.programs.bare);
        command.args([&load, r#"{"saved":true}"#]);
        Server::start("bare axum handler", bridge.folder.clone(), &mut command)
    }

    fn seed(&self, server: &Server, customers: u32) -> Result<()> {
        println!("Saving {} sessions with {}.", thousands(customers), server.name);
        let mut seed = self.tools.node("seed.js");
        run(seed.args([&server.url, REFERENCE_KEY, &customers.to_string()]).arg(&server.folder))
    }
}
