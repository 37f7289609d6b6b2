use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use image::RgbImage;

use super::mouse::Mouse;
use crate::process::{Process, ending_with_this_thread};

/// A screen for a browser with a window. WebKit has no headless mode.
pub(super) struct Screen {
    display: String,
    folder: PathBuf,
    mouse: Mouse,
    _process: Process,
}

impl Screen {
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let mut command = ending_with_this_thread("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-fbdir"]).arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::start(&mut command)?;
        let number = process.find_in_output(Some).context("Xvfb found no display")?;
        let display = format!(":{}", number.trim());
        let mouse = Mouse::of_display(&display).context("Xvfb does not answer")?;
        Ok(Self { display, folder: folder.to_owned(), mouse, _process: process })
    }

    /// As in the environment variable `DISPLAY`.
    pub(super) fn display(&self) -> &str {
        &self.display
    }

    pub(super) fn mouse(&self) -> &Mouse {
        &self.mouse
    }

    /// What is on the screen, in so many rows from its top, from the file in the format of `xwd` (`X11/XWDFile.h`) in which Xvfb keeps it.
    pub(super) fn picture(&self, rows: u32) -> Result<RgbImage> {
        let dump = std::fs::read(self.folder.join("Xvfb_screen0"))?;
        let header = |field: usize| -> Result<usize> {
            let bytes = dump.get(4 * field..4 * field + 4).context("a short header")?;
            Ok(u32::from_be_bytes(bytes.try_into()?).try_into()?)
        };
        let (start, width, height, line) = (header(0)? + 12 * header(19)?, header(4)?, header(5)?, header(12)?);
        let mut picture = RgbImage::new(width.try_into()?, rows.min(height.try_into()?));
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let at = start + usize::try_from(y)? * line + 4 * usize::try_from(x)?;
            let Some(&[blue, green, red]) = dump.get(at..at + 3) else { bail!("a short picture") };
            pixel.0 = [red, green, blue];
        }
        Ok(picture)
    }
}
