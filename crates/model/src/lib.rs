//! The values that every crate speaks: institutions, accounts, rights, grants, references, secrets.
//!
//! No I/O, no clock, no async, and no protocol's words. Raw text becomes one of these by `parse`,
//! at the edge, and stays one.

mod account;
mod collection;
mod grant;
mod id;
mod login;
mod person;
mod reference;
mod rights;
mod secret;
mod time;

pub use account::{Account, Grantee, GroupRef};
pub use collection::{CollectionFamily, CollectionRef, Elsewhere, InvalidItemName, ItemName};
pub use grant::{Grant, Target};
pub use id::{AccountId, ExternalId, GroupId, InstitutionId, InvalidId, LinkId, MountId, RealmId};
pub use login::{InvalidLogin, Login};
pub use person::{Attributes, Group, Person, PosixIds, Standing};
pub use reference::{
    AccountRef, ExternalRef, IdentityRef, InboxRef, InstitutionRef, InvalidMailbox, InvalidPath, MailboxRef, NodePath,
    NodeRef, ResourceKind,
};
pub use rights::{InvalidRight, Rights};
pub use secret::Secret;
pub use time::Timestamp;
