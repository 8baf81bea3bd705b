//! `Blob` (RFC 9404; RFC 8620 §6.3): octets that are made, read and looked up by calls, for what is too small for a connection of
//! its own.

pub(crate) mod copy;
pub(crate) mod get;
pub(crate) mod lookup;
pub(crate) mod upload;

/// Largest blob that a call makes, and most octets that one answers of a blob.
pub(crate) const LARGEST: usize = 8 * 1024 * 1024;
/// Most pieces that a blob is put together of.
pub(crate) const MOST_SOURCES: usize = 64;
/// The types whose objects are looked up by a blob.
pub(crate) const TYPES: [&str; 2] = ["Email", "Mailbox"];
/// The digests that there are.
pub(crate) const DIGESTS: [&str; 1] = ["sha-256"];
