//! CARDDAV:filter (RFC 6352 §10.5) and CARDDAV:address-data (§10.4): which cards, and what of them.

use crate::card::{Card, CardVersion};
use crate::filter::ParamFilter;
use crate::write::{self, PropsSelect, named};
use crate::{TextMatch, unescaped};

/// How conditions join.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// One of them is enough.
    #[default]
    AnyOf,
    /// All must hold.
    AllOf,
}

/// A filter of cards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardFilter {
    /// How its conditions join.
    pub join: Join,
    /// Them. Without any, each card matches.
    pub props: Vec<CardPropFilter>,
}

/// A condition on properties of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPropFilter {
    /// The name, with a group or without.
    pub name: String,
    /// What must hold.
    pub test: CardPropTest,
}

/// What must hold of properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardPropTest {
    /// There is none.
    NotDefined,
    /// There is one for which this holds.
    Defined {
        /// How the conditions join.
        join: Join,
        /// On its value.
        texts: Vec<TextMatch>,
        /// On its parameters.
        params: Vec<ParamFilter>,
    },
}

impl Join {
    fn of(self, mut conditions: impl Iterator<Item = bool>) -> bool {
        match self {
            Self::AllOf => conditions.all(|holds| holds),
            Self::AnyOf => conditions.any(|holds| holds),
        }
    }
}

impl CardFilter {
    /// Whether a card matches.
    pub fn matches(&self, card: &Card<'_>) -> bool {
        self.props.is_empty() || self.join.of(self.props.iter().map(|filter| filter.matches(card)))
    }
}

impl CardPropFilter {
    fn matches(&self, card: &Card<'_>) -> bool {
        let mut properties = card.component().properties.iter().filter(|property| named(&self.name, property));
        match &self.test {
            CardPropTest::NotDefined => properties.next().is_none(),
            CardPropTest::Defined { texts, params, .. } if texts.is_empty() && params.is_empty() => {
                properties.next().is_some()
            }
            CardPropTest::Defined { join, texts, params } => properties.any(|property| {
                let decoded = property.decoded();
                let text = unescaped(&decoded);
                let of_value = texts.iter().map(|wanted| wanted.matches(&text));
                join.of(of_value.chain(params.iter().map(|param| param.matches(property))))
            }),
        }
    }
}

impl Card<'_> {
    /// The card with the properties that were asked for. VERSION is told always: without it nobody could read the rest.
    pub fn partial(&self, props: &PropsSelect) -> String {
        let mut out = String::new();
        write::within("VCARD", &mut out, |out| {
            let version = self.component().property("VERSION");
            for property in &self.component().properties {
                if version.is_some_and(|version| std::ptr::eq(version, property)) {
                    write::line(property.text(), out);
                } else if self.version() == Some(CardVersion::V2) {
                    props.write_unfolded(property, out);
                } else {
                    props.write(property, out);
                }
            }
        });
        out
    }
}
