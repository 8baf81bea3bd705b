//! Files in a bucket of an object store that speaks S3: Ceph's radosgw, MinIO, Amazon and others like them.
//!
//! **Who is known to the store.** One access key does everything, with the gate's rights in front: no store of this kind can be
//! opened with what a person signs on with.
//!
//! **Folders.** There are none: keys are long names with slashes. A folder is there when anything begins with its name and a
//! slash; one that is made is an empty object of that name, as other clients make them. Whatever is removed or moved from a
//! folder leaves that object behind, so that no folder goes with its last file. Where other clients made a file and a folder of one name,
//! the file is seen. Keys that no path can hold (`a//b`, `.`, control characters) are left out of listings, and the log says so;
//! what is done to a whole folder is done to them.
//!
//! **Commit.** What fits into one part goes in one PUT at the end; what is longer in a multipart upload, which shows when it is
//! completed. Both replace what is there in one step. An upload that breaks is aborted; one that a gateway left is aborted by another after a day.
//!
//! **Conditions** are looked at right before that step, and once more by the store in a PUT (`If-Match`, `If-None-Match`). radosgw
//! ignores them where a multipart upload is completed, where an object is copied and where it is removed: there, a writer that goes past the gateway can slip
//! in between; the gate's lease keeps out other nodes.
//!
//! **Tags** are the store's, which are strong, with the size.
//!
//! **Moving is copying and removing**, by the store itself. All is copied before anything is removed: whoever interrupts it
//! leaves both, or a part of the copy. A folder of more than ten thousand objects is refused.

mod answer;
mod client;
mod fault;
mod health;
mod held;
mod list;
mod litter;
mod multipart;
mod objects;
mod place;
mod read;
mod settings;
mod sign;
mod store;
mod tree;
mod upload;

use passerelle_core::FilesFactory;

/// How the gateway gets at this adapter.
pub const FACTORY: FilesFactory = FilesFactory { kind: "s3", build: store::S3Files::build };
