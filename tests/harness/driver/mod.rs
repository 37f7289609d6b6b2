mod area;
mod memory;
mod mouse;
mod prompt;
mod screen;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use image::RgbImage;

use crate::configuration::Surface;
use crate::engine::Engine;
use crate::process::{Process, ending_with_this_thread, free_port};
pub use prompt::Answer;
pub(crate) use prompt::Prompt;
use screen::Screen;

/// How long a driver may take to listen.
const START: Duration = Duration::from_secs(60);

/// A driver process on a port that was free; it ends with this value.
pub(crate) struct Driver {
    process: Process,
    port: u16,
    log: PathBuf,
    engine: Engine,
    screen: Option<Screen>,
}

impl Driver {
    /// Starts a driver that keeps everything below this folder.
    pub(crate) fn start(engine: Engine, surface: Surface, folder: &Path) -> Result<Self> {
        let log = folder.join("driver.log");
        let port = free_port()?;
        // WebKit has no headless mode.
        let has_screen = surface == Surface::Screen || engine == Engine::Webkit;
        let screen = has_screen.then(|| Screen::start(folder)).transpose()?;
        let mut command = match engine {
            Engine::Chromium => chromium(port),
            Engine::Firefox => firefox(port, folder)?,
            Engine::Webkit => webkit(port, folder),
        };
        if let Some(screen) = &screen {
            command.env("DISPLAY", screen.display());
        }
        let output = std::fs::File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let mut driver = Self { process: Process::start(&mut command)?, port, log, engine, screen };
        if !driver.process.listens(port, START) {
            bail!("the driver does not listen:\n{}", driver.log());
        }
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
        self.screen.as_ref().map(|screen| screen.picture(u32::MAX))
    }

    /// The browser's prompt for storage access, if it is on the screen.
    pub(crate) fn prompt(&self) -> Result<Option<Prompt>> {
        Ok(Prompt::find(self.engine, &self.screen()?.picture(prompt::ROWS)?))
    }

    /// Clicks a button of the prompt.
    pub(crate) fn click_prompt(&self, prompt: Prompt, answer: Answer) -> Result<()> {
        self.screen()?.mouse().click(prompt.button(answer))
    }

    fn screen(&self) -> Result<&Screen> {
        self.screen.as_ref().context("a headless browser shows no prompt: in_each_with_window gives it a screen")
    }

    /// The memory of the browser's processes, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        memory::of_family(i32::try_from(self.process.id())?)
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

fn webkit(port: u16, folder: &Path) -> Command {
    let mut command = ending_with_this_thread("WebKitWebDriver");
    command.arg(format!("--port={port}")).env("HOME", folder);
    for kind in ["CACHE", "CONFIG", "DATA", "STATE"] {
        command.env(format!("XDG_{kind}_HOME"), folder.join(kind));
    }
    command.envs([("WEBKIT_DISABLE_COMPOSITING_MODE", "1"), ("LIBGL_ALWAYS_SOFTWARE", "1"), ("NO_AT_BRIDGE", "1")]);
    command
}

/// Where `cargo xtask test` installed it, unless the environment names another.
fn geckodriver() -> PathBuf {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/geckodriver");
    std::env::var_os("GECKODRIVER").map_or_else(ours, PathBuf::from)
}
