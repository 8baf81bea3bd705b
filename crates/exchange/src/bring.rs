//! A file into a collection: what is new, what is there already, and what cannot be.

use crate::{
    Asked, Duplicates, Imported, Mode, Row,
    index::{Index, There},
};
use bytes::Bytes;
use futures::{StreamExt, stream::FuturesUnordered};
use passerelle_core::{
    Add, Allows, Authorized, Edit, Error, Read, Result, Session,
    ports::{ETag, Precondition},
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName};
use passerelle_wire_exchange::{Entry, Family, Reading, Wrong};
use std::future::Future;

/// Items that are written at once.
const AT_ONCE: usize = 8;
/// Entries that are read ahead.
const AHEAD: usize = 32;
/// After how many entries the gate is asked again.
const ASKED_EVERY: usize = 100;

/// A collection that was opened for it: an operator's handle is all three.
#[derive(Debug)]
pub struct Handles<'h, R, A, E> {
    /// To see what is there.
    pub read: &'h Authorized<CollectionRef, R>,
    /// To put in.
    pub add: &'h Authorized<CollectionRef, A>,
    /// To replace, where that was asked for.
    pub edit: Option<&'h Authorized<CollectionRef, E>>,
}

/// What somebody's session opened.
#[derive(Debug)]
pub struct Opened {
    read: Authorized<CollectionRef, Read>,
    add: Authorized<CollectionRef, Add>,
    edit: Option<Authorized<CollectionRef, Edit>>,
}

impl Opened {
    /// Opens what is needed.
    ///
    /// # Errors
    /// As the gate says: `NotFound` for what they may not see, `Forbidden` for what they may not do there.
    pub async fn open(session: &Session, to: &CollectionRef, duplicates: Duplicates) -> Result<Self> {
        let edit = match duplicates {
            Duplicates::Replace => Some(session.open::<_, Edit>(to.clone()).await?),
            Duplicates::Skip | Duplicates::KeepBoth => None,
        };
        Ok(Self { read: session.open(to.clone()).await?, add: session.open(to.clone()).await?, edit })
    }

    /// Brings a file in, for as long as they may.
    ///
    /// # Errors
    /// As [`bring_in`], and as [`Self::open`] when it is withdrawn meanwhile.
    pub async fn bring_in(&self, session: &Session, octets: Vec<u8>, asked: Asked) -> Result<Imported> {
        let into = Handles { read: &self.read, add: &self.add, edit: self.edit.as_ref() };
        let to = self.add.target();
        let still = || async { Self::open(session, to, asked.duplicates).await.map(drop) };
        bring_in(into, octets, asked, still).await
    }
}

/// Brings a file into a collection. `still` is asked now and then whether that may be.
///
/// What is written stays when it ends in an error: brought in again, the file goes on where it stopped.
///
/// # Errors
/// `Invalid` for a file that is none, or none for this kind of collection; `Unavailable` and others of the store.
pub async fn bring_in<R, A, E, F>(
    into: Handles<'_, R, A, E>,
    octets: Vec<u8>,
    asked: Asked,
    still: impl Fn() -> F,
) -> Result<Imported>
where
    R: Allows<Read>,
    A: Allows<Add>,
    E: Allows<Edit>,
    F: Future<Output = Result<()>>,
{
    let (family, ending) = match into.read.target().family {
        CollectionFamily::Calendars => (Family::Calendars, ".ics"),
        CollectionFamily::Contacts => (Family::Contacts, ".vcf"),
    };
    let place = |line: usize| line.saturating_add(asked.first_line).saturating_sub(1);
    let reading =
        Reading::of(octets).map_err(|wrong| Error::invalid(format!("line {}: {}", place(wrong.line), wrong.what)))?;
    let format = reading.format();
    if format.family() != family {
        return Err(Error::invalid(match family {
            Family::Calendars => "a file of contacts, and this is a calendar",
            Family::Contacts => "a calendar, and this is an address book",
        }));
    }
    let index = Index::of(into.read, family).await?;
    let told = Imported { format: format.as_str(), ..Imported::default() };
    let mut bringing = Bringing { into, asked, family, ending, index, told };
    let mut entries = ahead(reading);
    let mut writing = FuturesUnordered::new();
    let mut count = 0_usize;
    while let Some(entry) = entries.recv().await {
        count = count.saturating_add(1);
        if count.is_multiple_of(ASKED_EVERY) {
            still().await?;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(Wrong { line, what }) => {
                bringing.told.take(place(line), String::new(), Row::FAILED, what);
                continue;
            }
        };
        let Some(write) = bringing.decide(Entry { line: place(entry.line), ..entry }) else { continue };
        if asked.mode == Mode::DryRun {
            bringing.told.take(write.line, write.title, write.outcome, String::new());
            continue;
        }
        // What replaces an item of this very file comes behind it.
        let most = if write.replaces.is_some() { 0 } else { AT_ONCE.saturating_sub(1) };
        while writing.len() > most
            && let Some(written) = writing.next().await
        {
            bringing.written(written)?;
        }
        writing.push(bringing.into.write(write));
    }
    while let Some(written) = writing.next().await {
        bringing.written(written)?;
    }
    bringing.told.rows.sort_by_key(|row| row.line);
    Ok(bringing.told)
}

/// The entries of a file, read beside what else the process does, a few ahead of what is written.
fn ahead(reading: Reading) -> tokio::sync::mpsc::Receiver<Result<Entry, Wrong>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        for entry in reading.entries() {
            if sender.blocking_send(entry).is_err() {
                return;
            }
        }
    });
    receiver
}

struct Bringing<'h, R, A, E> {
    into: Handles<'h, R, A, E>,
    asked: Asked,
    family: Family,
    ending: &'static str,
    index: Index,
    told: Imported,
}

/// An item that is to be written.
struct Write {
    line: usize,
    title: String,
    uid: String,
    name: ItemName,
    octets: Bytes,
    outcome: &'static str,
    /// The tag of the item whose place it takes, where that is known.
    replaces: Option<Option<ETag>>,
}

/// An item that was written, or was not.
struct Written {
    line: usize,
    title: String,
    uid: String,
    outcome: &'static str,
    done: Result<Option<ETag>>,
}

impl<R, A, E> Bringing<'_, R, A, E> {
    /// What is to be written for an entry, if anything.
    fn decide(&mut self, entry: Entry) -> Option<Write> {
        let there = self.index.find(&entry).cloned();
        let Some(there) = there else { return self.put(entry) };
        if entry.said() == there.said {
            self.told.take(entry.line, entry.title, Row::SAME, String::new());
            return None;
        }
        match self.asked.duplicates {
            Duplicates::Skip => {
                self.told.take(entry.line, entry.title, Row::SKIPPED, String::new());
                None
            }
            // Who was told less of an item than there is does not write another in its place.
            Duplicates::Replace if there.hides => {
                let what = "there is more in the one that is there than is told to you".to_owned();
                self.told.take(entry.line, entry.title, Row::FAILED, what);
                None
            }
            Duplicates::Replace => {
                // It stays the item that other programs know, by its UID too.
                let entry = entry.under(self.family, &there.uid);
                let replaces = Some(there.etag.clone());
                self.index.put(&entry, There { said: entry.said(), etag: None, ..there.clone() });
                Some(write(entry, there.name, Row::REPLACED, replaces))
            }
            Duplicates::KeepBoth => {
                let mut number = 1_usize;
                let mut other = entry.renamed(self.family, number);
                while self.index.has_uid(&other.uid) {
                    number = number.saturating_add(1);
                    other = entry.renamed(self.family, number);
                }
                self.put(other)
            }
        }
    }

    fn put(&mut self, entry: Entry) -> Option<Write> {
        let names = [entry.name(self.ending), entry.renamed(self.family, 0).name(self.ending)];
        let name = names.iter().filter_map(|it| ItemName::parse(it).ok()).find(|it| !self.index.has_name(it));
        let Some(name) = name else {
            self.told.take(entry.line, entry.title, Row::FAILED, "its name is another's".to_owned());
            return None;
        };
        let there = There { uid: entry.uid.clone(), name: name.clone(), etag: None, said: entry.said(), hides: false };
        self.index.put(&entry, there);
        Some(write(entry, name, Row::NEW, None))
    }

    /// Takes what came of a write. What another entry may meet too ends all.
    fn written(&mut self, written: Written) -> Result<()> {
        let Written { line, title, uid, outcome, done } = written;
        match done {
            Ok(etag) => {
                self.index.tag(&uid, etag);
                self.told.take(line, title, outcome, String::new());
                Ok(())
            }
            Err(error) => {
                let what = refused(error)?;
                self.told.take(line, title, Row::FAILED, what);
                Ok(())
            }
        }
    }
}

fn write(entry: Entry, name: ItemName, outcome: &'static str, replaces: Option<Option<ETag>>) -> Write {
    let Entry { line, uid, title, octets, .. } = entry;
    Write { line, title, uid, name, octets: Bytes::from(octets), outcome, replaces }
}

impl<'h, R, A: Allows<Add>, E: Allows<Edit>> Handles<'h, R, A, E> {
    /// Writes an item.
    fn write(&self, write: Write) -> impl Future<Output = Written> + use<'h, R, A, E> {
        let (add, edit) = (self.add, self.edit);
        async move {
            let Write { line, title, uid, name, octets, outcome, replaces } = write;
            let done = match (replaces, edit) {
                (None, _) => add.add(&name, &octets).await,
                (Some(_), None) => Err(Error::Forbidden),
                (Some(etag), Some(edit)) => {
                    let when =
                        etag.map_or(Precondition::Exists, |etag| Precondition::Matches(vec![etag.as_str().to_owned()]));
                    edit.replace(&name, &octets, &when).await
                }
            };
            Written { line, title, uid, outcome, done }
        }
    }
}

/// Why one entry was not written, where that is its own affair.
fn refused(error: Error) -> Result<String> {
    match error {
        Error::Conflict => Ok("somebody else changed it meanwhile".to_owned()),
        Error::Invalid { .. } => Ok("the store does not take it".to_owned()),
        Error::TooLarge { .. } => Ok("it is too large".to_owned()),
        Error::NotFound
        | Error::NoParent
        | Error::Forbidden
        | Error::Unauthenticated
        | Error::TooMany { .. }
        | Error::Locked
        | Error::OverQuota
        | Error::Unsupported { .. }
        | Error::Unavailable { .. }
        | Error::Unsettled { .. }
        | Error::Internal { .. } => Err(error),
    }
}
