//! What a picture of the screen consists of: areas of one colour, such as a button around its label.

use image::{GrayImage, Rgb, RgbImage};

/// Connected pixels of one colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) colour: Rgb<u8>,
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
    pixels: u32,
}

impl Area {
    /// All areas of a picture that have at least so many pixels.
    pub(super) fn all_in(picture: &RgbImage, pixels: u32) -> Vec<Self> {
        let (width, height) = picture.dimensions();
        let mut seen = GrayImage::new(width, height);
        let mut areas = Vec::new();
        let mut next = Vec::new();
        for x in 0..width {
            for y in 0..height {
                let colour = *picture.get_pixel(x, y);
                let mut area = Self { colour, left: x, top: y, right: x, bottom: y, pixels: 0 };
                next.push((x, y));
                while let Some((x, y)) = next.pop() {
                    let is_part = x < width && y < height && *picture.get_pixel(x, y) == colour;
                    if !is_part || std::mem::replace(&mut seen.get_pixel_mut(x, y).0, [1]) == [1] {
                        continue;
                    }
                    area.take(x, y);
                    next.extend([(x + 1, y), (x.wrapping_sub(1), y), (x, y + 1), (x, y.wrapping_sub(1))]);
                }
                if area.pixels >= pixels {
                    areas.push(area);
                }
            }
        }
        areas
    }

    fn take(&mut self, x: u32, y: u32) {
        (self.left, self.right) = (self.left.min(x), self.right.max(x));
        (self.top, self.bottom) = (self.top.min(y), self.bottom.max(y));
        self.pixels += 1;
    }

    pub(super) fn width(self) -> u32 {
        self.right - self.left + 1
    }

    pub(super) fn height(self) -> u32 {
        self.bottom - self.top + 1
    }

    /// Whether it fills most of the rectangle around it.
    pub(super) fn is_filled(self) -> bool {
        3 * self.width() * self.height() < 4 * self.pixels
    }
}
