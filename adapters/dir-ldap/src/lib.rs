//! A directory over LDAP (RFC 4511): OpenLDAP, 389 Directory Server and their like.
//!
//! Searches go over a few shared connections under the service account, multiplexed and renewed when they break. A
//! password is checked by a bind as the person on connections of its own. Groups are asked by member and never
//! enumerated; dynamic ones (`groupOfURLs`) are judged on the person's entry, and by the server where that cannot be.
//!
//! It must never answer with a part: a server that dies or stays silent in the middle is `Unavailable` within the
//! deadline. It never keeps a password, and never sends an empty one (RFC 4513 §5.1.2).

mod binds;
mod cache;
mod dial;
mod directory;
mod entry;
mod failure;
mod groups;
mod health;
mod listing;
mod login;
mod people;
mod provision;
mod search;
mod searchers;
mod settings;

use directory::LdapDirectory;
use passerelle_core::{
    DirectoryFactory,
    config::{Block, ConfigFault},
    ports::Directory,
};
use std::sync::Arc;

/// The kind `ldap`.
pub const FACTORY: DirectoryFactory = DirectoryFactory { kind: "ldap", build };

fn build(block: &Block) -> Result<Arc<dyn Directory>, ConfigFault> {
    Ok(Arc::new(LdapDirectory::new(settings::Settings::read(block)?)))
}
