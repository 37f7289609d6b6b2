//! The prompt in which a browser asks for storage access, as it is drawn on the screen: outside the page, where no driver reaches it.

use image::RgbImage;

use super::area::Area;
use crate::engine::Engine;

/// Prompts are in these rows of the screen.
pub(super) const ROWS: u32 = 330;

/// A prompt's buttons are below the address bar, whose stripes in a Firefox with a driver look like buttons.
const ADDRESS_BAR: u32 = 90;

/// Fewer pixels are no button.
const LEAST: u32 = 500;

/// What a visitor answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Access is granted.
    Allow,
    /// Access is refused.
    Block,
}

/// Where the prompt's two buttons are on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    allow: (u32, u32),
    block: (u32, u32),
}

impl Prompt {
    pub(super) fn find(engine: Engine, picture: &RgbImage) -> Option<Self> {
        let areas = Area::all_in(picture, LEAST);
        match engine {
            Engine::Chromium | Engine::Firefox => pair_of_buttons(&areas),
            Engine::Webkit => info_bar(&areas),
        }
    }

    pub(super) fn button(self, answer: Answer) -> (u32, u32) {
        match answer {
            Answer::Allow => self.allow,
            Answer::Block => self.block,
        }
    }
}

/// Chromium's bubble and Firefox's panel end with two buttons of the same height side by side: first "Block", then "Allow". The pages of
/// the scenarios have none like them.
fn pair_of_buttons(areas: &[Area]) -> Option<Prompt> {
    let is_button = |area: &&Area| {
        let has_size = (40..140).contains(&area.width()) && (28..44).contains(&area.height());
        has_size && area.is_filled() && area.top > ADDRESS_BAR
    };
    let buttons: Vec<&Area> = areas.iter().filter(is_button).collect();
    let are_neighbours = |left: &Area, right: &Area| {
        (left.top, left.bottom) == (right.top, right.bottom) && (1..20).contains(&right.left.saturating_sub(left.right))
    };
    // Between the upper edge and the label.
    let place = |button: &Area| (button.left.midpoint(button.right), button.top + 6);
    buttons.iter().find_map(|left| {
        let right = buttons.iter().find(|right| are_neighbours(left, right))?;
        Some(Prompt { block: place(left), allow: place(right) })
    })
}

/// MiniBrowser's bar is as wide as its window, below the address. At its right end are "No" and "Yes".
fn info_bar(areas: &[Area]) -> Option<Prompt> {
    let is_bar = |area: &&Area| {
        let is_coloured = area.colour.0.iter().max() > area.colour.0.iter().min();
        is_coloured && area.width() > 900 && (50..120).contains(&area.height())
    };
    let bar = areas.iter().find(is_bar)?;
    let middle = bar.top.midpoint(bar.bottom);
    Some(Prompt { block: (bar.right - 140, middle), allow: (bar.right - 48, middle) })
}
