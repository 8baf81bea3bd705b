//! Calendars and address books on a CalDAV or CardDAV server (RFC 4791, RFC 6352): Radicale, Cyrus, and others like them.
//!
//! **Who is known to the server.** With `user` and `password` all is done as that service account, with the gate's rights in front.
//! Without, each person's own password, or with `bearer = true` the token of the person's sign-on, opens the person's own
//! collections, and nothing can be shared from there.
//!
//! **Octets.** One item is fetched as it is. Many are asked for in one report, whose XML cannot tell a CRLF from an LF (XML 1.0
//! §2.11): their lines end with CRLF then, as RFC 5545 §3.1 and RFC 6350 §3.2 want.
//!
//! **Conditions** are the server's to judge, in the request that writes.
//!
//! **Changes** are what the server tells of them (RFC 6578), where it has a token; its token travels in the client's.

mod answer;
mod ask;
mod changes;
mod facts;
mod health;
mod items;
mod place;
mod store;
mod tag;

use passerelle_core::CollectionsFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: CollectionsFactory = CollectionsFactory { kind: "dav", build: store::DavCollections::build };
