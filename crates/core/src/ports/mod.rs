//! What a back-end must do. Every method that touches a user's data takes a `Permit`; an optional power is a trait of
//! its own, found by asking, never a method that answers "not implemented".

mod append;
mod changes;
mod collections;
mod directory;
mod external;
mod feeds;
mod files;
mod filters;
mod health;
mod images;
mod mail;
mod mail_watch;
mod mailbox;
mod mailboxes;
mod messages;
mod provision;
mod scanner;
mod sso;
pub mod state;
mod submission;
mod summary;

pub use append::{Appended, NewMessage};
pub use changes::{Changed, Changes, Counted, MailboxState};
pub use collections::{
    Collection, CollectionFacts, CollectionItem, CollectionStore, ComponentKind, ItemChanges, KeptAsFiles,
    LARGEST_ITEM, ListedItem, MOST_COLLECTIONS, MOST_ITEMS, MOST_READ, Since, Telling,
};
pub use directory::{Directory, Page, PeoplePage};
pub use external::{
    ExternalFault, ExternalFut, ExternalMail, ExternalProtocol, ExternalServer, ExternalTls, MOST_IN_MAILDROP,
    MaildropUids, Numbered,
};
pub use feeds::{Feed, FeedAddress, FeedFault, FeedFut, FeedRead, Feeds, LONGEST_FEED_ADDRESS};
pub use files::{
    ByteRange, ETag, Existing, FileContent, FileStore, FileTime, Node, NodeKind, NodeStream, Precondition, Quota,
    Space, TRANSFER, TRANSFERS, Upload, beyond_transfer,
};
pub use filters::{
    FilterConnection, FilterPowers, FilterRelay, FilterScript, Filters, LARGEST_SCRIPT, MOST_SCRIPTS, ScriptName,
};
pub use health::{Health, Leg, Legs, Verdict};
pub use images::{LONGEST_ADDRESS, RemoteImage, RemoteImages};
pub use mail::{
    ClientFacts, Duplex, Latest, MailHeader, MailRelay, MailRoom, MailStore, MailboxStatus, RelayConnection,
    StoreStream,
};
pub use mail_watch::{MailEvent, MailEvents, MailWatching};
pub use mailbox::{
    Content, Copied, Flag, FlagChange, LastingNames, Listed, ListedFlags, MOST_LISTED, MailboxFacts, Mailboxes,
    OpenMailbox, Section, Wanted,
};
pub use mailboxes::{
    ListedMailbox, MOST_MAILBOXES, MailboxCounts, MailboxListing, MailboxPlace, MailboxTree, SpecialUse, Subscription,
    UPLOADS,
};
pub use messages::{
    DEEPEST_CONDITION, Direction, Found, HeaderName, LONGEST_SOUGHT, MOST_CONDITIONS, MOST_SHOWN, MOST_SORTED_HERE,
    Messages, Place, Query, Search, SortBy, SortKey, Window,
};
pub(crate) use sso::check_facts;
pub use sso::{
    AccessTokens, Answer, Assertion, BrowserSignOn, Call, Choice, Delegated, Destination, Ended, Headers, LARGEST_CALL,
    LONGEST_FACTS, Once, Parameters, PortalWord, Prompt, Refreshing, Registered, SignOnStart, SignedOn, SsoProvider,
    Through, Ticketing, TokenHolder, Tokens, Vouched, Vouching,
};

pub use provision::{
    AccountLock, Details, Field, GroupChange, LONGEST_VALUE, MOST_MEMBERS, MOST_VALUES, Matching, MemberChange,
    NewAccount, NewGroup, Part, Provision, ProvisionAccounts, ProvisionGroups,
};

pub use scanner::{Finding, Looked, Mark, Scan, ScanFacts, ScanOf, Scanner};
pub use submission::{Abilities, Begun, Envelope, MtaReply, Recipient, Returned, Submission, Transaction};
pub use summary::{
    DEEPEST_PART, Item, Items, LONGEST_TEXT_SHOWN, MOST_ADDRESSES, MOST_PARTS, MailAddress, MailEnvelope, MailPart,
    Structure, Summaries, Summary,
};

use crate::Result;
use std::{future::Future, pin::Pin};

/// A boxed future: ports are chosen at run time, for each institution.
pub type Fut<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A body in bounded pieces. An error ends it, and must end the transport: what was cut short never looks complete.
pub type ByteStream = Pin<Box<dyn futures::Stream<Item = Result<bytes::Bytes>> + Send>>;
