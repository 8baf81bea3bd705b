//! Files on an FTP server that knows MLST and MLSD (RFC 3659), by TLS (RFC 4217) or, on this machine, in clear.
//!
//! **Who is known to the server.** With `user` and `password` all is done as that service account, with the gate's rights in
//! front; who signed on without a password reaches their files too, and shares them. Without, each person's own password
//! opens the person's own tree, and nothing can be shared from it.
//!
//! **Commit.** A file is sent to a hidden name beside its goal and renamed over it (RNFR, RNTO), once the server has said that
//! it took it and tells as many octets as were sent. Most servers put it in the old one's place in one step; with one that
//! refuses the old one goes aside first: for a moment there is none.
//!
//! **Tags and conditions.** The server's number of the file (`unique`), its size, and its time of change, most often in whole
//! seconds. Where the server takes a time (`MFMT`), a new content is never as old as the one that it replaces, if need be a
//! second in the future. There is no renaming that spares what is there, and no condition of the server's: between the last
//! look and the renaming a writer that goes past the gateway can slip in. The gate's lease keeps out other nodes.
//!
//! **What there is not:** copies by the server (they pass through the gateway), room, and a word for "you may not": many
//! servers answer 550 for what is missing and for what is refused, so what may not be looked at is missing.
//!
//! **Links** on the server are the server's affair. Some call a link to a folder a folder: removing takes the link away and
//! leaves what it leads to, and what may not be removed is not looked into. A copy refuses a folder that holds itself.

mod connection;
mod copy;
mod facts;
mod fault;
mod health;
mod lease;
mod list;
mod litter;
mod place;
mod read;
mod settings;
mod store;
mod tree;
mod upload;

use passerelle_core::FilesFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: FilesFactory = FilesFactory { kind: "ftp", build: store::FtpFiles::build };
