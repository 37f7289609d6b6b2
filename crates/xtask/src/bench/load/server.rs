//! A server that is measured.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::machine;
use super::measure::{CONNECTIONS, Round};
use crate::command::{output_of, root, show};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that runs until it is dropped.
pub(super) struct Server {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) folder: PathBuf,
    process: Child,
    /// Kept open, because a program may end when it cannot print.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server that prints where it listens.
    pub(super) fn start(name: &str, folder: PathBuf, command: &mut Command) -> Result<Self> {
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
            bail!("does not print where it listens: {shown}");
        };
        let line = line?;
        let Some(url) = line.trim().strip_prefix("listening on ") else {
            let _ = process.kill();
            bail!("did not start: {shown}");
        };
        Ok(Self { name: name.to_owned(), url: url.to_owned(), folder, process, _output: output })
    }

    /// Puts it under load.
    pub(super) fn load(&self, route: &str, seconds: u32) -> Result<Round> {
        let spent = machine::cpu_seconds(self.process.id())?;
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads", "1", "--connections", CONNECTIONS, "--duration", &format!("{seconds}s"), "--script"])
            .arg(root().join("bench/load.lua"))
            .arg(format!("{}{route}", self.url))
            .arg("--")
            .arg(self.folder.join("references.txt"));
        let report = String::from_utf8(output_of(&mut wrk)?)?;
        let cpu_seconds = machine::cpu_seconds(self.process.id())? - spent;

        let json = report.lines().find(|line| line.starts_with('{')).context("load.lua has reported nothing")?;
        let json: Value = serde_json::from_str(json)?;
        let number = |name: &str| json.get(name).and_then(Value::as_f64).with_context(|| format!("no {name}"));
        // A rejection costs less than an answer.
        ensure!(number("failed")? == 0.0, "{} has rejected or dropped requests to {route}: {report}", self.name);
        ensure!(number("requests")? > 0.0, "{} has answered nothing to {route}", self.name);
        Ok(Round {
            requests: number("requests")?,
            seconds: number("duration")? / 1e6,
            p50_micros: number("p50")?,
            p99_micros: number("p99")?,
            cpu_seconds,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
