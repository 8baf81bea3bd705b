//! Files on an SSH server, by SFTP version 3 (draft-ietf-secsh-filexfer-02) with OpenSSH's extensions (its `PROTOCOL` file).
//!
//! **Who is known to the server.** With `user` and a key or password all is done as that service account, with the gate's
//! rights in front; who signed on without a password reaches their files too, and shares them. Without, each person's own
//! password opens the person's own tree, and nothing can be shared from it. The server's own key is pinned in the settings:
//! another one is refused, and its fingerprint told.
//!
//! **Commit.** A file is written to a hidden name beside its goal, put on the disk where the server can say so
//! (`fsync@openssh.com`), and renamed over the goal in one step (`posix-rename@openssh.com`). A server without that lets the
//! old one go aside first: for a moment there is none.
//!
//! **Tags and conditions.** Version 3 tells size and a time of change in whole seconds, and no number of the file. What is
//! written here gets a time of its own: a new content is never as old as the one that it replaces, if need be a second in the
//! future. A writer that goes past the gateway within the same second, with as many octets, is not seen; nor is a file that
//! is removed and made anew within a second. The gate's lease keeps out other nodes.
//!
//! **What a replaced file loses**: its owner and group, where the account may not give files away, and its attributes. It
//! keeps its mode.
//!
//! **Links.** Symbolic links are not followed and not shown. One that somebody makes on the server between the look and the
//! act is followed by the server.

mod fault;
mod health;
mod identity;
mod link;
mod list;
mod meta;
mod place;
mod powers;
mod read;
mod settings;
mod store;
mod tree;
mod upload;
mod write;

use passerelle_core::FilesFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: FilesFactory = FilesFactory { kind: "sftp", build: store::SftpFiles::build };
