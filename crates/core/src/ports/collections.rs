//! The port to calendars and address books: an upstream CalDAV or CardDAV server, or files.
//!
//! An item's octets pass as they are: what a client wrote is what another one reads (RFC 4791 §5.3.4).

use super::{ETag, Fut, Health, Precondition};
use crate::{
    Permit,
    rights::{Add, Edit, Lookup, Manage, Read, Remove},
};
use bytes::Bytes;
use passerelle_model::{CollectionRef, ItemName, NodePath, NodeRef};

/// Most collections of one owner and family; an owner with more is not listed rather than listed in part.
pub const MOST_COLLECTIONS: usize = 1_000;
/// Most items of one collection; one with more is not listed rather than listed in part.
pub const MOST_ITEMS: usize = 200_000;
/// Most items that are read in one call.
pub const MOST_READ: usize = 100;
/// Largest item, in octets (RFC 4791 §5.2.5 `max-resource-size`): a card with a large photograph has a few hundred thousand.
pub const LARGEST_ITEM: usize = 10 * 1024 * 1024;

/// A store of one family of collections.
pub trait CollectionStore: Health {
    /// All collections of an owner, of a permit on [`CollectionRef::all_of`]. All or an error, never a part (invariant 13).
    ///
    /// # Errors
    /// `TooLarge` beyond [`MOST_COLLECTIONS`]; `Unavailable`.
    fn collections<'a>(&'a self, of: &'a Permit<CollectionRef, Read>, tell: Telling) -> Fut<'a, Vec<Collection>>;

    /// What is known of one.
    ///
    /// # Errors
    /// `NotFound`; `Unavailable`.
    fn look<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, tell: Telling) -> Fut<'a, Collection>;

    /// Makes one.
    ///
    /// # Errors
    /// `Conflict` when the name is taken.
    fn make<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()>;

    /// Changes what is said of one: what is `Some`; an empty text takes it away.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` for what the store cannot keep.
    fn change<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()>;

    /// Removes one with all that is in it.
    ///
    /// # Errors
    /// `NotFound`.
    fn delete<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>) -> Fut<'a, ()>;

    /// All items, by name and tag. All or an error, never a part.
    ///
    /// # Errors
    /// `NotFound`; `TooLarge` beyond [`MOST_ITEMS`].
    fn items<'a>(&'a self, at: &'a Permit<CollectionRef, Read>) -> Fut<'a, Vec<ListedItem>>;

    /// Reads some, at most [`MOST_READ`], in their order; `None` for what is not there.
    ///
    /// # Errors
    /// `NotFound` when the collection is not there.
    fn read<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Read>,
        names: &'a [ItemName],
    ) -> Fut<'a, Vec<Option<CollectionItem>>>;

    /// Puts a new item in. The tag is `None` where the store keeps other octets than it was given, or cannot say.
    ///
    /// # Errors
    /// `Conflict` when the name is taken; `Invalid` when the store does not take it.
    fn add<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Add>,
        name: &'a ItemName,
        content: &'a Bytes,
    ) -> Fut<'a, Option<ETag>>;

    /// Replaces an item.
    ///
    /// # Errors
    /// `NotFound` when it is not there, or `Conflict` where the condition asks for it; `Conflict` when the condition does not hold; `Invalid` when the store does not take it.
    fn replace<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Edit>,
        name: &'a ItemName,
        content: &'a Bytes,
        when: &'a Precondition,
    ) -> Fut<'a, Option<ETag>>;

    /// Removes an item.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` where the condition asks for it; `Conflict` when the condition does not hold.
    fn remove<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Remove>,
        name: &'a ItemName,
        when: &'a Precondition,
    ) -> Fut<'a, ()>;

    /// The power to tell what changed without listing everything.
    fn as_changing(&self) -> Option<&dyn ItemChanges> {
        None
    }

    /// That its items are files in their owner's tree.
    fn as_files(&self) -> Option<&dyn KeptAsFiles> {
        None
    }
}

/// What the gate has to know of a store whose items are files in their owner's tree: others write there too, each in turn.
pub trait KeptAsFiles: Send + Sync {
    /// The folder of each owner's tree that they lie in.
    fn folder(&self) -> &NodePath;

    /// Whether permits must say by what numbers the owner is known, as for [`super::FileStore::acts_as_owner`].
    fn acts_as_owner(&self) -> bool;

    /// The file that an item lies in, or would; without a name the folder of the collection.
    ///
    /// # Errors
    /// `Unsupported` for a name that is too long for files; `Unavailable`.
    fn place<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, name: Option<&'a ItemName>) -> Fut<'a, NodeRef>;
}

/// The power to tell changes since a state (RFC 6578 at an upstream server).
pub trait ItemChanges: Send + Sync {
    /// What changed since a state of the store's own; everything without one. `None` when the store knows that state no more.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` where this server or this collection has no such states.
    fn since<'a>(&'a self, at: &'a Permit<CollectionRef, Read>, state: Option<&'a str>) -> Fut<'a, Option<Since>>;
}

/// What changed since a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// What is new or other.
    pub changed: Vec<ListedItem>,
    /// What is gone.
    pub gone: Vec<ItemName>,
    /// The state now, in the store's words.
    pub state: String,
    /// Whether the store told a part only, and more is behind the new state (RFC 6578 §3.6).
    pub more: bool,
}

/// A collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its name in addresses.
    pub name: String,
    /// What is said of it.
    pub facts: CollectionFacts,
    /// A text that changes with whatever changes in it (`getctag`), where it was asked for and the store tells one.
    pub version: Option<String>,
    /// Its state, as [`ItemChanges::since`] takes it, where it was asked for and the store tells one.
    pub state: Option<String>,
}

/// What is to be told of collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// What is said of them.
    Facts,
    /// Also how they are now: a store may have to look through all that is in them.
    States,
}

/// What is said of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionFacts {
    /// What people call it (RFC 4918 §15.2).
    pub display_name: Option<String>,
    /// More of it (RFC 4791 §5.2.1, RFC 6352 §6.2.1).
    pub description: Option<String>,
    /// Its colour, `#rrggbb` or `#rrggbbaa`, as clients of Apple's write it.
    pub colour: Option<String>,
    /// Its place among others, as clients of Apple's count.
    pub order: Option<String>,
    /// The time zone of times that say none, as iCalendar (RFC 4791 §5.2.2).
    pub time_zone: Option<String>,
    /// What it holds (RFC 4791 §5.2.3); `None` for everything, and for address books. It cannot be changed.
    pub components: Option<Vec<ComponentKind>>,
    /// Whether its events make nobody busy (RFC 6638 §9.1).
    pub is_transparent: Option<bool>,
}

/// What a calendar holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ComponentKind {
    /// Events.
    Event,
    /// Tasks.
    Task,
    /// Notes.
    Journal,
}

impl ComponentKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Event, Self::Task, Self::Journal];

    /// Its name in iCalendar (RFC 5545 §3.6).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Task => "VTODO",
            Self::Journal => "VJOURNAL",
        }
    }

    /// By its name in iCalendar.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name))
    }
}

/// An item of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedItem {
    /// Its name.
    pub name: ItemName,
    /// Equal tags mean equal octets.
    pub etag: ETag,
}

/// An item with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionItem {
    /// Equal tags mean equal octets.
    pub etag: ETag,
    /// Its octets, as they were written; none where it is too large.
    pub content: Bytes,
    /// Whether it has more than [`LARGEST_ITEM`]: somebody put it there past the gateway.
    pub is_too_large: bool,
}

impl CollectionItem {
    /// An item that can be told.
    pub const fn whole(etag: ETag, content: Bytes) -> Self {
        Self { etag, content, is_too_large: false }
    }

    /// One that is too large to be told.
    pub const fn too_large(etag: ETag) -> Self {
        Self { etag, content: Bytes::new(), is_too_large: true }
    }
}
