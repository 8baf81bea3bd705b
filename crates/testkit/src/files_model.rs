//! Random operations on a file store, by two clients in turn, beside a model of what they must come to.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a store that does something else ends the test"
)]

use crate::{
    house::{HouseBuilder, node},
    memory_state::MemoryState,
};
use bytes::Bytes;
use futures::{TryStreamExt, future::BoxFuture};
use passerelle_core::{
    Add, Authorized, Edit, Errand, Error, Lookup, Manage, Read, Remove, Result, Right, Session,
    ports::{ByteRange, FileStore, Node, NodeKind, Precondition},
};
use passerelle_model::{Grant, NodeRef, Rights};
use std::{collections::BTreeMap, sync::Arc};

const OWNER: &str = "u00001@a.test";
const COLLEAGUE: &str = "u00002@a.test";
/// Where all of it happens, which the colleague may do as the owner does.
const PLACE: &str = "model";

/// What is there, by path: a file's octets, or a folder.
type Model = BTreeMap<String, Option<Vec<u8>>>;

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    /// One below `most`.
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's constants (MMIX); the upper bits are the better ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// A path of up to three levels, from few names, so that they meet.
    fn path(&mut self) -> String {
        let levels = self.below(3);
        (0..=levels).fold(PLACE.to_owned(), |path, _| format!("{path}/{}", self.name()))
    }

    fn name(&mut self) -> &'static str {
        ["a", "b", "é c"].get(self.index(3)).unwrap()
    }

    fn index(&mut self, most: usize) -> usize {
        usize::try_from(self.below(u64::try_from(most).unwrap())).unwrap()
    }

    /// Mostly something that is there.
    fn existing(&mut self, model: &Model) -> String {
        // The first is the place itself.
        let index = self.index(model.len());
        match model.keys().nth(index).filter(|path| *path != PLACE) {
            Some(path) if self.below(4) > 0 => path.clone(),
            _ => self.path(),
        }
    }

    /// Mostly a name in a folder that is there.
    fn new_name(&mut self, model: &Model) -> String {
        let is_shallow = |path: &str| path.matches('/').count() < 4;
        let folders: Vec<&String> =
            model.iter().filter(|(path, what)| what.is_none() && is_shallow(path)).map(|(path, _)| path).collect();
        let folder = folders.get(self.index(folders.len())).unwrap();
        let path = format!("{folder}/{}", self.name());
        if self.below(4) > 0 { path } else { self.path() }
    }

    fn content(&mut self) -> Vec<u8> {
        let length = if self.below(20) == 0 { 300_000 } else { self.below(8) };
        (0..length).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }
}

/// How an operation ended, as far as a model can tell.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Refused,
}

/// So many operations on an empty store.
pub async fn check(store: Arc<dyn FileStore>, operations: usize, seed: u64) {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store).open().await.unwrap();
    let owner = house.login(OWNER, Errand::Files).await.unwrap();
    let colleague = house.login(COLLEAGUE, Errand::Files).await.unwrap();
    open::<Add>(&owner, PLACE).await.make_folder().await.unwrap();
    let rights = Rights::READ.union(Rights::ADD).union(Rights::EDIT).union(Rights::REMOVE);
    let grant = Grant { to: crate::house::to_account(COLLEAGUE), rights, until: None };
    open::<Manage>(&owner, PLACE).await.share(&grant).await.unwrap();
    let (mut model, mut numbers) = (Model::from([(PLACE.to_owned(), None)]), Numbers(seed));
    let mut done = 0;
    for number in 0..operations {
        let who = if number % 2 == 0 { &owner } else { &colleague };
        if operation(who, &mut model, &mut numbers, number).await == Outcome::Done {
            done += 1;
        }
    }
    assert!(done * 4 > operations, "{done} of {operations} did something");
    let mut found = Model::from([(PLACE.to_owned(), None)]);
    walk(&owner, PLACE.to_owned(), &mut found).await;
    assert_eq!(found.keys().collect::<Vec<_>>(), model.keys().collect::<Vec<_>>());
    assert!(found == model, "the same names with other content");
    open::<Remove>(&owner, PLACE).await.remove(&Precondition::None).await.unwrap();
}

async fn open<R: Right>(who: &Session, path: &str) -> Authorized<NodeRef, R> {
    who.open(node(OWNER, path)).await.unwrap()
}

/// One operation on the store and on the model, which must agree on whether it was done.
async fn operation(who: &Session, model: &mut Model, numbers: &mut Numbers, number: usize) -> Outcome {
    let (replaces, kind) = (numbers.below(2) == 0, numbers.below(10));
    let path = if kind < 5 { numbers.new_name(model) } else { numbers.existing(model) };
    let to = numbers.new_name(model);
    if kind > 7 && path.starts_with(&format!("{to}/")) {
        // Into the place of a folder that it lies in: some stores do it, some refuse.
        return Outcome::Refused;
    }
    let (there, parent) = (model.get(&path).cloned(), has_parent(model, &path));
    let (done, expected) = match kind {
        0 | 1 => {
            let done = open::<Add>(who, &path).await.make_folder().await.map(drop);
            let can = there.is_none() && parent;
            if can {
                model.insert(path.clone(), None);
            }
            (done, can)
        }
        2..=4 => {
            let content = numbers.content();
            let done = create(who, &path, &content).await;
            let can = there.is_none() && parent;
            if can {
                model.insert(path.clone(), Some(content));
            }
            (done, can)
        }
        5 | 6 => {
            let content = numbers.content();
            let done = replace(who, &path, &content).await;
            let can = matches!(there, Some(Some(_)));
            if can {
                model.insert(path.clone(), Some(content));
            }
            (done, can)
        }
        7 => {
            let done = open::<Remove>(who, &path).await.remove(&Precondition::None).await;
            if there.is_some() {
                drop(taken_out(model, &path));
            }
            (done, there.is_some())
        }
        moves => {
            let within = |inner: &str, outer: &str| format!("{inner}/").starts_with(&format!("{outer}/"));
            let apart = !within(&path, &to) && !within(&to, &path);
            let free = replaces || !model.contains_key(&to);
            let can = there.is_some() && apart && free && has_parent(model, &to);
            let replaced = if replaces { Some(open::<Remove>(who, &to).await) } else { None };
            let goal = open::<Add>(who, &to).await;
            let done = if moves == 8 {
                open::<Remove>(who, &path).await.move_to(&goal, replaced.as_ref()).await
            } else {
                open::<Read>(who, &path).await.copy_to(&goal, replaced.as_ref(), true).await
            };
            if can {
                let source = taken_out(&mut model.clone(), &path);
                drop(taken_out(model, &to));
                if moves == 8 {
                    drop(taken_out(model, &path));
                }
                model.extend(source.into_iter().map(|(name, what)| (name.replacen(&path, &to, 1), what)));
            }
            (done, can)
        }
    };
    let outcome = match &done {
        Ok(()) => Outcome::Done,
        Err(Error::Unavailable { .. } | Error::Unsettled { .. } | Error::Internal { .. }) => {
            panic!("operation {number} ({kind}) on {path}, {to}: {done:?}")
        }
        Err(_) => Outcome::Refused,
    };
    let expected = if expected { Outcome::Done } else { Outcome::Refused };
    assert_eq!(outcome, expected, "operation {number} ({kind}) on {path}, {to}, replaces: {replaces}: {done:?}");
    let told = open::<Lookup>(who, &path).await.stat().await;
    let is_folder = told.as_ref().ok().map(|node: &Node| node.kind == NodeKind::Folder);
    assert_eq!(
        is_folder,
        model.get(&path).map(Option::is_none),
        "after operation {number} ({kind}) on {path}, {to}, replaces: {replaces}: {told:?}"
    );
    outcome
}

fn has_parent(model: &Model, path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(above, _)| matches!(model.get(above), Some(None)))
}

/// Takes out a file, or a folder with all that is in it.
fn taken_out(model: &mut Model, path: &str) -> Model {
    let below = format!("{path}/");
    let names: Vec<String> = model.keys().filter(|name| *name == path || name.starts_with(&below)).cloned().collect();
    names.into_iter().filter_map(|name| model.remove_entry(&name)).collect()
}

async fn create(who: &Session, path: &str, content: &[u8]) -> Result<()> {
    let mut upload = open::<Add>(who, path).await.create(Some(u64::try_from(content.len()).unwrap())).await?;
    upload.write(Bytes::copy_from_slice(content)).await?;
    upload.commit(&Precondition::None).await.map(drop)
}

async fn replace(who: &Session, path: &str, content: &[u8]) -> Result<()> {
    let mut upload = open::<Edit>(who, path).await.replace(None).await?;
    upload.write(Bytes::copy_from_slice(content)).await?;
    upload.commit(&Precondition::None).await.map(drop)
}

/// Reads the whole tree back.
fn walk<'a>(who: &'a Session, path: String, found: &'a mut Model) -> BoxFuture<'a, ()> {
    Box::pin(async move {
        let listing = open::<Read>(who, &path).await.list().await.unwrap();
        let batches: Vec<Vec<Node>> = listing.try_collect().await.unwrap();
        for entry in batches.into_iter().flatten() {
            let inner = format!("{path}/{}", entry.name);
            if entry.kind == NodeKind::Folder {
                found.insert(inner.clone(), None);
                walk(who, inner, found).await;
            } else {
                let content = open::<Read>(who, &inner).await.open().await.unwrap();
                let pieces: Vec<Bytes> = content.stream(ByteRange::Full).try_collect().await.unwrap();
                found.insert(inner, Some(pieces.concat()));
            }
        }
    })
}
