//! What the figures were measured with, and the processor time of a process.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};

use super::measure::{CONNECTIONS, Turns};
use crate::command::{command, output_of};
use crate::setup::BenchTools;

/// The kernel counts a process's time in ticks (proc_pid_stat(5)), 100 in a second on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// The processor time that a process has used.
pub(super) fn cpu_seconds(process: u32) -> Result<f64> {
    seconds_in(&fs::read_to_string(format!("/proc/{process}/stat"))?).context("/proc/*/stat has an unknown form")
}

fn seconds_in(account: &str) -> Option<f64> {
    // The program's name is in parentheses and may have spaces. After it come the state, ten fields, and both times.
    let mut fields = account.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut time = || fields.next()?.parse::<f64>().ok();
    Some((time()? + time()?) / TICKS)
}

pub(super) fn versions(turns: &Turns, tools: &BenchTools) -> Result<String> {
    let print = |line: &str| anyhow::Ok(String::from_utf8(output_of(&mut command(line))?)?.trim().to_owned());
    let cores = std::thread::available_parallelism()?;
    let Turns { rounds, seconds } = turns;
    Ok(format!(
        "- {cores} cores, which the server and wrk shared; {CONNECTIONS} connections; {rounds} rounds of {seconds} s each\n\
         - {}\n- Node.js {}\n- Express {}\n- better-sqlite3 {}\n- wrk {}\n",
        print("rustc --version")?,
        print("node --version")?,
        tools.version_of("express")?,
        tools.version_of("better-sqlite3")?,
        wrk_version()?,
    ))
}

/// The version of SQLite that wrote a database (<https://sqlite.org/fileformat.html#write_library_version_number_and_version_valid_for_number>).
pub(super) fn sqlite_version(database: &Path) -> Result<String> {
    let mut file = File::open(database)?;
    let mut bytes = [0; 4];
    file.seek(SeekFrom::Start(96))?;
    file.read_exact(&mut bytes)?;
    let number = u32::from_be_bytes(bytes);
    Ok(format!("{}.{}.{}", number / 1_000_000, number / 1000 % 1000, number % 1000))
}

/// wrk prints its version together with its usage, and exits with a failure.
fn wrk_version() -> Result<String> {
    let output = command("wrk --version").output().context("cannot start wrk")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().nth(1).map(str::to_owned).context("wrk does not print its version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_is_that_of_the_program_and_of_the_kernel_for_it() {
        let account = "42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 1000 1 1";
        assert_eq!(seconds_in(account), Some(3.0));
        assert_eq!(seconds_in("42 (a) S 1"), None);
    }
}
