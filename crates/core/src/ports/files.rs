//! The port to a file store.

use super::{ByteStream, Fut, Health};
use crate::{
    Permit, Result,
    rights::{Add, Edit, Lookup, Read, Remove},
};
use bytes::Bytes;
use futures::Stream;
use passerelle_model::{Account, NodeRef};
use std::{fmt, ops::Range, pin::Pin};

/// The folder, right below the root of a tree, in which uploads in parts wait, each in a folder of its own, until they are put
/// together. A store neither lists nor copies it, but lets the gate in by name, which lets nobody else in and removes what
/// nobody came back for.
pub const TRANSFERS: &str = ".~passerelle-transfers";

/// How the name of a folder begins, right below the root of a tree, in which the parts of an upload that is over lie while they
/// are removed. A store treats it as [`TRANSFERS`], and removes one that is a day old when the root is listed, like other
/// uploads that were given up.
pub const TRANSFER: &str = ".~passerelle-new-transfer-";

/// A path below the folders of uploads in parts, or as it is: what of it must not be a name of the store's own.
pub fn beyond_transfer(path: &str) -> &str {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    if first == TRANSFERS || first.starts_with(TRANSFER) { rest } else { path }
}

/// A tree of files.
///
/// What a store may hold of its own beside users' files (temporary files of an upload) is neither listed nor
/// reachable by name, but for [`TRANSFERS`]. Symbolic links are not followed out of the tree.
pub trait FileStore: Health {
    /// What is at this place.
    ///
    /// # Errors
    /// `NotFound` when nothing is.
    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node>;

    /// What is in this folder, in bounded batches and no particular order. An error midway ends the stream: absent is
    /// never a word for unavailable (invariant 13).
    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream>;

    /// Opens a file. What is read later comes from the file that was opened, even when it has been replaced since.
    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>>;

    /// Begins a new file. Nothing is visible before [`Upload::commit`], which fails with `Conflict` when the name is
    /// taken by then. `length` is what the client declared, to refuse early what cannot fit.
    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>>;

    /// Begins to replace an existing file's content; it keeps its owner, mode and attributes.
    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>>;

    /// Makes a folder.
    ///
    /// # Errors
    /// `Conflict` when the name is taken, `NoParent` when the folder above is missing.
    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node>;

    /// Removes a file, or a folder with all that is in it.
    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()>;

    /// Moves within this store, in one step where the store can.
    fn rename<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Remove>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
    ) -> Fut<'a, ()>;

    /// Copies within this store; folders with all that is in them when `deep`.
    fn copy<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Read>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
        deep: bool,
    ) -> Fut<'a, ()>;

    /// Whether the store makes its calls as the owner of a tree, and not as an account of its own. Then every permit says
    /// by what numbers the file server knows the owner ([`Permit::owner_numbers`]), whoever acts: what somebody was
    /// granted is done as the owner would do it.
    fn acts_as_owner(&self) -> bool {
        false
    }

    /// Where an owner's tree is, in the operator's words: a path, a URL. `None` where the store cannot say.
    fn whereabouts(&self, _owner: &Account) -> Option<String> {
        None
    }

    /// The power to tell how much room there is.
    fn as_quota(&self) -> Option<&dyn Quota> {
        None
    }
}

/// What to do when the destination of a move or copy is taken.
#[derive(Debug, Clone, Copy)]
pub enum Existing<'a> {
    /// Fail with `Conflict`.
    Keep,
    /// Take its place; the permit proves that it may be removed.
    Replace(&'a Permit<NodeRef, Remove>),
}

/// How much room an owner has.
pub trait Quota: Send + Sync {
    /// The room at this place.
    fn space<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Space>;
}

/// Room, in octets (RFC 4331).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Still free for this owner.
    pub available: u64,
    /// Used.
    pub used: u64,
}

/// A file or a folder as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name; empty for the root of a tree.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Octets; 0 for a folder.
    pub size: u64,
    /// Last change of the content.
    pub modified: FileTime,
    /// When it was made, where the store knows.
    pub created: Option<FileTime>,
    /// The entity tag.
    pub etag: ETag,
}

/// File or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// A moment as file stores keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileTime {
    /// Seconds since 1970, UTC.
    pub seconds: i64,
    /// The fraction, in nanoseconds.
    pub nanos: u32,
}

/// A strong entity tag (RFC 9110 §8.8.3) without its quotes: equal tags mean equal octets. Letters, digits and hyphens.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// Longest tag, in octets.
    pub const LONGEST: usize = 96;

    /// A tag from facts of the store; characters that a tag cannot have become hyphens.
    pub fn new(facts: impl fmt::Display) -> Self {
        let mut text = facts.to_string();
        if !text.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-') {
            text = text.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        }
        text.truncate(Self::LONGEST);
        Self(text)
    }

    /// The tag without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What must hold at the moment of a commit (RFC 9110 §13.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// Something is there (`If-Match: *`).
    Exists,
    /// What is there has one of these tags (`If-Match`).
    Matches(Vec<String>),
    /// Nothing is there (`If-None-Match: *`).
    Absent,
    /// What is there, if anything, has none of these tags (`If-None-Match`).
    Differs(Vec<String>),
}

impl Precondition {
    /// Whether it holds for what is there now.
    pub fn holds(&self, now: Option<&Node>) -> bool {
        let among = |tags: &[String]| now.is_some_and(|node| tags.iter().any(|tag| tag == node.etag.as_str()));
        match self {
            Self::None => true,
            Self::Exists => now.is_some(),
            Self::Matches(tags) => among(tags),
            Self::Absent => now.is_none(),
            Self::Differs(tags) => !among(tags),
        }
    }
}

/// Batches of a listing.
pub type NodeStream = Pin<Box<dyn Stream<Item = Result<Vec<Node>>> + Send>>;

/// An opened file.
pub trait FileContent: Send {
    /// The file as it was when opened.
    fn node(&self) -> &Node;
    /// Its octets, or a part of them. A range outside of the file is the caller's mistake and yields what there is.
    fn stream(self: Box<Self>, range: ByteRange) -> ByteStream;
}

/// A range of octets: all, or from and up to but not including.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByteRange {
    /// The whole file.
    Full,
    /// A part.
    Part(Range<u64>),
}

/// A write under way. Dropped without `commit`, it leaves what was there (invariant 14).
pub trait Upload: Send {
    /// Takes the next piece.
    ///
    /// # Errors
    /// `OverQuota` when the store is full; the old content stays.
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()>;

    /// Says when the content was last changed where it comes from, in whole seconds since 1970, to be kept as its time. The
    /// fraction stays the store's own, so that entity tags differ as they would. Nothing happens where a store cannot: the node
    /// that the commit answers with tells.
    fn date(&mut self, _seconds: i64) {}

    /// Makes the whole visible in one step, if the condition still holds.
    ///
    /// # Errors
    /// `Conflict` when it does not, or when a new file's name was taken meanwhile.
    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a;
}
