//! The gate: the only crate that can turn a back-end into something a surface may call.
//!
//! A surface gets a [`Door`]. The door makes a [`Session`] of a password, a cookie or a link. The session opens a
//! resource: it reads the grants, takes one pure decision, and hands out an [`Authorized`] handle whose methods exist only
//! for the right it carries. Behind the handle an adapter gets a [`Permit`], which carries its target.
//!
//! A surface cannot forge a permit:
//!
//! ```compile_fail,E0624
//! use passerelle_core::{Permit, Read};
//! fn forge(target: passerelle_model::NodeRef, actor: std::sync::Arc<passerelle_core::Actor>) -> Permit<passerelle_model::NodeRef, Read> {
//!     Permit::mint(target, actor, None)
//! }
//! ```
//!
//! ... but an adapter can read what it was given:
//!
//! ```
//! use passerelle_core::{Permit, Read};
//! fn given(permit: &Permit<passerelle_model::NodeRef, Read>) -> &passerelle_model::NodeRef {
//!     permit.target()
//! }
//! ```
//!
//! A permit cannot be copied and kept:
//!
//! ```compile_fail,E0599
//! use passerelle_core::{Permit, Read};
//! fn keep(permit: &Permit<passerelle_model::NodeRef, Read>) -> Permit<passerelle_model::NodeRef, Read> {
//!     Permit::clone(permit)
//! }
//! ```
//!
//! A handle to read cannot write:
//!
//! ```compile_fail,E0599
//! use passerelle_core::{Authorized, Read};
//! fn sneak(handle: &Authorized<passerelle_model::NodeRef, Read>) {
//!     let _ = handle.replace(None);
//! }
//! ```
//!
//! ... and its twin, with the right, compiles, so that the one above fails for the reason it claims:
//!
//! ```
//! use passerelle_core::{Authorized, Edit};
//! fn fine(handle: &Authorized<passerelle_model::NodeRef, Edit>) {
//!     let _ = handle.replace(None);
//! }
//! ```
//!
//! Whoever reads a mailbox cannot remove from it:
//!
//! ```compile_fail,E0277
//! use passerelle_core::{Authorized, OpenedMailbox, Read};
//! fn sneak(open: &mut OpenedMailbox, handle: &Authorized<passerelle_model::MailboxRef, Read>) {
//!     let _ = open.remove(handle, &[1]);
//! }
//! ```
//!
//! ... and its twin may:
//!
//! ```
//! use passerelle_core::{Authorized, OpenedMailbox, Remove};
//! fn fine(open: &mut OpenedMailbox, handle: &Authorized<passerelle_model::MailboxRef, Remove>) {
//!     let _ = open.remove(handle, &[1]);
//! }
//! ```
//!
//! Whoever reads a mailbox puts nothing in:
//!
//! ```compile_fail,E0599
//! use passerelle_core::{Authorized, Read, ports::NewMessage};
//! fn sneak(handle: &Authorized<passerelle_model::MailboxRef, Read>, message: NewMessage) {
//!     let _ = handle.append(message);
//! }
//! ```
//!
//! ... and who may add, does:
//!
//! ```
//! use passerelle_core::{Add, Authorized, ports::NewMessage};
//! fn fine(handle: &Authorized<passerelle_model::MailboxRef, Add>, message: NewMessage) {
//!     let _ = handle.append(message);
//! }
//! ```
//!
//! A permit cannot be made stronger:
//!
//! ```compile_fail,E0277
//! use passerelle_core::{Edit, Permit, Read};
//! fn climb(permit: &Permit<passerelle_model::NodeRef, Read>) -> Permit<passerelle_model::NodeRef, Edit> {
//!     permit.narrow()
//! }
//! ```
//!
//! ... only weaker:
//!
//! ```
//! use passerelle_core::{Edit, Permit, Read};
//! fn descend(permit: &Permit<passerelle_model::NodeRef, Edit>) -> Permit<passerelle_model::NodeRef, Read> {
//!     permit.narrow()
//! }
//! ```
//!
//! Whoever may ask when somebody is busy puts nothing into their calendars:
//!
//! ```compile_fail,E0599
//! use passerelle_core::{Authorized, FreeBusy, Letter};
//! fn sneak(inbox: &Authorized<passerelle_model::InboxRef, FreeBusy>, letter: &dyn Letter) {
//!     let _ = inbox.deliver(letter);
//! }
//! ```
//!
//! ... and who may deliver, does:
//!
//! ```
//! use passerelle_core::{Add, Authorized, Letter};
//! fn fine(inbox: &Authorized<passerelle_model::InboxRef, Add>, letter: &dyn Letter) {
//!     let _ = inbox.deliver(letter);
//! }
//! ```
//!
//! Who manages an account does not speak for its owner:
//!
//! ```compile_fail,E0277
//! use passerelle_core::{Manage, Permit, SendAs};
//! fn speak(permit: &Permit<passerelle_model::IdentityRef, Manage>) -> Permit<passerelle_model::IdentityRef, SendAs> {
//!     permit.narrow()
//! }
//! ```
//!
//! ... and who may, may:
//!
//! ```
//! use passerelle_core::{Permit, SendAs};
//! fn speak(permit: &Permit<passerelle_model::IdentityRef, SendAs>) -> Permit<passerelle_model::IdentityRef, SendAs> {
//!     permit.narrow()
//! }
//! ```
//!
//! A surface cannot read back the credential it took:
//!
//! ```compile_fail,E0624
//! fn steal(principal: &passerelle_core::Principal) {
//!     let _ = principal.delegation();
//! }
//! ```
//!
//! A surface cannot invent a right:
//!
//! ```compile_fail,E0277
//! struct Root;
//! impl passerelle_core::Right for Root {
//!     const NEEDS: passerelle_model::Rights = passerelle_model::Rights::NONE;
//! }
//! ```

mod access_token;
mod actor;
mod api_token;
mod app_password;
mod authorized;
mod bearer;
mod calendar_users;
mod call_rates;
mod calls;
mod collection_folder;
mod collection_news;
mod collections;
pub mod config;
mod deliveries;
mod door;
mod door_api;
mod elsewhere;
mod error;
mod examinations;
mod examine;
mod folder_index;
mod frame;
mod glances;
mod held_kinds;
mod house;
mod identity;
mod import_file;
mod indexes;
mod institution;
mod items;
mod left_behind;
mod link;
mod listings;
mod mapped;
mod marking;
mod name_match;
mod node_changes;
mod numbers;
mod operator;
mod overlay;
mod permit;
mod policy;
mod portal;
pub mod ports;
mod registry;
mod resource;
mod rights;
pub mod seal;
mod seen;
mod sending_rates;
mod session;
mod shared;
mod sign_ins;
mod sign_on;
mod spans;
mod tallying;
mod throttle;
mod token;
mod uidl;
mod visitor;
mod watch;

pub use access_token::Proof;
pub use actor::{Actor, Delegation, LinkHolder, Principal, Strength, Tickets};
pub use authorized::{
    ACTIVE_WITHIN, Administered, Aliases, Assembly, Authorized, BusyAsk, BusyIn, ChangedSetting, CollectionChanges,
    Delivered, Discreet, ExternalFolder, ExternalRefused, FeedRefused, FolderChange, FolderChanges, Freshness, Holding,
    ImportMode, ImportOutcome, Imported, ItemChange, LONGEST_LABEL, LONGEST_LINK_LABEL, LONGEST_NAME,
    LONGEST_NEW_LOGIN, LONGEST_PREFERENCE, LONGEST_SEARCH, Landed, Letter, LinkUse, Linkable, MOST_APP_PASSWORDS,
    MOST_CHANGES, MOST_CLIENTS, MOST_ENTRIES_SEARCHED, MOST_EXTERNAL, MOST_FOLDERS_SEARCHED, MOST_FOUND, MOST_LINES,
    MOST_LINKS_TO_ONE, MOST_NAMES_FOUND, MOST_PATTERNS, MOST_PREFERENCES, MOST_SUBSCRIPTIONS, MadeLink, NameHit,
    NameSearch, Named, NewApiClient, NewAppPassword, NewFeed, NewLink, NewLock, OpenedMailbox, Opening, Part,
    SHORTEST_LINK_PASSWORD, Screening, SearchStop, SeenFeed, Sending, SettingInForce, SettingsChange, Shareable,
    Shared, Taken, TakenHow, Transfer, Undelivered, Unfit, Whereabouts, ZoneIn,
};
pub use bearer::Bearer;
pub use calendar_users::{CalendarUser, CalendarUserKind};
pub use call_rates::CallRates;
pub use calls::{AskedFor, Claimed, LONGEST_CALL_KEY, Noted, Repeat};
pub use collection_folder::CollectionFolder;
pub use collection_news::CollectionNews;
pub use collections::SeenCollection;
pub use deliveries::{DeliveryRules, DeliveryTrust};
pub use door::{Clock, Door, Errand, LONGEST_PASSWORD, MOST_REMEMBERED, REMEMBERED, Visit, WEB_SESSION};
pub use door_api::Program;
pub use error::{Cause, Error, Fault, Result};
pub use examinations::examined;
pub use examine::Examined;
pub use glances::{Glance, LONGEST_GLANCE};
pub use house::{HouseParts, PasswordLimits};
pub use identity::{SendingName, SendingOffer};
pub use import_file::{ImportRow, Wanted};
pub use institution::{
    Allowances, Branding, Front, Institution, LegalLink, Look, Membership, Mount, Passwords, PortalRules, Realm,
    ScanDuty, ScanningRules, SchedulingRules, SendingRules, SharedSpace, Stationed, Tenant, Tool, Tools,
};
pub use left_behind::LeftBehind;
pub use link::{LinkRoot, LinkVisit};
pub use mapped::Mapped;
pub use marking::MarkingMemory;
pub use name_match::LONGEST_SEARCHED;
pub use node_changes::{Changed, Obstacle, Replacing};
pub use operator::Operator;
pub use overlay::{Image, LANGUAGES, LARGEST_IMAGE, LONGEST_TEXT, MOST_LINKS, SETTINGS, Setting, SettingValue};
pub use permit::Permit;
pub use portal::{Failing, FailingLeg, PORTAL_SERVICE, PORTAL_SESSION, PortalSession, PortalVisit};
pub use registry::{
    CollectionsFactory, DirectoryFactory, ExternalMailFactory, FeedsFactory, FilesFactory, FiltersFactory,
    ImagesFactory, MailFactory, ScannerFactory, SsoFactory, StateFactory, SubmissionFactory,
};
pub use resource::Resource;
pub use rights::{Add, Allows, Edit, FreeBusy, Lookup, Manage, Read, Remove, Right, SendAs};
pub use seen::Seen;
pub use session::{MOST_GROUPS_ASKED, Session, Tie};
pub use sign_on::{Arrival, Outcome, SIGN_ON_COOKIE, SIGN_ON_LASTS, Way, WaysIn};
pub use spans::{Span, SpanOf};
pub use tallying::Counted;
pub use throttle::{
    ADDRESS_WINDOW, FREE_TRIES, LONGEST_WAIT, MARK_REMEMBERED, MOST_TRIES_REMEMBERED, SLOWED, TRIES_AT_ONCE,
    TRIES_BEFORE_SLOW, TRIES_REMEMBERED, subscriber,
};
pub use uidl::UidlFormat;
pub use visitor::{GrantChanges, Visitor};
pub use watch::LOST_FOR_AT_MOST;
