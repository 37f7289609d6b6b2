use anyhow::Result;
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, MOTION_NOTIFY_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// The left button.
const LEFT: u8 = 1;

/// Where the pointer covers no prompt and lights up no button.
const AWAY: (u32, u32) = (900, 700);

/// The mouse of a screen, moved as a person's hand would (X11's extension XTEST).
pub(super) struct Mouse {
    connection: RustConnection,
    root: u32,
}

impl Mouse {
    pub(super) fn of_display(display: &str) -> Result<Self> {
        let (connection, screen) = RustConnection::connect(Some(display))?;
        let root = connection.setup().roots.get(screen).map_or(x11rb::NONE, |screen| screen.root);
        Ok(Self { connection, root })
    }

    /// Clicks at a place of the screen, then moves away.
    pub(super) fn click(&self, place: (u32, u32)) -> Result<()> {
        self.move_to(place)?;
        for event in [BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT] {
            self.connection.xtest_fake_input(event, LEFT, CURRENT_TIME, self.root, 0, 0, 0)?;
        }
        self.move_to(AWAY)?;
        // Its reply comes after the server has done the rest.
        self.connection.get_input_focus()?.reply()?;
        Ok(())
    }

    fn move_to(&self, (x, y): (u32, u32)) -> Result<()> {
        let (x, y) = (i16::try_from(x)?, i16::try_from(y)?);
        self.connection.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, CURRENT_TIME, self.root, x, y, 0)?;
        Ok(())
    }
}
