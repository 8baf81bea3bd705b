//! CALDAV:text-match and CARDDAV:text-match (RFC 4791 §9.7.5, RFC 6352 §10.5.4).

use crate::collation::{Collation, MatchType};

/// A condition on a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextMatch {
    /// As the collation compares it.
    wanted: String,
    collation: Collation,
    place: MatchType,
    negated: bool,
}

impl TextMatch {
    /// The text has `wanted` at this place.
    pub fn new(wanted: &str, collation: Collation, place: MatchType) -> Self {
        Self { wanted: collation.folded(wanted).into_owned(), collation, place, negated: false }
    }

    /// The opposite: negate-condition.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { negated: !self.negated, ..self }
    }

    /// Whether it holds for a text.
    pub fn matches(&self, text: &str) -> bool {
        self.place.holds(&self.collation.folded(text), &self.wanted) != self.negated
    }
}
