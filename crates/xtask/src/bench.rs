//! `cargo xtask bench`: the bridge server under load, next to a bare axum handler and to a small server with Express, and with more and more
//! sessions stored.
//!
//! A machine is never quiet, and slower at one time than at another. So the servers take turns in short rounds, each round is compared with the
//! rounds next to it, and what is reported is the median.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

use crate::setup::BenchTools;
use crate::{output_of, root, run, show};

const PAGE: &str = "docs/load.md";
const START: &str = "<!-- What follows is written by `cargo xtask bench --write`. -->";

/// One server each for these numbers of stored sessions.
const STORED: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// The requests are for at most so many customers, whose sessions the servers have saved themselves. Any others only fill the tables.
const CUSTOMERS: u32 = 10_000;

const CONNECTIONS: &str = "32";
const LOAD: &str = "/session/load";
const SAVE: &str = "/session/save";

const REFERENCE_KEY: &str = "0101010101010101010101010101010101010101010101010101010101010101";
const ENCRYPTION_KEY: &str = "0202020202020202020202020202020202020202020202020202020202020202";

/// No rate limit is reached: all requests come from one address.
const UNLIMITED: &str = "4294967295";

/// The bridge site needs no more for this; load.lua and seed.js are its one host page.
const IFRAME_PAGE: &str =
    r#"<!doctype html><meta charset="utf-8"><script>const TRUSTED_DOMAINS = ["https://shop.example"];</script>"#;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// In the kernel's accounts of processes (proc_pid_stat(5)), a second has so many ticks on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

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

pub(crate) fn run_bench(options: &Options) -> Result<()> {
    let tools = BenchTools::ensure()?;
    let programs = Programs::build()?;
    // On the disk that the repository is on: a save waits for it.
    let folder = root().join("target/bench");
    let bench = Bench { tools, programs, folder, options };
    bench.clear()?;
    let figures = bench.measure()?;
    bench.clear()?;

    println!("\n{figures}");
    if options.write {
        let file = root().join(PAGE);
        let page = fs::read_to_string(&file)?;
        let (text, _) = page.split_once(START).with_context(|| format!("{PAGE} has no {START}"))?;
        fs::write(&file, [text, START, "\n\n", &figures].concat())?;
    }
    Ok(())
}

/// What cargo has built, in release mode.
struct Programs {
    bridge: PathBuf,
    bare: PathBuf,
}

impl Programs {
    fn build() -> Result<Self> {
        let mut cargo = Command::new("cargo");
        cargo
            .args(["build", "--release", "--package", "bridge-server", "--bin", "bridge-server", "--example", "bare"])
            .args(["--message-format", "json-render-diagnostics"])
            .stderr(Stdio::inherit());
        let messages = String::from_utf8(output_of(&mut cargo)?)?;
        let mut built: HashMap<String, PathBuf> = HashMap::new();
        for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            if let (Some(name), Some(file)) = (text("/target/name"), text("/executable")) {
                built.insert(name, file.into());
            }
        }
        let mut take = |name: &str| built.remove(name).with_context(|| format!("cargo has not built {name}"));
        Ok(Self { bridge: take("bridge-server")?, bare: take("bare")? })
    }
}

struct Bench<'a> {
    tools: BenchTools,
    programs: Programs,
    folder: PathBuf,
    options: &'a Options,
}

impl Bench<'_> {
    fn clear(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        Ok(())
    }

    /// The part of the page that says what was measured.
    fn measure(&self) -> Result<String> {
        let stores = STORED.map(|sessions| self.start_bridge(sessions)).into_iter().collect::<Result<Vec<_>>>()?;
        let bridge = stores.get(1).context("there is no store to compare")?;
        let full = self.start_express("Express, WAL, `synchronous=FULL`", ["wal", "full"])?;
        let normal = self.start_express("Express, WAL, `synchronous=NORMAL`", ["wal", "normal"])?;
        let delete = self.start_express("Express, rollback journal, `synchronous=FULL`", ["delete", "full"])?;
        let bare = self.start_bare(bridge)?;
        let sqlite = [&bridge.folder, &full.folder].map(|folder| sqlite_version(&folder.join("sessions.db")));

        let loads = self.compare(LOAD, &[bridge, &bare, &full])?;
        let saves = self.compare(SAVE, &[bridge, &bare, &full, &normal, &delete])?;
        let sizes = self.compare_sizes(&stores)?;
        let [bridge_sqlite, express_sqlite] = sqlite;
        Ok(format!(
            "## Next to a bare handler and to Express\n\n{} sessions are stored.\n\n{loads}\n{saves}\n\
             ## With more sessions stored\n\n{sizes}\n## Measured with\n\n{}\
             - SQLite {} (bridge server), {} (better-sqlite3)\n",
            thousands(CUSTOMERS),
            self.versions()?,
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
            // The log is written, but to nowhere.
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
        // Ten thousand commits by themselves take long; these may be lost.
        self.seed(&start("wal", "off")?, CUSTOMERS)?;
        start(journal, synchronous)
    }

    /// It gets the same requests as the bridge server, and answers with the same bodies.
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

    /// All rounds of each server, in which they took turns.
    fn take_turns(&self, route: &str, servers: &[&Server]) -> Result<Vec<Vec<Round>>> {
        let mut rounds: Vec<Vec<Round>> = servers.iter().map(|_| Vec::new()).collect();
        println!("{route}: {} servers, {} rounds.", servers.len(), self.options.rounds);
        for number in 0..=self.options.rounds {
            for (server, rounds) in servers.iter().zip(&mut rounds) {
                let round = server.ask(route, self.options.seconds)?;
                // The first one warms up.
                if number > 0 {
                    rounds.push(round);
                }
            }
        }
        Ok(rounds)
    }

    /// The first server's figures, and those of the others with what the first one's are to them.
    fn compare(&self, route: &str, servers: &[&Server]) -> Result<String> {
        let rounds = self.take_turns(route, servers)?;
        let first = rounds.first().context("there is no server")?;
        let mut table = format!(
            "| `{route}` | requests/s | p50, ms | p99, ms | CPU, µs/request | bridge server's requests/s | its p50 | its p99 |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|\n"
        );
        for (server, rounds) in servers.iter().zip(&rounds) {
            let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
            table.push_str(&format!(
                "| {} | {:.0} | {:.2} | {:.2} | {:.0} |",
                server.name,
                of(Round::rate),
                of(Round::p50),
                of(Round::p99),
                of(Round::cpu)
            ));
            for figure in [Round::rate, Round::p50, Round::p99] {
                table.push_str(&format!(" {} |", times(ratio(first, rounds, figure))));
            }
            table.push('\n');
        }
        Ok(table)
    }

    fn compare_sizes(&self, stores: &[Server]) -> Result<String> {
        let servers: Vec<&Server> = stores.iter().collect();
        let (loads, saves) = (self.take_turns(LOAD, &servers)?, self.take_turns(SAVE, &servers)?);
        let mut table = format!(
            "| sessions | `{LOAD}`: µs/request | CPU | p50 | p99 | `{SAVE}`: µs/request | CPU | p50 | p99 |\n\
             |--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
        );
        for (at, sessions) in STORED.into_iter().enumerate() {
            table.push_str(&format!("| {} |", thousands(sessions)));
            for rounds in [&loads, &saves] {
                let (Some(first), Some(these)) = (rounds.first(), rounds.get(at)) else { continue };
                for (index, figure) in [Round::cost, Round::cpu, Round::p50, Round::p99].into_iter().enumerate() {
                    let ratio = ratio(these, first, figure);
                    if index == 0 {
                        let cost = median(these.iter().map(figure));
                        table.push_str(&format!(" {cost:.0} ({}) |", times(ratio)));
                    } else {
                        table.push_str(&format!(" {} |", times(ratio)));
                    }
                }
            }
            table.push('\n');
        }
        Ok(table)
    }

    fn versions(&self) -> Result<String> {
        let print = |command: &mut Command| anyhow::Ok(String::from_utf8(output_of(command)?)?.trim().to_owned());
        let cores = std::thread::available_parallelism()?;
        let Options { rounds, seconds, .. } = self.options;
        Ok(format!(
            "- {cores} cores, which the server and wrk shared; {CONNECTIONS} connections; {rounds} rounds of {seconds} s each\n\
             - {}\n- Node.js {}\n- Express {}\n- better-sqlite3 {}\n- wrk {}\n",
            print(Command::new("rustc").arg("--version"))?,
            print(Command::new("node").arg("--version"))?,
            self.tools.version_of("express")?,
            self.tools.version_of("better-sqlite3")?,
            wrk_version()?,
        ))
    }
}

/// What wrk has seen in one round, and what the server has spent on it.
struct Round {
    requests: f64,
    seconds: f64,
    p50_micros: f64,
    p99_micros: f64,
    cpu_seconds: f64,
}

impl Round {
    fn rate(&self) -> f64 {
        self.requests / self.seconds
    }

    /// In milliseconds.
    fn p50(&self) -> f64 {
        self.p50_micros / 1e3
    }

    /// In milliseconds.
    fn p99(&self) -> f64 {
        self.p99_micros / 1e3
    }

    /// Microseconds for each request, with all connections busy.
    fn cost(&self) -> f64 {
        1e6 / self.rate()
    }

    /// Microseconds of the server's processor time for each request.
    fn cpu(&self) -> f64 {
        1e6 * self.cpu_seconds / self.requests
    }
}

/// The median of what one server's rounds are to those of another that came next to them.
fn ratio(ours: &[Round], theirs: &[Round], figure: fn(&Round) -> f64) -> f64 {
    median(ours.iter().zip(theirs).map(|(ours, theirs)| figure(ours) / figure(theirs)))
}

/// Two digits that say something.
fn times(ratio: f64) -> String {
    let decimals = match ratio {
        0.0..0.1 => 3,
        0.1..10.0 => 2,
        _ => 0,
    };
    format!("× {ratio:.decimals$}")
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    f64::midpoint(at(values.len().saturating_sub(1) / 2), at(values.len() / 2))
}

/// With a thin space between groups of three digits.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A server that runs until it is dropped.
struct Server {
    name: String,
    url: String,
    folder: PathBuf,
    process: Child,
    /// Kept open, since a program may not survive that it cannot print.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server that prints where it listens.
    fn start(name: &str, folder: PathBuf, command: &mut Command) -> Result<Self> {
        let shown = show(command);
        let mut process = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start: {shown}"))?;
        let output = process.stdout.take().context("the server has no output")?;
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut output, mut line) = (BufReader::new(output), String::new());
            let read = output.read_line(&mut line);
            let _ = sender.send((output, read.map(|_| line)));
        });
        let Ok((output, line)) = lines.recv_timeout(PATIENCE) else {
            let _ = process.kill();
            bail!("does not say where it listens: {shown}");
        };
        let line = line?;
        let Some(url) = line.trim().strip_prefix("listening on ") else {
            let _ = process.kill();
            bail!("did not start: {shown}");
        };
        Ok(Self { name: name.to_owned(), url: url.to_owned(), folder, process, _output: output })
    }

    /// Puts it under load.
    fn ask(&self, route: &str, seconds: u32) -> Result<Round> {
        let spent = self.cpu_seconds()?;
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--connections", CONNECTIONS, "--duration", &format!("{seconds}s"), "--script"])
            .arg(root().join("bench/load.lua"))
            .arg(format!("{}{route}", self.url))
            .arg("--")
            .arg(self.folder.join("references.txt"));
        let report = String::from_utf8(output_of(&mut wrk)?)?;
        let cpu_seconds = self.cpu_seconds()? - spent;

        let json = report.lines().find(|line| line.starts_with('{')).context("load.lua has reported nothing")?;
        let json: Value = serde_json::from_str(json)?;
        let number = |name: &str| json.get(name).and_then(Value::as_f64).with_context(|| format!("no {name}"));
        // A refusal costs less than an answer.
        ensure!(number("failed")? == 0.0, "{} has refused or dropped requests to {route}: {report}", self.name);
        ensure!(number("requests")? > 0.0, "{} has answered nothing to {route}", self.name);
        Ok(Round {
            requests: number("requests")?,
            seconds: number("duration")? / 1e6,
            p50_micros: number("p50")?,
            p99_micros: number("p99")?,
            cpu_seconds,
        })
    }

    /// The processor time that it has used up.
    fn cpu_seconds(&self) -> Result<f64> {
        let account = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The program's name is in parentheses and may have spaces. After it come the state, ten fields, and both times.
        let (_, fields) = account.rsplit_once(')').context("/proc/*/stat is not as it should be")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Which SQLite has written a database (<https://sqlite.org/fileformat.html#write_library_version_number_and_version_valid_for_number>).
fn sqlite_version(database: &Path) -> Result<String> {
    let mut file = fs::File::open(database)?;
    let mut bytes = [0; 4];
    file.seek(SeekFrom::Start(96))?;
    file.read_exact(&mut bytes)?;
    let number = u32::from_be_bytes(bytes);
    Ok(format!("{}.{}.{}", number / 1_000_000, number / 1000 % 1000, number % 1000))
}

/// wrk prints it together with its usage, and calls that a failure.
fn wrk_version() -> Result<String> {
    let output = Command::new("wrk").arg("--version").output().context("cannot start wrk")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().nth(1).map(str::to_owned).context("wrk does not say its version")
}
