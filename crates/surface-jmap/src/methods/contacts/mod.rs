//! Contacts (RFC 9610): address books, and the cards in them.

pub(crate) mod books;
pub(crate) mod changes;
