use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use image::RgbImage;

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
    screen: Option<Screen>,
}

impl Driver {
    /// Starts a driver that keeps everything below this folder.
    pub(crate) fn start(engine: Engine, folder: &Path) -> Result<Self> {
        let log = folder.join("driver.log");
        let port = free_port()?;
        let screen = (engine == Engine::Webkit).then(|| Screen::start(folder)).transpose()?;
        let mut command = match &screen {
            Some(screen) => webkit(port, folder, &screen.display),
            None if engine == Engine::Firefox => firefox(port, folder)?,
            None => chromium(port),
        };
        let output = std::fs::File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let mut driver = Self { process: spawn(&mut command)?, port, log, screen };
        driver.wait_until_it_listens()?;
        Ok(driver)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }

    /// What is on the screen, if the browser needs one.
    pub(crate) fn screen_picture(&self) -> Option<Result<RgbImage>> {
        self.screen.as_ref().map(Screen::picture)
    }

    /// The memory of the browser and all its processes in bytes, of which what they share counts once (PSS, `proc(5)`).
    pub(crate) fn memory(&self) -> Result<u64> {
        let mut parents = Vec::new();
        for entry in std::fs::read_dir("/proc")? {
            let path = entry?.path();
            let Ok(stat) = std::fs::read_to_string(path.join("stat")) else { continue };
            // A program's name may hold anything but ends with the last parenthesis.
            let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
            let number = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
            parents.extend(number.zip(parent));
        }
        let mut family = vec![self.process.id()];
        let mut at = 0;
        while let Some(member) = family.get(at).copied() {
            family.extend(parents.iter().filter(|(_, parent)| *parent == member).map(|(number, _)| number));
            at += 1;
        }
        let kilobytes = family.iter().filter_map(|number| {
            let rollup = std::fs::read_to_string(format!("/proc/{number}/smaps_rollup")).ok()?;
            rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        });
        Ok(kilobytes.sum::<u64>() * 1024)
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
    let mut command = ending_with_this_thread("chromedriver");
    command.arg(format!("--port={port}")).arg("--log-level=INFO");
    command
}

fn firefox(port: u16, folder: &Path) -> Result<Command> {
    let mut command = ending_with_this_thread(geckodriver());
    command.args(["--port", &port.to_string()]);
    command.args(["--marionette-port", &free_port()?.to_string(), "--websocket-port", &free_port()?.to_string()]);
    // As root Firefox insists on a home of its own and cannot sandbox its content processes.
    command.env("HOME", folder).env("MOZ_DISABLE_CONTENT_SANDBOX", "1");
    command.env("MOZ_HEADLESS_WIDTH", "1280").env("MOZ_HEADLESS_HEIGHT", "900");
    Ok(command)
}

fn webkit(port: u16, folder: &Path, display: &str) -> Command {
    let mut command = ending_with_this_thread("WebKitWebDriver");
    command.arg(format!("--port={port}")).env("DISPLAY", display).env("HOME", folder);
    for kind in ["CACHE", "CONFIG", "DATA", "STATE"] {
        command.env(format!("XDG_{kind}_HOME"), folder.join(kind));
    }
    command.envs([("WEBKIT_DISABLE_COMPOSITING_MODE", "1"), ("LIBGL_ALWAYS_SOFTWARE", "1"), ("NO_AT_BRIDGE", "1")]);
    command
}

/// A screen for WebKit, which has no headless mode.
struct Screen {
    process: Child,
    display: String,
    folder: PathBuf,
}

impl Screen {
    fn start(folder: &Path) -> Result<Self> {
        let mut command = ending_with_this_thread("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-fbdir"]).arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut screen = Self { process: spawn(&mut command)?, display: String::new(), folder: folder.to_owned() };
        let output = screen.process.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        if number.is_empty() {
            bail!("Xvfb found no display");
        }
        screen.display = format!(":{}", number.trim());
        Ok(screen)
    }

    /// What is on the screen, from the file in the format of `xwd` (`X11/XWDFile.h`) in which Xvfb keeps it.
    fn picture(&self) -> Result<RgbImage> {
        let dump = std::fs::read(self.folder.join("Xvfb_screen0"))?;
        let header = |field: usize| -> Result<usize> {
            let bytes = dump.get(4 * field..4 * field + 4).context("a short header")?;
            Ok(u32::from_be_bytes(bytes.try_into()?).try_into()?)
        };
        let (start, width, height, line) = (header(0)? + 12 * header(19)?, header(4)?, header(5)?, header(12)?);
        let mut picture = RgbImage::new(width.try_into()?, height.try_into()?);
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let at = start + usize::try_from(y)? * line + 4 * usize::try_from(x)?;
            let Some(&[blue, green, red]) = dump.get(at..at + 3) else { bail!("a short picture") };
            pixel.0 = [red, green, blue];
        }
        Ok(picture)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A killed test run cannot end what it started, so the system does.
fn ending_with_this_thread(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]).arg(program);
    command
}

fn spawn(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| format!("{command:?} does not start; `cargo xtask test` installs what it needs"))
}

/// `cargo xtask test` says where its own is.
fn geckodriver() -> PathBuf {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/geckodriver");
    std::env::var_os("GECKODRIVER").map_or_else(ours, PathBuf::from)
}

/// A port that is free now. Somebody may take it before the driver does, which then says so and is started again.
///
/// # Errors
/// If there is none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
