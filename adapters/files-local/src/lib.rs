//! Files in a local or NFS folder, one tree for each owner.
//!
//! Nothing outside of an owner's tree can be reached: every name is resolved by `openat2` beneath the opened root of the
//! tree, and what changes a folder works on the opened folder and one last name. Symbolic links are not followed at all,
//! inside the tree neither: rights and locks hang on paths, and a link would lead around them. A link is not listed and
//! answers as if it were not there; moving or removing its folder takes it along.
//!
//! Also not there: names that are not UTF-8 or have control characters, sockets, devices, and this adapter's own
//! temporary files (`.~passerelle-…`), which a listing sweeps when they are older than a day.
//!
//! **Entity tags** are made of inode, size, mtime and ctime in nanoseconds. What is written here gets an exact mtime, so
//! equal tags mean equal octets among writers that come through the gateway. Somebody who writes to the share directly
//! twice within one tick of the kernel's clock (up to 10 ms), in place and with the same size, leaves the same tag.
//!
//! **Conditions** are checked on the present file right before the rename. The gate's lease keeps out other nodes; a
//! writer on the share itself can slip between the two system calls.
//!
//! **Replacing** a file makes a new one beside it, gives it the old one's owner, group, mode, ACL and extended attributes,
//! and renames it into place. Where the system does not let us give them, the old file is overwritten in place, which is
//! not atomic: a crash within it leaves a mixture. Hard links to the old file keep the old content in the first case.
//!
//! **Whose account.** With `act_as = "service"` every call is made as the gateway's own account. With `"owner"` those whose
//! outcome depends on who makes them are made by a helper process, on a thread that is the owner ([`HandsHelper`]); what it
//! opens is handed back, and nothing is ever tried with the gateway's own rights instead. Nothing is renamed between two
//! owners then: no call is made as two people.
//!
//! **Slow shares.** System calls run on threads kept for such calls, with a deadline and at most [`MOST_CALLS`] of them
//! for one store, so that a hung NFS server stops only its own users. What the kernel has in memory of a local disk is
//! read without changing threads.
//!
//! **Large folders** of a local disk that are listed again and again are watched ([`mod@watch`]), and only what has changed is asked for.
//!
//! **A missing root** is a fault of the share and never an empty tree. With `create = true` it is made, so the share must
//! be mounted before the gateway starts, or `path` must begin with a folder that only the share has: else homes are made
//! on the mount point.
//!
//! Needs Linux 5.6 (`openat2`); 5.8 for a helper (`STATX_MNT_ID`); 5.12 for the short cut.

mod buffers;
mod copy;
mod fault;
mod hands;
mod health;
mod helper;
mod keep;
mod lanes;
mod list;
mod meta;
mod owner;
mod packet;
mod place;
mod read;
mod remove;
mod settings;
mod share;
mod store;
mod temp;
mod upload;
mod watch;
mod wire;

use passerelle_core::FilesFactory;

pub use helper::{HandsHelper, HandsOptions, MOST_CONNECTIONS};
pub use share::{MOST_CALLS, MOST_TREES};
pub use store::LocalFiles;

/// How the gateway gets at this adapter.
pub const FACTORY: FilesFactory = FilesFactory { kind: "local", build: LocalFiles::build };
