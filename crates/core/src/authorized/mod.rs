//! Handles: what the gate hands out. Methods exist only for the right a handle carries.

mod account;
mod accounts;
mod administration;
mod busy;
mod collection;
mod collection_sync;
mod collection_write;
mod external;
mod feeds;
mod filters;
mod gateway_groups;
mod grantee;
mod groups;
mod guard;
mod health;
mod identity;
mod images;
mod imports;
mod inbox;
mod institution;
mod links;
mod mailbox;
mod maildrop_uids;
mod node;
mod node_acl;
mod node_picture;
mod node_search;
mod node_sync;
mod opened_mailbox;
mod portals;
mod preferences;
mod published;
mod scanning;
mod settings;
mod sharing;
mod sync_index;
mod transfer;
mod transfer_bounds;

pub use account::{LONGEST_NAME, MOST_APP_PASSWORDS, NewAppPassword};
pub use accounts::{Administered, LONGEST_NEW_LOGIN, Whereabouts};
pub use administration::{MOST_CLIENTS, MOST_LINES, MOST_PATTERNS, NewApiClient};
pub use busy::{BusyAsk, BusyIn, Taken, TakenHow};
pub use collection::Discreet;
pub(crate) use collection_sync::token_of;
pub use collection_sync::{CollectionChanges, ItemChange};
pub(crate) use external::reseal_all;
pub use external::{ExternalFolder, ExternalRefused, Freshness, LONGEST_LABEL, MOST_EXTERNAL};
pub use feeds::{FeedRefused, MOST_SUBSCRIPTIONS, NewFeed, SeenFeed};
pub use health::ACTIVE_WITHIN;
pub use identity::{Delivered, Named, Opening, Sending, Undelivered};
pub use imports::{ImportMode, ImportOutcome, Imported};
pub use inbox::{Landed, Letter};
pub use institution::MOST_FOUND;
pub(crate) use links::visits_by;
pub use links::{
    LONGEST_LINK_LABEL, LinkUse, Linkable, MOST_LINKS_TO_ONE, MadeLink, NewLink, SHORTEST_LINK_PASSWORD, Shared,
};
pub use node::NewLock;
pub use node_search::{
    LONGEST_SEARCH, MOST_ENTRIES_SEARCHED, MOST_FOLDERS_SEARCHED, MOST_NAMES_FOUND, NameHit, NameSearch, SearchStop,
};
pub use node_sync::{FolderChange, FolderChanges};
pub use opened_mailbox::OpenedMailbox;
pub use portals::Holding;
pub use preferences::{LONGEST_PREFERENCE, MOST_PREFERENCES};
pub use published::{Aliases, ZoneIn};
pub use scanning::{Screening, Unfit};
pub use settings::{ChangedSetting, MOST_CHANGES, SettingInForce, SettingsChange};
pub use sharing::Shareable;
pub use transfer::{Assembly, Part, Transfer};
pub(crate) use transfer_bounds::Waiting;

use crate::{Resource, house::House, permit::Permit};
use passerelle_model::Rights;
use std::{fmt, sync::Arc};

/// A checked handle on one thing: a snapshot, to be opened again for the next request.
pub struct Authorized<T: Resource, R> {
    pub(crate) permit: Permit<T, R>,
    pub(crate) port: Arc<T::Port>,
    pub(crate) house: Arc<House>,
    pub(crate) held: Rights,
}

impl<T: Resource, R: crate::Right> Authorized<T, R> {
    /// What was opened.
    pub fn target(&self) -> &T {
        self.permit.target()
    }

    /// All the rights that the actor holds here, for surfaces that show them.
    pub fn rights(&self) -> Rights {
        self.held
    }
}

impl<T: Resource, R> fmt::Debug for Authorized<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorized({:?})", self.permit)
    }
}
