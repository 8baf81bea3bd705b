//! Small pictures of images and of the first page of a PDF.
//!
//! What people upload is hostile, and a decoder's work can neither be cancelled nor, for a PDF, be told from its size: forms
//! that draw each other make a page of a few octets cost years, and a deep nesting ends a process by its stack. So all that looks
//! into a file runs in a process of its own ([`child`]), which reads it from standard input, has limits of memory and time,
//! and is killed at its deadline. What it may take is bounded by [`Drawers`]. Nothing is written to disk.
//!
//! SVG and HTML are no kinds of this: they are never rendered.

mod child;
mod drawers;
mod kind;
mod pdf;
mod raster;

pub use child::child;
pub use drawers::{AT_ONCE, Drawers, Failure, LARGEST_FILE, LONGEST_WAIT, MOST_OF_ONE, MOST_WAITING, PATIENCE, Turn};
pub use kind::{HEAD, Kind};

use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder};
use std::io::Cursor;

/// The lengths of the longer side that pictures are made with, in pixels.
pub const SIZES: [u32; 4] = [96, 256, 512, 1024];
/// Most pixels that an image may have; a camera's 50 megapixels are among them.
pub const MOST_PIXELS: u64 = 64_000_000;

/// A small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/jpeg`, or `image/png` for what can be seen through.
    pub media_type: &'static str,
    /// The file. It has pixels and nothing else: no place where a photograph was taken, no name, no colour profile.
    pub octets: Vec<u8>,
}

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undrawn {
    /// It is broken, or not of its kind.
    Broken,
    /// Its header tells of more pixels than are decoded.
    TooLarge,
}

/// Draws in this process.
fn draw(kind: Kind, size: u32, octets: Vec<u8>) -> Result<Picture, Undrawn> {
    match kind {
        Kind::Jpeg | Kind::Png | Kind::Gif | Kind::WebP => raster::draw(kind, size, &octets),
        Kind::Pdf => pdf::draw(size, octets),
    }
}

/// Writes a picture down. Of an image that was decoded only its pixels are left.
fn encode(image: &DynamicImage) -> Result<Picture, Undrawn> {
    let mut octets = Vec::new();
    let is_seen_through = image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX);
    let (media_type, written) = if is_seen_through {
        let image = DynamicImage::ImageRgba8(image.to_rgba8());
        ("image/png", image.write_to(&mut Cursor::new(&mut octets), ImageFormat::Png))
    } else {
        let image = DynamicImage::ImageRgb8(image.to_rgb8());
        ("image/jpeg", image.write_with_encoder(JpegEncoder::new_with_quality(&mut octets, QUALITY)))
    };
    written.map_err(|_| Undrawn::Broken)?;
    Ok(Picture { media_type, octets })
}

/// Of a JPEG file, of 100: letters on a page can be read at it.
const QUALITY: u8 = 82;
