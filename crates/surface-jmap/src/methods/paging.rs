//! Which part of a result is wanted (RFC 8620 §5.5).

use crate::error::MethodError;

/// Where a part begins: at a position, from the end where that is negative, or so far from an anchor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) position: i64,
    pub(crate) anchor: Option<&'a str>,
    pub(crate) anchor_offset: i64,
}

impl Start<'_> {
    /// Its index in a result of so many, in which `at` finds an anchor.
    ///
    /// # Errors
    /// `anchorNotFound`.
    pub(crate) fn index(self, total: usize, at: impl FnOnce(&str) -> Option<usize>) -> Result<usize, MethodError> {
        let signed = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let index = match self.anchor {
            Some(anchor) => {
                let found = at(anchor).ok_or_else(|| MethodError::new("anchorNotFound"))?;
                signed(found).saturating_add(self.anchor_offset)
            }
            None if self.position < 0 => signed(total).saturating_add(self.position),
            None => self.position,
        };
        Ok(usize::try_from(index.max(0)).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn where_a_part_begins() {
        let index = |position, anchor, anchor_offset| {
            Start { position, anchor, anchor_offset }.index(10, |it| (it == "known").then_some(4)).map_err(|_| ())
        };
        assert_eq!([index(3, None, 9), index(-3, None, 0), index(-30, None, 0)], [Ok(3), Ok(7), Ok(0)]);
        assert_eq!([index(3, Some("known"), 2), index(0, Some("known"), -9)], [Ok(6), Ok(0)]);
        assert_eq!(index(0, Some("other"), 0), Err(()));
    }
}
