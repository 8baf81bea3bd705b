//! Images of pixels. The header is judged before a pixel is decoded; of what moves the first frame is shown.

use crate::{Kind, MOST_PIXELS, Picture, Undrawn, encode};
use image::{
    DynamicImage, ImageDecoder, Limits,
    codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};
use std::io::Cursor;

/// Most pixels on a side.
const LONGEST_SIDE: u32 = 30_000;
/// Most octets that a decoder takes for itself.
const MOST_MEMORY: u64 = 320 << 20;

pub(crate) fn draw(kind: Kind, size: u32, octets: &[u8]) -> Result<Picture, Undrawn> {
    let read = Cursor::new(octets);
    match kind {
        Kind::Jpeg => shown(JpegDecoder::new(read).map_err(broken)?, size),
        Kind::Png => shown(PngDecoder::with_limits(read, limits()).map_err(broken)?, size),
        Kind::Gif => shown(GifDecoder::new(read).map_err(broken)?, size),
        Kind::WebP => shown(WebPDecoder::new(read).map_err(broken)?, size),
        Kind::Pdf => Err(Undrawn::Broken),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

fn shown(mut decoder: impl ImageDecoder, size: u32) -> Result<Picture, Undrawn> {
    let (width, height) = decoder.dimensions();
    if u64::from(width).saturating_mul(u64::from(height)) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(Undrawn::TooLarge);
    }
    decoder.set_limits(limits()).map_err(|_| Undrawn::TooLarge)?;
    // Of Exif this alone is taken; a photograph lies on its side without it.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    // Nothing is made larger.
    let mut small = if width.max(height) > size { image.thumbnail(size, size) } else { image };
    small.apply_orientation(orientation);
    encode(&small)
}

#[allow(clippy::needless_pass_by_value, reason = "it stands where a function of the error is wanted")]
fn broken(_: image::ImageError) -> Undrawn {
    Undrawn::Broken
}
