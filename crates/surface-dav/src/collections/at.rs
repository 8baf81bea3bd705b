//! Where among collections a request points.

use crate::place::encode;
use passerelle_core::{SeenCollection, Session};
use passerelle_model::{Account, CollectionFamily, CollectionRef, ItemName};

/// What stands between the owner and the name of what is shared.
const OWNED_BY: char = ':';

/// A place among collections; accounts and names as the client spelled them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// `/dav/calendars/`
    Homes(CollectionFamily),
    /// `/dav/calendars/<account>/`
    Home { family: CollectionFamily, account: String },
    /// `/dav/calendars/<account>/<name>/`
    Collection { family: CollectionFamily, account: String, name: String },
    /// `/dav/calendars/<account>/<name>/<item>`
    Item { family: CollectionFamily, account: String, name: String, item: ItemName },
}

impl At {
    /// The place that these segments name, of which the first is the family's; `None` for what is never there.
    pub(crate) fn parse(family: &str, rest: &[&str]) -> Option<Self> {
        let family = CollectionFamily::ALL.into_iter().find(|it| it.as_str() == family)?;
        Some(match rest {
            [] => Self::Homes(family),
            [account] => Self::Home { family, account: (*account).to_owned() },
            [account, name] => Self::Collection { family, account: (*account).to_owned(), name: (*name).to_owned() },
            [account, name, item] => {
                let item = ItemName::parse(item).ok()?;
                Self::Item { family, account: (*account).to_owned(), name: (*name).to_owned(), item }
            }
            _ => return None,
        })
    }

    pub(crate) const fn family(&self) -> CollectionFamily {
        match self {
            Self::Homes(family)
            | Self::Home { family, .. }
            | Self::Collection { family, .. }
            | Self::Item { family, .. } => *family,
        }
    }

    /// The collection that it is or lies in; a home stays what it is.
    pub(crate) fn collection(&self) -> Self {
        match self {
            Self::Item { family, account, name, .. } => {
                Self::Collection { family: *family, account: account.clone(), name: name.clone() }
            }
            Self::Homes(_) | Self::Home { .. } | Self::Collection { .. } => self.clone(),
        }
    }

    /// Whose home it is in, if that is an account that this session can name.
    pub(crate) fn home(&self, session: &Session) -> Option<Account> {
        match self {
            Self::Homes(_) => None,
            Self::Home { account, .. } | Self::Collection { account, .. } | Self::Item { account, .. } => {
                session.account_named(account)
            }
        }
    }

    /// The collection that it is or lies in, by whose it is.
    pub(crate) fn target(&self, session: &Session) -> Option<CollectionRef> {
        let (Self::Collection { family, name, .. } | Self::Item { family, name, .. }) = self else { return None };
        let home = self.home(session)?;
        let is_own = session.actor().account() == Some(&home);
        let shared = name.split_once(OWNED_BY).filter(|(owner, _)| is_own && owner.contains('@'));
        let (owner, name) = match shared.and_then(|(owner, name)| Some((session.account_named(owner)?, name))) {
            Some(shared) => shared,
            None => (home, name.as_str()),
        };
        CollectionRef::parse(owner, *family, name).ok()
    }

    /// The item.
    pub(crate) const fn item(&self) -> Option<&ItemName> {
        match self {
            Self::Item { item, .. } => Some(item),
            Self::Homes(_) | Self::Home { .. } | Self::Collection { .. } => None,
        }
    }

    /// The place as a URL's path.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Homes(family) => format!("/dav/{}/", family.as_str()),
            Self::Home { family, account } => format!("/dav/{}/{}/", family.as_str(), encode(account)),
            Self::Collection { family, account, name } => {
                format!("/dav/{}/{}/{}/", family.as_str(), encode(account), encode(name))
            }
            Self::Item { family, account, name, item } => {
                let (account, name, item) = (encode(account), encode(name), encode(item.as_str()));
                format!("/dav/{}/{account}/{name}/{item}", family.as_str())
            }
        }
    }
}

/// What a collection is called in a home: by its own name in its owner's, with its owner's before it in one's own.
pub(crate) fn name_in(session: &Session, home: &Account, seen: &SeenCollection) -> String {
    if seen.at.owner == *home {
        return seen.at.name().to_owned();
    }
    format!("{}{OWNED_BY}{}", session.whole_name_of(&seen.at.owner), seen.at.name())
}
