//! How adapters make themselves known: one constant each, listed in `gateway/src/registry.rs`.

use crate::{
    Mount,
    config::{Block, ConfigFault},
    ports::{
        CollectionStore, Directory, ExternalMail, Feeds, FileStore, Filters, Fut, MailStore, RemoteImages, Scanner,
        SsoProvider, Submission, state::State,
    },
};
use passerelle_model::CollectionFamily;
use std::{fmt, sync::Arc};

/// A kind of directory.
#[derive(Clone, Copy)]
pub struct DirectoryFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings. Opens no connection: a directory that is down must not keep the gateway from starting.
    pub build: fn(&Block) -> Result<Arc<dyn Directory>, ConfigFault>,
}

/// A kind of mail store.
#[derive(Clone, Copy)]
pub struct MailFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn MailStore>, ConfigFault>,
}

/// A kind of way to mail accounts elsewhere.
#[derive(Clone, Copy)]
pub struct ExternalMailFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn ExternalMail>, ConfigFault>,
}

/// A kind of way to pictures elsewhere.
#[derive(Clone, Copy)]
pub struct ImagesFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn RemoteImages>, ConfigFault>,
}

/// A kind of way to calendars elsewhere.
#[derive(Clone, Copy)]
pub struct FeedsFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn Feeds>, ConfigFault>,
}

/// A kind of store of filter scripts.
#[derive(Clone, Copy)]
pub struct FiltersFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn Filters>, ConfigFault>,
}

/// A kind of way to an MTA.
#[derive(Clone, Copy)]
pub struct SubmissionFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn Submission>, ConfigFault>,
}

/// A kind of scanner of messages.
#[derive(Clone, Copy)]
pub struct ScannerFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn Scanner>, ConfigFault>,
}

/// A kind of file store.
#[derive(Clone, Copy)]
pub struct FilesFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub build: fn(&Block) -> Result<Arc<dyn FileStore>, ConfigFault>,
}

/// Makes a store of one family of collections from its settings, and from the institution's trees of files, which it may stand on.
type BuildCollections = fn(&Block, CollectionFamily, &[Mount]) -> Result<Arc<dyn CollectionStore>, ConfigFault>;

/// A kind of store of calendars and address books.
#[derive(Clone, Copy)]
pub struct CollectionsFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings of one family.
    pub build: BuildCollections,
}

/// A kind of sign-on provider.
#[derive(Clone, Copy)]
pub struct SsoFactory {
    /// The provider's kind: the last word of `[realm.<id>.sso.<kind>]`, and the first part of its addresses.
    pub kind: &'static str,
    /// Reads the settings. Asks nobody yet.
    pub build: fn(&Block) -> Result<Arc<dyn SsoProvider>, ConfigFault>,
}

/// A kind of State.
#[derive(Clone, Copy)]
pub struct StateFactory {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// Reads the settings.
    pub check: fn(&Block) -> Result<(), ConfigFault>,
    /// Opens it and brings its tables up to date. The only back-end that must be there at start.
    pub open: for<'a> fn(&'a Block) -> Fut<'a, Arc<dyn State>>,
}

macro_rules! says_its_kind {
    ($($factory:ident)+) => {$(
        impl fmt::Debug for $factory {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($factory), self.kind)
            }
        }
    )+};
}
says_its_kind! {
    DirectoryFactory MailFactory ExternalMailFactory ImagesFactory FeedsFactory FiltersFactory SubmissionFactory ScannerFactory FilesFactory CollectionsFactory SsoFactory StateFactory
}
