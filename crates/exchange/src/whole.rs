//! A collection as one file, sent while it is read.

use crate::strangers::Strangers;
use bytes::Bytes;
use futures::stream;
use passerelle_core::{
    Allows, Authorized, Error, Lookup, Read, Result, Session,
    ports::{ByteStream, Collection, CollectionItem, ListedItem, Telling},
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName};
use passerelle_wire_exchange::{Calendar, Table, cards, table};
use passerelle_wire_ical::discreet;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Items that are held at once: each may have 10 MiB.
const TOGETHER: usize = 25;
/// How often the gate is asked again while a collection is sent.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One iCalendar object, for a calendar.
    Calendar,
    /// vCards one after the other, for an address book.
    Cards,
    /// A table with Google's headings.
    Google,
    /// A table with Outlook's.
    Outlook,
}

impl Form {
    /// What a family's collections are usually written in.
    pub const fn of(family: CollectionFamily) -> Self {
        match family {
            CollectionFamily::Calendars => Self::Calendar,
            CollectionFamily::Contacts => Self::Cards,
        }
    }

    /// By its word, for collections of a family; the usual one for an empty word, `None` for no word of one.
    pub fn parse(word: &str, family: CollectionFamily) -> Option<Self> {
        match (word, family) {
            ("", family) => Some(Self::of(family)),
            ("icalendar", CollectionFamily::Calendars) => Some(Self::Calendar),
            ("vcard", CollectionFamily::Contacts) => Some(Self::Cards),
            ("google", CollectionFamily::Contacts) => Some(Self::Google),
            ("outlook", CollectionFamily::Contacts) => Some(Self::Outlook),
            _ => None,
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Calendar => "text/calendar; charset=utf-8",
            Self::Cards => "text/vcard; charset=utf-8",
            Self::Google | Self::Outlook => "text/csv; charset=utf-8",
        }
    }

    /// The end of its file's name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Calendar => ".ics",
            Self::Cards => ".vcf",
            Self::Google | Self::Outlook => ".csv",
        }
    }
}

/// The names of items that could not be told in a file, known when it is whole.
#[derive(Debug, Clone, Default)]
pub struct Left(Arc<Mutex<Vec<ItemName>>>);

impl Left {
    /// Takes them.
    pub fn take(&self) -> Vec<ItemName> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A collection as a file; it is listed at once. Private events are told as items are: to the owner. With a session it ends when
/// what they may read is withdrawn. `left` learns of what could not be told.
///
/// # Errors
/// `NotFound`, `TooLarge`, `Unavailable`. Later ones come in the stream, which then is no whole file.
pub async fn whole<R: Allows<Read> + Allows<Lookup> + Send + Sync + 'static>(
    handle: Authorized<CollectionRef, R>,
    session: Option<Session>,
    form: Form,
    left: Left,
) -> Result<ByteStream> {
    let facts = handle.look(Telling::Facts).await?.collection;
    let waiting = handle.items().await?;
    let first = begin(form, &facts);
    let reader = Reader::Known(form, left);
    Ok(sending(handle, session, first, waiting, reader))
}

/// Listed items behind what stands before them, read and sent some at a time.
pub(crate) fn sending<R: Allows<Read> + Send + Sync + 'static>(
    handle: Authorized<CollectionRef, R>,
    session: Option<Session>,
    first: String,
    waiting: Vec<ListedItem>,
    reader: Reader,
) -> ByteStream {
    let sending = Sending {
        handle,
        session,
        asked: Instant::now(),
        calendar: Calendar::default(),
        first: Some(first),
        waiting: waiting.into(),
        reader,
        is_done: false,
    };
    Box::pin(stream::try_unfold(sending, async |mut it| Ok(it.next().await?.map(|octets| (octets, it)))))
}

/// Whom it is written for.
#[derive(Clone)]
pub(crate) enum Reader {
    /// Whoever may read it, and in what; what could not be told is noted.
    Known(Form, Left),
    /// Strangers: by iCalendar.
    Strangers(Arc<Strangers>),
}

impl Reader {
    const fn form(&self) -> Form {
        match self {
            Self::Known(form, _) => *form,
            Self::Strangers(_) => Form::Calendar,
        }
    }

    /// An item as a part of it; `None` for what is not told, and for what cannot be read.
    fn written(&self, calendar: &mut Calendar, item: &CollectionItem) -> Option<Vec<u8>> {
        match self {
            Self::Known(form, _) => written(*form, calendar, item),
            Self::Strangers(strangers) => calendar.object(strangers.told(&item.content)?.as_bytes()),
        }
    }

    fn leave(&self, name: ItemName) {
        match self {
            Self::Known(_, left) => left.0.lock().unwrap_or_else(PoisonError::into_inner).push(name),
            // What is not for strangers is not missing.
            Self::Strangers(_) => {}
        }
    }
}

/// A way through a collection.
struct Sending<R> {
    handle: Authorized<CollectionRef, R>,
    session: Option<Session>,
    asked: Instant,
    calendar: Calendar,
    first: Option<String>,
    waiting: VecDeque<ListedItem>,
    reader: Reader,
    is_done: bool,
}

impl<R: Allows<Read>> Sending<R> {
    /// The next octets; `None` when the file is whole.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(Bytes::from(first)));
        }
        if self.is_done {
            return Ok(None);
        }
        if let Some(session) = &self.session
            && self.asked.elapsed() >= ASKED_EVERY
        {
            session.open::<CollectionRef, Read>(self.handle.target().clone()).await?;
            self.asked = Instant::now();
        }
        let some: Vec<ListedItem> = self.waiting.drain(..TOGETHER.min(self.waiting.len())).collect();
        if some.is_empty() {
            self.is_done = true;
            return Ok(Some(Bytes::from_static(end(self.reader.form()).as_bytes())));
        }
        let mut told = Vec::new();
        for (name, item) in self.handle.contents(&some).await? {
            let item = match &self.reader {
                Reader::Known(..) => self.handle.told(item, discreet),
                // They are told less than who has a grant, by the one who writes it.
                Reader::Strangers(_) => Some(item),
            };
            match item {
                Some(item) if !item.is_too_large => told.push((name, item)),
                _ => self.reader.leave(name),
            }
        }
        let (reader, mut calendar) = (self.reader.clone(), std::mem::take(&mut self.calendar));
        let written = tokio::task::spawn_blocking(move || {
            let (mut out, mut left) = (Vec::new(), Vec::new());
            for (name, item) in told {
                match reader.written(&mut calendar, &item) {
                    Some(octets) => out.extend(octets),
                    None => left.push(name),
                }
            }
            (out, left, calendar)
        });
        let (out, left, calendar) = written.await.map_err(|error| Error::internal("writing a collection", error))?;
        self.calendar = calendar;
        left.into_iter().for_each(|name| self.reader.leave(name));
        Ok(Some(Bytes::from(out)))
    }
}

/// What stands before the items.
pub(crate) fn begin(form: Form, collection: &Collection) -> String {
    match form {
        Form::Calendar => {
            let Collection { name, facts, .. } = collection;
            Calendar::begin(Some(facts.display_name.as_deref().unwrap_or(name)), facts.colour.as_deref())
        }
        Form::Cards => String::new(),
        Form::Google => Table::Google.head(),
        Form::Outlook => Table::Outlook.head(),
    }
}

/// What stands behind them.
pub(crate) const fn end(form: Form) -> &'static str {
    match form {
        Form::Calendar => Calendar::END,
        Form::Cards | Form::Google | Form::Outlook => "",
    }
}

/// An item as a part of it; `None` for what cannot be read.
pub(crate) fn written(form: Form, calendar: &mut Calendar, item: &CollectionItem) -> Option<Vec<u8>> {
    match form {
        Form::Calendar => calendar.object(&item.content),
        Form::Cards => cards(&item.content),
        Form::Google => table(Table::Google, &item.content).map(String::into_bytes),
        Form::Outlook => table(Table::Outlook, &item.content).map(String::into_bytes),
    }
}
