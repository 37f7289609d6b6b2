use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// How long a process may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(5);

/// A process that ends with this value.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        Ok(Self(
            child.with_context(|| format!("{command:?} does not start; `cargo xtask test` installs what it needs"))?,
        ))
    }

    /// Kills it, as a machine that fails.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits for the first line of its piped output in which `find` finds something.
    pub(crate) fn find_in_output<T>(&mut self, find: impl FnMut(String) -> Option<T>) -> Option<T> {
        let mut lines = BufReader::new(self.0.stdout.take()?).lines().map_while(Result::ok);
        let found = lines.find_map(find);
        // The process could not go on if nobody read the rest.
        std::thread::spawn(move || lines.for_each(drop));
        found
    }

    /// Whether it listens on this port within the time. A process that ended does not.
    pub(crate) fn listens(&mut self, port: u16, within: Duration) -> bool {
        let start = Instant::now();
        while start.elapsed() < within {
            if self.has_ended() {
                return false;
            }
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return true;
            }
            // Between two looks at a condition.
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Process {
    /// Asks it to end, so that it can remove its files, and kills it if it does not.
    fn drop(&mut self) {
        if self.has_ended() {
            return;
        }
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let start = Instant::now();
        while !self.has_ended() {
            if start.elapsed() > PATIENCE {
                return self.kill();
            }
            // Between two looks at a condition.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A command that the system ends with the thread that starts it, because a test run that is killed cannot end what it started.
pub(crate) fn ending_with_this_thread(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]).arg(program);
    command
}

/// A port that is free now. Another program may take it before its user does.
///
/// # Errors
/// If there is none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
