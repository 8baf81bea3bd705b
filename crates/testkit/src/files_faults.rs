//! What a file store on another server must do when the way there breaks: tried on the real server, over a wire that is cut.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a check that fails ends the test"
)]

use crate::{
    cut_wire::{Carry, Wire},
    files_owner::Owner,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use passerelle_core::{
    Edit, Error, Read, Result,
    ports::{ByteRange, FileStore, Node, Precondition},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// A server behind a wire.
pub struct FarStore {
    /// The port of the server.
    pub server: String,
    /// How its connections are carried.
    pub carry: Carry,
    /// The store, by the port that the wire begins at.
    pub store: Box<dyn Fn(u16) -> Arc<dyn FileStore>>,
    /// Where the owner's tree lies on the server's disk.
    pub disk: PathBuf,
}

impl std::fmt::Debug for FarStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FarStore({})", self.server)
    }
}

/// What is large enough that an answer breaks in it.
#[derive(Debug, Clone, Copy)]
pub struct Breaking {
    /// Octets of a file.
    pub file: usize,
    /// Files in a folder.
    pub files: usize,
    /// Octets of an answer that come through.
    pub most: u64,
}

/// Waits for something to come true.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What lies in a folder of the server's disk, but for what mod_dav keeps there of its own.
pub fn names_on_disk(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != ".DAV").collect()
}

/// A server that is lost in an upload leaves the old content, says so, and has no litter once it is back.
pub async fn check_lost_in_an_upload(far: &FarStore) {
    let lay = async |port| Wire::lay(port, &far.server, far.carry, u64::MAX).await;
    let wire = lay(0).await;
    let owner = Owner::of((far.store)(wire.port)).await;
    owner.create("f", b"old").await.unwrap();
    let mut port = wire.port;
    let mut wire = Some(wire);
    for length in [Some(2_000_000), None] {
        let mut upload = owner.open::<Edit>("f").await.replace(length).await.unwrap();
        for _ in 0..10 {
            upload.write(Bytes::from(vec![7; 100_000])).await.unwrap();
        }
        eventually("the server has begun", || names_on_disk(&far.disk).len() > 1).await;
        port = wire.take().unwrap().cut().await;
        let mut outcome = Ok(());
        for _ in 0..10 {
            outcome = outcome.and(upload.write(Bytes::from(vec![7; 100_000])).await);
        }
        let committed = upload.commit(&Precondition::None).await.map(drop);
        let outcome = outcome.and(committed);
        assert!(matches!(outcome, Err(Error::Unavailable { .. })), "{outcome:?}");
        assert!(matches!(owner.stat("f").await, Err(Error::Unavailable { .. })), "away is not absent");
        wire = Some(lay(port).await);
        eventually("nothing is left", || names_on_disk(&far.disk) == ["f"]).await;
        assert_eq!(owner.stat("f").await.unwrap().size, 3);
        assert_eq!(std::fs::read(far.disk.join("f")).unwrap(), b"old");
    }
    // Whole on the server and not committed: it goes, also when the server is away at first.
    let mut upload = owner.open::<Edit>("f").await.replace(Some(4)).await.unwrap();
    upload.write(Bytes::from_static(b"new!")).await.unwrap();
    eventually("the server has it", || names_on_disk(&far.disk).len() > 1).await;
    wire.take().unwrap().cut().await;
    drop(upload);
    let _wire = lay(port).await;
    eventually("nothing is left", || names_on_disk(&far.disk) == ["f"]).await;
}

/// A listing or a file that breaks off is an error, and no short one. `owner` goes past the wire.
pub async fn check_broken_answers(owner: &Owner, far: &FarStore, breaking: Breaking) {
    owner.create("large", &vec![7; breaking.file]).await.unwrap();
    for number in 0..breaking.files {
        std::fs::write(far.disk.join(format!("f{number}")), "").unwrap();
    }
    let wire = Wire::lay(0, &far.server, far.carry, breaking.most).await;
    let short = Owner::of((far.store)(wire.port)).await;
    let listing = short.open::<Read>("").await.list().await.unwrap();
    let batches: Vec<Result<Vec<Node>>> = listing.collect().await;
    assert!(matches!(batches.first(), Some(Ok(_))) && batches.len() > 1, "it began");
    assert!(matches!(batches.last(), Some(Err(Error::Unavailable { .. }))), "{:?}", batches.last());
    let content = short.open::<Read>("large").await.open().await.unwrap();
    let read: Result<Vec<Bytes>> = content.stream(ByteRange::Full).try_collect().await;
    assert!(matches!(read, Err(Error::Unavailable { .. })));
    // What was there before is there still.
    let listing = owner.open::<Read>("").await.list().await.unwrap();
    let all: Vec<Vec<Node>> = listing.try_collect().await.unwrap();
    assert_eq!(all.concat().len(), breaking.files + 1);
}
