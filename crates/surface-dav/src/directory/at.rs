//! Where in the directory a request points.

use crate::place::encode;
use passerelle_model::AccountId;

/// What a card's name ends with.
const ENDING: &str = ".vcf";

/// A place in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// `/dav/directory/`
    Gateway,
    /// `/dav/directory/<login>.vcf`
    Card(AccountId),
}

impl At {
    /// The place that these segments name; `None` for what is never there.
    pub(crate) fn parse(rest: &[&str]) -> Option<Self> {
        match rest {
            [] => Some(Self::Gateway),
            [name] => AccountId::parse(name.strip_suffix(ENDING)?).ok().map(Self::Card),
            _ => None,
        }
    }

    /// The place as a URL's path.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Gateway => "/dav/directory/".to_owned(),
            Self::Card(login) => format!("/dav/directory/{}", encode(&name_of(login))),
        }
    }
}

/// What somebody's card is called.
pub(super) fn name_of(login: &AccountId) -> String {
    format!("{login}{ENDING}")
}
