//! What clients call the parts of a file that they send in parts, and the order in which they make the whole.
//!
//! As Nextcloud's developer manual has it ("Chunked file upload", version 2), a number from 1 to 10000 ([`Part::Number`]). rclone
//! names a part by the octets that it holds, `000000000000000-000000010485759` ([`Part::Octets`]), as the version before had it.

use std::{fmt, str::FromStr};

/// Most parts by number.
const MOST: u32 = 10_000;
/// Most digits of a name.
const LONGEST: usize = 20;

/// A part of a file, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// `1*DIGIT`
    Number(u32),
    /// `1*DIGIT "-" 1*DIGIT`: its first octet in the file, and its last.
    Octets(u64, u64),
}

/// No name of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoPart;

impl FromStr for Part {
    type Err = NoPart;

    fn from_str(name: &str) -> Result<Self, NoPart> {
        if let Some((first, last)) = name.split_once('-') {
            let (first, last) = (number(first)?, number(last)?);
            return if first <= last { Ok(Self::Octets(first, last)) } else { Err(NoPart) };
        }
        match u32::try_from(number(name)?) {
            Ok(number @ 1..=MOST) => Ok(Self::Number(number)),
            _ => Err(NoPart),
        }
    }
}

/// The one name under which a part is kept, however many zeros the client writes before it.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number:05}"),
            Self::Octets(first, last) => write!(f, "{first:015}-{last:015}"),
        }
    }
}

fn number(digits: &str) -> Result<u64, NoPart> {
    let is_one = (1..=LONGEST).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_digit());
    if is_one { digits.parse().map_err(|_| NoPart) } else { Err(NoPart) }
}

/// Puts parts in order, each with its size, and says how long the whole is.
///
/// # Errors
/// [`NoPart`] when one is missing, overlaps another, or is not as long as its name says.
pub(crate) fn ordered(mut parts: Vec<(Part, u64)>) -> Result<(Vec<Part>, u64), NoPart> {
    parts.sort_unstable();
    let mut whole = 0_u64;
    for (expected, (part, size)) in (1..).zip(&parts) {
        let fits = match *part {
            Part::Number(number) => number == expected,
            Part::Octets(first, last) => {
                first == whole && last.checked_sub(first).and_then(|it| it.checked_add(1)) == Some(*size)
            }
        };
        whole = whole.checked_add(*size).filter(|_| fits).ok_or(NoPart)?;
    }
    Ok((parts.into_iter().map(|(part, _)| part).collect(), whole))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use Part::{Number, Octets};
    use proptest::prelude::*;

    #[test]
    fn names() {
        for (name, part) in [
            ("1", Ok(Number(1))),
            ("00010", Ok(Number(10))),
            ("10000", Ok(Number(10_000))),
            ("000000000000000-000000010485759", Ok(Octets(0, 10_485_759))),
            ("0", Err(NoPart)),
            ("10001", Err(NoPart)),
            ("5-4", Err(NoPart)),
            ("", Err(NoPart)),
            ("-", Err(NoPart)),
            ("1-", Err(NoPart)),
            ("1-2-3", Err(NoPart)),
            ("+1", Err(NoPart)),
            (".file", Err(NoPart)),
            ("99999999999999999999", Err(NoPart)),
            ("000000000000000000001", Err(NoPart)),
        ] {
            assert_eq!(name.parse(), part, "{name}");
        }
    }

    #[test]
    fn order_and_gaps() {
        let numbers = |numbers: &[u32]| numbers.iter().map(|number| (Number(*number), 3)).collect::<Vec<_>>();
        assert_eq!(ordered(numbers(&[2, 10, 1, 3, 4, 5, 6, 7, 8, 9])).map(|it| (it.0.len(), it.1)), Ok((10, 30)));
        assert_eq!(ordered(Vec::new()), Ok((Vec::new(), 0)));
        for gap in [&[2][..], &[1, 3], &[1, 1]] {
            assert_eq!(ordered(numbers(gap)), Err(NoPart), "{gap:?}");
        }
        let octets = |parts: &[(u64, u64, u64)]| {
            ordered(parts.iter().map(|(first, last, size)| (Octets(*first, *last), *size)).collect())
        };
        assert_eq!(octets(&[(5, 6, 2), (0, 4, 5)]), Ok((vec![Octets(0, 4), Octets(5, 6)], 7)));
        for wrong in
            [&[(0, 4, 4)][..], &[(0, 4, 5), (6, 7, 2)], &[(0, 4, 5), (4, 7, 4)], &[(1, 4, 4)], &[(0, u64::MAX, 0)]]
        {
            assert_eq!(octets(wrong), Err(NoPart), "{wrong:?}");
        }
        assert_eq!(ordered(vec![(Number(1), 5), (Octets(5, 6), 2)]), Ok((vec![Number(1), Octets(5, 6)], 7)));
    }

    proptest! {
        #[test]
        fn there_and_back(first in 0..u64::MAX, more in 0..1000_u64, number in 1..=MOST) {
            for part in [Number(number), Octets(first, first.saturating_add(more))] {
                prop_assert_eq!(part.to_string().parse(), Ok(part));
            }
        }

        #[test]
        fn nothing_makes_it_panic(name in "[-0-9+. ]{0,45}") {
            let _ = name.parse::<Part>();
        }
    }
}
