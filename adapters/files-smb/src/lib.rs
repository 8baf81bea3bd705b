//! Files on an SMB share (Windows, Samba), without a mount.
//!
//! **Who is known to the file server.** With `user` and `password` all is done as that service account, with the gate's
//! rights in front; who signed on without a password reaches their files too, and shares them. Without, each person's own
//! password opens the person's own tree, and nothing can be shared from it.
//!
//! **Conditions.** A tag is made of the file's index number, size, time of change of its content and of itself: equal tags
//! mean equal octets where the server counts times finely (100 ns). Writes go to a hidden file beside the old one, which is
//! renamed over it in one step. Between the look at the condition and that step a writer on the share itself can slip in; the
//! gate's lease keeps out other nodes.
//!
//! A file that somebody has open cannot be replaced in one step: the old one goes aside first, hidden, and comes back when
//! the new one cannot be put there. For a moment there is none, and a crash in it leaves the old one aside.
//!
//! **What a replaced file loses.** The new file has the rights that its folder gives to new files, not those that were set
//! on the old file alone, and none of its named streams.
//!
//! **Links.** Symbolic links and junctions are not followed and not shown. A link that somebody makes on the share between
//! the look and the act is followed by the server.
//!
//! **Names** are as the server has them: on most, `a` and `A` are the same. Rights hang on the name as it was written.
//! Characters that SMB cannot carry are mapped as macOS does.
//!
//! **Not there:** DFS referrals (said in words), notices of changes, servers that demand encryption (the client library does
//! not offer it; such a server answers that access is denied, and doctor says so).

mod fault;
mod health;
mod link;
mod list;
mod meta;
mod place;
mod read;
mod settings;
mod store;
mod tree;
mod upload;

use passerelle_core::FilesFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: FilesFactory = FilesFactory { kind: "smb", build: store::SmbFiles::build };
