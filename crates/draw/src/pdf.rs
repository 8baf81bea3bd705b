//! The first page of a PDF, on white.

use crate::{Picture, Undrawn, encode};
use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, hayro_syntax::Pdf, render,
    vello_cpu::color::palette::css::WHITE,
};
use image::{DynamicImage, RgbaImage};

pub(crate) fn draw(size: u32, octets: Vec<u8>) -> Result<Picture, Undrawn> {
    let pdf = Pdf::new(octets).map_err(|_| Undrawn::Broken)?;
    let page = pdf.pages().first().ok_or(Undrawn::Broken)?;
    let (width, height) = page.render_dimensions();
    let (x_scale, y_scale) = scales(width, height, size).ok_or(Undrawn::Broken)?;
    let settings = PixmapSettings { x_scale, y_scale, bg_color: WHITE };
    let drawn =
        render(page, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    // The paper is white and opaque, so that what is premultiplied is the same as what is not.
    let pixels = drawn.data_as_u8_slice().to_vec();
    let image = RgbaImage::from_raw(width, height, pixels).ok_or(Undrawn::Broken)?;
    encode(&DynamicImage::ImageRgba8(image))
}

/// What a page is stretched by: its longer side becomes `size`, and no side less than a pixel.
fn scales(width: f32, height: f32, size: u32) -> Option<(f32, f32)> {
    let longest = width.max(height);
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0 && longest <= LONGEST_SIDE) {
        return None;
    }
    // The sizes are few and small, so that nothing is lost.
    let scale = f32::from(u16::try_from(size).ok()?) / longest;
    // Rounded towards zero later: the half keeps a side of exactly `size` from losing its last pixel.
    Some(((scale + 0.5 / longest).max(1.5 / width), (scale + 0.5 / longest).max(1.5 / height)))
}

/// Of a page, in points: ten times what ISO 32000-1 Annex C takes for the largest.
const LONGEST_SIDE: f32 = 144_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_side_is_of_the_size_and_none_is_nothing() {
        for (width, height) in [(595.0_f32, 842.0_f32), (842.0, 595.0), (14_400.0, 1.0), (1.0, 1.0)] {
            let (x, y) = scales(width, height, 256).unwrap_or_default();
            let (x, y) = ((width * x).floor(), (height * y).floor());
            assert!((x.max(y) - 256.0).abs() < 0.1 && x.min(y) >= 1.0, "{width} x {height}: {x} x {y}");
        }
        for (width, height) in [(0.0, 1.0), (f32::NAN, 1.0), (1.0, f32::INFINITY), (-3.0, 5.0), (1e9, 5.0)] {
            assert_eq!(scales(width, height, 256), None);
        }
    }
}
