//! How texts are compared (RFC 4790, RFC 4791 §7.5.1, RFC 6352 §8.3).

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// A collation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Collation {
    /// `i;ascii-casemap`: the case of ASCII's letters says nothing. CalDAV's default.
    #[default]
    AsciiCasemap,
    /// `i;octet`: each octet counts.
    Octet,
    /// `i;unicode-casemap` (RFC 5051): the case of no letter says anything. CardDAV's default.
    UnicodeCasemap,
}

/// Where the text that is looked for has to stand (RFC 6352 §10.5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchType {
    /// It is the whole.
    Equals,
    /// Anywhere; CalDAV has nothing else.
    #[default]
    Contains,
    /// At the beginning.
    StartsWith,
    /// At the end.
    EndsWith,
}

impl Collation {
    /// A collation by its name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::AsciiCasemap, Self::Octet, Self::UnicodeCasemap];
        all.into_iter().find(|collation| collation.name() == name)
    }

    /// Its name in the registry.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsciiCasemap => "i;ascii-casemap",
            Self::Octet => "i;octet",
            Self::UnicodeCasemap => "i;unicode-casemap",
        }
    }

    /// The text whose octets are compared.
    pub(crate) fn folded(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Octet => Cow::Borrowed(text),
            Self::AsciiCasemap if !text.bytes().any(|octet| octet.is_ascii_uppercase()) => Cow::Borrowed(text),
            Self::AsciiCasemap => Cow::Owned(text.to_ascii_lowercase()),
            Self::UnicodeCasemap if text.is_ascii() => Cow::Owned(text.to_ascii_uppercase()),
            // RFC 5051 §2 maps to title case and decomposes. Upper case stands for it: the two differ for digraphs only, and
            // for those on both sides alike.
            Self::UnicodeCasemap => Cow::Owned(text.chars().flat_map(char::to_uppercase).nfkd().collect()),
        }
    }
}

impl MatchType {
    pub(crate) fn holds(self, text: &str, wanted: &str) -> bool {
        match self {
            Self::Equals => text == wanted,
            Self::Contains => text.contains(wanted),
            Self::StartsWith => text.starts_with(wanted),
            Self::EndsWith => text.ends_with(wanted),
        }
    }
}
