//! Where among trays a request points.

use crate::place::encode;

/// A tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tray {
    /// Where invitations come in (RFC 6638 §2.2).
    Inbox,
    /// Where questions go out (RFC 6638 §2.1).
    Outbox,
}

impl Tray {
    pub(crate) const ALL: [Self; 2] = [Self::Inbox, Self::Outbox];

    /// Its name in paths.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Outbox => "outbox",
        }
    }
}

/// A place among trays; the account as the client spelled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum At {
    /// `/dav/scheduling/`
    Homes,
    /// `/dav/scheduling/<account>/`
    Home { account: String },
    /// `/dav/scheduling/<account>/inbox/`
    Tray { account: String, tray: Tray },
}

impl At {
    /// The place that these segments name; `None` for what is never there.
    pub(crate) fn parse(rest: &[&str]) -> Option<Self> {
        Some(match rest {
            [] => Self::Homes,
            [account] => Self::Home { account: (*account).to_owned() },
            [account, name] => {
                let tray = Tray::ALL.into_iter().find(|tray| tray.as_str() == *name)?;
                Self::Tray { account: (*account).to_owned(), tray }
            }
            _ => return None,
        })
    }

    /// The place as a URL's path.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Homes => "/dav/scheduling/".to_owned(),
            Self::Home { account } => format!("/dav/scheduling/{}/", encode(account)),
            Self::Tray { account, tray } => format!("/dav/scheduling/{}/{}/", encode(account), tray.as_str()),
        }
    }
}
