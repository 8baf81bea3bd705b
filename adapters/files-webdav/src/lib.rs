//! Files on a WebDAV server (RFC 4918): Apache, Nextcloud, nginx with the methods of DAV, and others like them.
//!
//! **Who is known to the server.** With `user` and `password` all is done as that service account, with the gate's rights in
//! front; who signed on without a password reaches their files too, and shares them. Without, each person's own password, or
//! with `bearer = true` the token of the person's sign-on, opens the person's own tree, and nothing can be shared from it.
//!
//! **Commit.** A file is sent to a hidden name beside its goal and moved there when it is whole. Servers may take a MOVE over
//! a file apart into removing and renaming (Apache does): for that moment there is none. When the server is lost in it, what
//! was sent stays hidden for a day, and the answer says that the outcome is not known.
//!
//! **Conditions.** They are looked at right before that step, and once more by the server where its tag is strong (`If`,
//! RFC 4918 §10.4). With a weak tag a writer that goes past the gateway can slip in between; the gate's lease keeps out other
//! nodes.
//!
//! **Tags** are the server's, with the file's size. A weak one (RFC 9110 §8.8.1) is taken the same way: servers that count
//! times finely, as Apache does, call a tag weak only while the file is fresh. A new file that would have the tag of the one
//! it replaces is stamped anew first. Where there is no tag, size and time of change make one once the time is settled
//! (RFC 9110 §8.8.2.2); before, each look has a tag of its own.
//!
//! **What a replaced file loses**: properties, owner and rights that were set on the old file alone.
//!
//! **Links** on the server are the server's affair: it follows them, or does not.

mod facts;
mod health;
mod list;
mod litter;
mod multistatus;
mod place;
mod read;
mod room;
mod sending;
mod store;
mod tree;
mod upload;

use passerelle_core::FilesFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: FilesFactory = FilesFactory { kind: "webdav", build: store::WebdavFiles::build };
