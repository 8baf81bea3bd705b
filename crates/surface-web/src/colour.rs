//! The contrast guard: whatever colour an institution chooses, text on it and in it can be read (WCAG 2.2 §1.4.3, 4.5:1).

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colour([u8; 3]);

/// The contrast that text needs.
const READABLE: f64 = 4.5;
/// How much of the colour is under what is chosen, in hundredths, and what the browser may mix otherwise.
const CHOSEN: u16 = 12;
const ROUNDED: f64 = 0.1;
const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);
/// The surfaces that text in the colour stands on, light and dark.
const LIGHT: Colour = Colour([0xf5, 0xf6, 0xf8]);
const DARK: Colour = Colour([0x1c, 0x20, 0x25]);

impl Colour {
    /// For an institution without a colour.
    pub(crate) const FALLBACK: Self = Self([0x1f, 0x4e, 0x79]);

    /// Reads `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |at: usize| u8::from_str_radix(digits.get(at..at.checked_add(2)?)?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// White or black: what can be read on it. One of the two always can.
    pub(crate) fn on(self) -> Self {
        if contrast(self, WHITE) >= READABLE { WHITE } else { BLACK }
    }

    /// The colour itself, darkened until it can be read as text on light paper, and on what is chosen there.
    pub(crate) fn as_text_on_light(self) -> Self {
        self.until(0, |it| contrast(it, LIGHT) >= READABLE && contrast(it, it.chosen()) >= READABLE + ROUNDED)
    }

    /// The colour itself, lightened until it can be read as text on dark paper.
    pub(crate) fn as_text_on_dark(self) -> Self {
        self.until(255, |it| contrast(it, DARK) >= READABLE)
    }

    fn until(self, towards: u8, is_readable: impl Fn(Self) -> bool) -> Self {
        let mut steps = (0..=20_u16).map(|step| self.mixed(towards, step));
        steps.find(|it| is_readable(*it)).unwrap_or(Self([towards; 3]))
    }

    /// White with a little of the colour: the paper under what is chosen (`--selected` of the office).
    fn chosen(self) -> Self {
        Self(self.0.map(|part| {
            let mixed = (u16::from(part) * CHOSEN + 255 * (100 - CHOSEN)) / 100;
            u8::try_from(mixed).unwrap_or(255)
        }))
    }

    /// So many twentieths of the way towards black or white.
    fn mixed(self, towards: u8, step: u16) -> Self {
        Self(self.0.map(|part| {
            let mixed = (u16::from(part) * (20 - step) + u16::from(towards) * step) / 20;
            u8::try_from(mixed).unwrap_or(towards)
        }))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// WCAG 2.2, "contrast ratio".
fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// WCAG 2.2, "relative luminance".
fn luminance(Colour(parts): Colour) -> f64 {
    let [red, green, blue] = parts.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn every_colour_can_be_read() {
        for red in (0..=255).step_by(17) {
            for green in (0..=255).step_by(17) {
                for blue in (0..=255).step_by(17) {
                    let colour = Colour([red, green, blue]);
                    assert!(contrast(colour, colour.on()) >= READABLE, "on {colour}");
                    let text = colour.as_text_on_light();
                    assert!(contrast(text, LIGHT) >= READABLE, "{colour} on light");
                    assert!(contrast(text, text.chosen()) >= READABLE, "{colour} chosen");
                    assert!(contrast(colour.as_text_on_dark(), DARK) >= READABLE, "{colour} on dark");
                }
            }
        }
    }

    #[test]
    fn a_readable_colour_stays() {
        let blue = Colour::parse("#1d4e89").unwrap();
        assert_eq!(blue.as_text_on_light(), blue);
        assert_eq!(blue.to_string(), "#1d4e89");
        assert_eq!(Colour::parse("#12345"), None);
        assert_eq!(Colour::parse("red"), None);
    }
}
