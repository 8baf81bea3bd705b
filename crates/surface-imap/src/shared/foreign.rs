//! Mailboxes in other stores than the client's own: what others share, and what is in the person's accounts elsewhere. Each is
//! opened through the gate, and reached on a connection of its own.

use super::names::{Meant, meant};
use crate::relay::Relay;
use passerelle_core::{
    Add, Allows, Authorized, Error, Lookup, Manage, Read, Result, Right,
    ports::{ClientFacts, RelayConnection},
};
use passerelle_model::{Account, AccountRef, ExternalRef, MailboxRef, Rights};

/// Whose a connection is: it serves one of these only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Home {
    /// The store of somebody who shares, logged in as that owner.
    Owner(Account),
    /// A server that nobody here answers for.
    External(ExternalRef),
}

impl Home {
    /// Whether nothing that comes from there is to be believed.
    pub(crate) const fn is_external(&self) -> bool {
        matches!(self, Self::External(_))
    }
}

/// Which mailbox it is, to be opened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Shared(MailboxRef),
    /// An account elsewhere, and the folder in it, with `/` between levels.
    External(ExternalRef, String),
}

/// A mailbox, opened.
pub(crate) enum Foreign<R> {
    Shared(Authorized<MailboxRef, R>),
    External(Authorized<ExternalRef, R>, String),
}

impl<R: Allows<Lookup>> Foreign<R> {
    pub(crate) fn home(&self) -> Home {
        match self {
            Self::Shared(handle) => Home::Owner(handle.target().owner.clone()),
            Self::External(handle, _) => Home::External(handle.target().clone()),
        }
    }

    /// Its name in its store, with `/` between levels.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Shared(handle) => &handle.target().name,
            Self::External(_, folder) => folder,
        }
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Shared(handle) => Place::Shared(handle.target().clone()),
            Self::External(handle, folder) => Place::External(handle.target().clone(), folder.clone()),
        }
    }

    pub(crate) fn rights(&self) -> Rights {
        match self {
            Self::Shared(handle) => handle.rights(),
            Self::External(handle, _) => handle.rights(),
        }
    }

    /// Connects and logs in there.
    pub(crate) async fn reach(&self, client: &ClientFacts) -> Result<RelayConnection> {
        match self {
            Self::Shared(handle) => handle.reach(client).await,
            // Where the client is, is none of a stranger's business.
            Self::External(handle, _) => handle.reach().await,
        }
    }
}

impl<R: Allows<Add>> Foreign<R> {
    /// The mailbox, where its institution's scanners look at what is put there.
    pub(crate) fn screened(&self) -> Option<&Authorized<MailboxRef, R>> {
        match self {
            Self::Shared(handle) if handle.is_screened() => Some(handle),
            Self::Shared(_) | Self::External(..) => None,
        }
    }
}

impl Foreign<Manage> {
    /// It was deleted: what hung on it ends.
    pub(crate) async fn was_deleted(&self) -> Result<()> {
        match self {
            Self::Shared(handle) => handle.was_deleted().await,
            Self::External(handle, _) => handle.folders_changed().await,
        }
    }

    /// It was renamed: what hung on it goes along.
    pub(crate) async fn was_renamed(&self, to: &Self) -> Result<()> {
        match (self, to) {
            (Self::Shared(from), Self::Shared(to)) => from.was_renamed(to).await,
            (Self::External(handle, _), _) => handle.folders_changed().await,
            (Self::Shared(_), Self::External(..)) => Err(Error::NotFound),
        }
    }

    /// It was made.
    pub(crate) async fn was_made(&self) -> Result<()> {
        match self {
            Self::Shared(_) => Ok(()),
            Self::External(handle, _) => handle.folders_changed().await,
        }
    }
}

impl Relay {
    /// Opens the mailbox of this name.
    pub(crate) async fn open_named<R: Right + Allows<Lookup>>(&self, name: &[u8]) -> Result<Foreign<R>> {
        let session = self.session().await?;
        match meant(&session, name, self.enabled.is_utf8()).ok_or(Error::NotFound)? {
            Meant::Shared(mailbox) => Ok(Foreign::Shared(session.open(mailbox).await?)),
            Meant::External { label, folder } => {
                let owner = self.visitor.account().clone();
                let own = session.open::<_, Read>(AccountRef(owner.clone())).await?;
                let accounts = own.external_accounts().await?;
                let account = accounts.into_iter().find(|account| account.label == label).ok_or(Error::NotFound)?;
                let handle = session.open(ExternalRef { owner, id: account.id }).await?;
                Ok(Foreign::External(handle, folder))
            }
        }
    }

    /// Opens it again, to be read.
    pub(crate) async fn open_again(&self, place: &Place) -> Result<Foreign<Read>> {
        let session = self.session().await?;
        match place {
            Place::Shared(mailbox) => Ok(Foreign::Shared(session.open(mailbox.clone()).await?)),
            Place::External(account, folder) => {
                let handle = session.open(account.clone()).await?;
                handle.check_is_there().await?;
                Ok(Foreign::External(handle, folder.clone()))
            }
        }
    }
}
