//! vCards (RFC 6350, RFC 2426, vCard 2.1): facts for an index, and what CardDAV demands (RFC 6352 §5.1, §6.3.2.1).

use crate::{Component, Property, Wrong, unescaped};

/// Most members of a group that are told.
pub const MOST_MEMBERS: usize = 20_000;

/// A version of vCard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardVersion {
    /// 2.1, of vcard-21: telephones still write it.
    V2,
    /// 3.0, of RFC 2426.
    V3,
    /// 4.0, of RFC 6350.
    V4,
}

/// What a card stands for (RFC 6350 §6.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// A person, and what is not told.
    Individual,
    /// A group; by Apple's X-ADDRESSBOOKSERVER-KIND as well.
    Group,
    /// An organization.
    Organization,
    /// A place.
    Location,
    /// Something else.
    Other,
}

/// One card.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    card: Component<'a>,
}

/// Facts of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFacts {
    /// The UID; a card need not have one.
    pub uid: Option<String>,
    /// FN.
    pub full_name: String,
    /// Addresses of mail, in their order.
    pub emails: Vec<String>,
    /// What it stands for.
    pub kind: CardKind,
    /// URIs of a group's members, up to [`MOST_MEMBERS`].
    pub members: Vec<String>,
    /// Its version; nothing where it tells none that is known.
    pub version: Option<CardVersion>,
}

/// The precondition of RFC 6352 §6.3.2.1 that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardPrecondition {
    /// CARDDAV:supported-address-data: a version that is not stored.
    SupportedAddressData,
    /// CARDDAV:valid-address-data.
    ValidAddressData,
}

impl CardPrecondition {
    /// The name of the element in the namespace of CardDAV.
    pub fn element(self) -> &'static str {
        match self {
            Self::SupportedAddressData => "supported-address-data",
            Self::ValidAddressData => "valid-address-data",
        }
    }
}

/// Why a card cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfitCard {
    /// What it fails.
    pub precondition: CardPrecondition,
    /// The line where that shows, from 1.
    pub line: usize,
    /// The reason, for people.
    pub what: String,
}

impl std::fmt::Display for UnfitCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for UnfitCard {}

impl<'a> Card<'a> {
    /// Reads one card.
    ///
    /// # Errors
    /// The first line that is wrong, or that it is not exactly one VCARD.
    pub fn read(octets: &'a [u8]) -> Result<Self, Wrong> {
        let mut all = Component::cards(octets)?.into_iter();
        match (all.next(), all.next()) {
            (Some(card), None) => Self::of(card),
            (Some(_), Some(second)) => Err(Wrong::malformed(second.line(), "a second card: one VCARD is read")),
            (None, _) => Err(Wrong::malformed(0, "no VCARD")),
        }
    }

    /// One card of those that [`Component::cards`] has read.
    ///
    /// # Errors
    /// That it is no VCARD.
    pub fn of(card: Component<'a>) -> Result<Self, Wrong> {
        if card.is("VCARD") {
            Ok(Self { card })
        } else {
            Err(Wrong::malformed(card.line(), "a component that is not VCARD"))
        }
    }

    /// The VCARD.
    pub fn component(&self) -> &Component<'a> {
        &self.card
    }

    /// Its version.
    pub fn version(&self) -> Option<CardVersion> {
        match self.card.property("VERSION")?.value().trim() {
            "2.1" => Some(CardVersion::V2),
            "3.0" => Some(CardVersion::V3),
            "4.0" => Some(CardVersion::V4),
            _ => None,
        }
    }

    /// Its facts.
    pub fn facts(&self) -> CardFacts {
        let text = |property: &Property<'a>| unescaped(&property.decoded()).trim().to_owned();
        let kinds = ["KIND", "X-ADDRESSBOOKSERVER-KIND"];
        let kind = kinds.iter().find_map(|name| self.card.property(name)).map(text).unwrap_or_default();
        let members =
            self.card.properties.iter().filter(|one| one.is("MEMBER") || one.is("X-ADDRESSBOOKSERVER-MEMBER"));
        CardFacts {
            uid: self.card.property("UID").map(text).filter(|uid| !uid.is_empty()),
            full_name: self.card.property("FN").map(text).unwrap_or_default(),
            emails: self.card.all("EMAIL").map(text).filter(|email| !email.is_empty()).collect(),
            kind: CardKind::parse(&kind),
            members: members.map(text).take(MOST_MEMBERS).collect(),
            version: self.version(),
        }
    }

    /// Whether CardDAV allows this as one resource.
    ///
    /// # Errors
    /// The first demand that it does not meet.
    pub fn fit(&self) -> Result<CardVersion, UnfitCard> {
        let unfit = |precondition, line, what: &str| Err(UnfitCard { precondition, line, what: what.to_owned() });
        let missing = |name: &str| self.card.property(name).is_none_or(|one| one.value().trim().is_empty());
        let line = self.card.property("VERSION").map_or(self.card.line(), |version| version.line());
        let version = match self.version() {
            Some(version @ (CardVersion::V3 | CardVersion::V4)) => version,
            Some(CardVersion::V2) => {
                return unfit(
                    CardPrecondition::SupportedAddressData,
                    line,
                    "a card of version 2.1: 3.0 and 4.0 are stored",
                );
            }
            None => return unfit(CardPrecondition::ValidAddressData, line, "no VERSION that is known: 3.0 or 4.0"),
        };
        // RFC 6352 §5.1: the UID is how a card is known.
        for name in ["UID", "FN"] {
            if missing(name) {
                return unfit(CardPrecondition::ValidAddressData, self.card.line(), &format!("a card without {name}"));
            }
        }
        if let Some(second) = self.card.all("UID").nth(1) {
            return unfit(CardPrecondition::ValidAddressData, second.line(), "a second UID");
        }
        if let Some(broken) = self.card.all("UID").find(|uid| uid.is_broken()) {
            return unfit(CardPrecondition::ValidAddressData, broken.line(), "a UID that is not UTF-8");
        }
        // RFC 2426 §3.1.2: N is asked for in 3.0, be it empty.
        if version == CardVersion::V3 && self.card.property("N").is_none() {
            return unfit(CardPrecondition::ValidAddressData, self.card.line(), "a card of version 3.0 without N");
        }
        Ok(version)
    }
}

impl CardKind {
    fn parse(value: &str) -> Self {
        match value.to_ascii_lowercase().as_str() {
            "" | "individual" => Self::Individual,
            "group" => Self::Group,
            "org" => Self::Organization,
            "location" => Self::Location,
            _ => Self::Other,
        }
    }
}
