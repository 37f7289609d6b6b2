use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    Webkit,
}

/// A driver process on a port that was free; it ends with this value.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Driver {
    /// Starts a driver that keeps everything below this folder.
    pub(crate) fn start(engine: Engine, folder: &Path) -> Result<Self> {
        let log = folder.join("driver.log");
        let port = free_port()?;
        let mut command = match engine {
            Engine::Chromium => chromium(port),
            Engine::Firefox => firefox(port, folder)?,
            Engine::Webkit => webkit(port, folder)?,
        };
        let output = std::fs::File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let process = command
            .spawn()
            .with_context(|| format!("{:?} is not there; `cargo xtask test` installs it", command.get_program()))?;
        let mut driver = Self { process, port, log };
        driver.wait_until_it_listens()?;
        Ok(driver)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }

    fn wait_until_it_listens(&mut self) -> Result<()> {
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("the driver ended ({status}):\n{}", self.log());
            }
            if start.elapsed() > Duration::from_secs(60) {
                bail!("the driver does not listen:\n{}", self.log());
            }
            // Between two looks at a condition.
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn chromium(port: u16) -> Command {
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}")).arg("--log-level=INFO");
    command
}

fn firefox(port: u16, folder: &Path) -> Result<Command> {
    let mut command = Command::new(tool("geckodriver"));
    command.args(["--port", &port.to_string()]);
    command.args(["--marionette-port", &free_port()?.to_string(), "--websocket-port", &free_port()?.to_string()]);
    // As root Firefox insists on a home of its own and cannot sandbox its content processes.
    command.env("HOME", folder).env("MOZ_DISABLE_CONTENT_SANDBOX", "1");
    Ok(command)
}

fn webkit(port: u16, folder: &Path) -> Result<Command> {
    let mut command = Command::new("WebKitWebDriver");
    command.arg(format!("--port={port}")).env("DISPLAY", display()?).env("HOME", folder);
    for kind in ["CACHE", "CONFIG", "DATA", "STATE"] {
        command.env(format!("XDG_{kind}_HOME"), folder.join(kind));
    }
    command.envs([("WEBKIT_DISABLE_COMPOSITING_MODE", "1"), ("LIBGL_ALWAYS_SOFTWARE", "1"), ("NO_AT_BRIDGE", "1")]);
    Ok(command)
}

/// A screen for WebKit, one for all tests of this process.
fn display() -> Result<&'static str> {
    static DISPLAY: OnceLock<Result<String, String>> = OnceLock::new();
    let display = DISPLAY.get_or_init(|| start_screen().map_err(|error| format!("{error:#}")));
    display.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn start_screen() -> Result<String> {
    use std::io::Read;
    // It ends with its parent's death, since a static is never dropped.
    let mut screen = Command::new("setpriv")
        .args(["--pdeathsig", "TERM", "Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("Xvfb is not there; `cargo xtask test` installs it")?;
    let mut number = String::new();
    let mut output = screen.stdout.take().context("Xvfb has no output")?;
    let mut byte = [0];
    while output.read(&mut byte)? == 1 && byte != *b"\n" {
        number.push(char::from(byte[0]));
    }
    if number.is_empty() {
        bail!("Xvfb found no display");
    }
    // It writes nothing more; the thread keeps it from being a zombie.
    std::thread::spawn(move || screen.wait());
    Ok(format!(":{number}"))
}

/// Tools that are built for this repository are in its own folder.
fn tool(name: &str) -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin").join(name);
    if ours.exists() { ours } else { PathBuf::from(name) }
}

/// A port that is free now. Somebody may take it before the driver does, which then says so and is started again.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
