//! Contacts (RFC 9610): address books, and the cards in them.
//!
//! Each method that only reads has a second answer, for the account of the directory.

pub(crate) mod books;
pub(crate) mod books_set;
mod cards;
pub(crate) mod changes;
pub(crate) mod copy;
pub(crate) mod directory;
mod filter;
pub(crate) mod get;
mod put;
pub(crate) mod query;
pub(crate) mod set;
