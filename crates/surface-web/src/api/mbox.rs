//! `GET /api/mbox`: a mailbox as one mbox file (RFC 4155) that is made while it is sent, by the writer that `passerelle mail export`
//! has too. A message that cannot be read to its end breaks the transport: a file is whole, or it is none.

use super::{Answer, Call, packing::sent};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{
    Error, OpenedMailbox, Read, Result, Session,
    ports::{ByteStream, Flag, Item, Items, LastingNames, Listed, Section, Wanted},
};
use passerelle_model::{MailboxRef, Timestamp};
use passerelle_wire_mbox::{Ending, Marks, Writer};
use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroU32,
    time::{Duration, Instant},
};

/// What is read at once, in octets; a message that is not longer is held whole, because its end is told before its beginning.
const PIECE: NonZeroU32 = NonZeroU32::new(1024 * 1024).unwrap();
/// Messages whose marks are asked for together.
const TOGETHER: usize = 1000;
/// How often the gate is asked again while a mailbox is sent.
const ASKED_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn mbox(call: Call<'_>) -> Answer {
    let (owner, name) = (call.parameter("owner"), call.parameter("mailbox"));
    let owner = match owner.as_str() {
        "" => call.session.principal()?.account().clone(),
        name => call.session.account_named(name).ok_or(Error::NotFound)?,
    };
    if name.is_empty() {
        return Err(Error::invalid("name a mailbox").into());
    }
    let turn = call.web.archives.turn(call.session.principal()?.account())?;
    let shown = name.rsplit('/').next().unwrap_or(&name).to_owned();
    // What cannot be listed is told before the first octet.
    let octets = mailbox_octets(&call.session, MailboxRef { owner, name }).await?;
    Ok(sent(call.session, octets, turn, &format!("{shown}.mbox"), "application/mbox"))
}

/// A mailbox as one file; it is opened and listed at once.
pub(super) async fn mailbox_octets(session: &Session, mailbox: MailboxRef) -> Result<ByteStream> {
    let handle = session.open::<_, Read>(mailbox.clone()).await?;
    let mut opened = handle.keep_open(None).await?;
    let waiting = opened.list(LastingNames::Untold).await?.into();
    let (session, asked) = (session.clone(), Instant::now());
    let export = Export { session, mailbox, asked, opened, waiting, marked: VecDeque::new(), large: None };
    Ok(Box::pin(stream::try_unfold(export, async |mut it| Ok(it.next().await?.map(|octets| (octets, it))))))
}

/// A way through a mailbox.
struct Export {
    session: Session,
    mailbox: MailboxRef,
    /// When the gate was asked last whether they may read it.
    asked: Instant,
    opened: OpenedMailbox,
    /// What comes later.
    waiting: VecDeque<Listed>,
    /// What comes next, with what is marked on it.
    marked: VecDeque<(Listed, Vec<Flag>, Timestamp)>,
    /// The large message that is being sent, and how much of it is.
    large: Option<(Listed, Writer, u64)>,
}

impl Export {
    /// The next octets of the file; `None` when it is whole.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.asked.elapsed() >= ASKED_EVERY {
            // It may have been withdrawn from them meanwhile: then it ends here.
            self.session.open::<_, Read>(self.mailbox.clone()).await?;
            self.asked = Instant::now();
        }
        if let Some((message, writer, sent)) = self.large.take() {
            return self.go_on(message, writer, sent).await.map(Some);
        }
        loop {
            let Some((message, flags, received)) = self.marked.pop_front() else {
                if self.look_ahead().await? {
                    continue;
                }
                return Ok(None);
            };
            let marks = Marks::of_flags(flags.iter().map(Flag::as_str));
            let is_small = message.size <= u64::from(PIECE.get());
            let last = if is_small { None } else { Some((end_of(&message)?, NonZeroU32::MIN)) };
            // Somebody may have removed it meanwhile: then it is not in the file.
            let Some(held) = self.read(message.uid, last).await? else { continue };
            let ending = if held.ends_with(b"\n") { Ending::WithALine } else { Ending::InALine };
            let (mut writer, mut out) = Writer::begin(received.0, &marks, ending);
            if is_small {
                writer.write(&held, &mut out);
                writer.end(&mut out);
            } else {
                self.large = Some((message, writer, 0));
            }
            return Ok(Some(out.into()));
        }
    }

    async fn go_on(&mut self, message: Listed, mut writer: Writer, sent: u64) -> Result<Bytes> {
        let start = u32::try_from(sent).map_err(|_| too_large())?;
        // Its beginning is sent already.
        let piece = self.read(message.uid, Some((start, PIECE))).await?.ok_or(Error::Conflict)?;
        let mut out = Vec::with_capacity(piece.len());
        writer.write(&piece, &mut out);
        let sent = sent.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if sent >= message.size {
            writer.end(&mut out);
        } else if piece.is_empty() {
            return Err(Error::Conflict);
        } else {
            self.large = Some((message, writer, sent));
        }
        Ok(out.into())
    }

    /// Asks what is marked on the next messages; whether there are any.
    async fn look_ahead(&mut self) -> Result<bool> {
        let some: Vec<Listed> = self.waiting.drain(..TOGETHER.min(self.waiting.len())).collect();
        let uids: Vec<u32> = some.iter().map(|it| it.uid).collect();
        if uids.is_empty() {
            return Ok(false);
        }
        let items = Items { items: vec![Item::Flags, Item::Received], headers: Vec::new() };
        let mut shown = self.opened.show(&uids, &items).await?;
        let mut marks = HashMap::new();
        while let Some(summary) = shown.next().await {
            let summary = summary?;
            if let (Some(flags), Some(received)) = (summary.flags, summary.received) {
                marks.insert(summary.uid, (flags, received));
            }
        }
        drop(shown);
        self.marked.extend(some.into_iter().filter_map(|message| {
            let (flags, received) = marks.remove(&message.uid)?;
            Some((message, flags, received))
        }));
        Ok(true)
    }

    /// A message, or these octets of it; `None` when it is gone.
    async fn read(&mut self, uid: u32, octets: Option<(u32, NonZeroU32)>) -> Result<Option<Bytes>> {
        let wanted = Wanted { uid, section: Section::Message, octets };
        let mut content = match self.opened.read(&wanted).await {
            Ok(content) => content,
            Err(Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut held = BytesMut::new();
        while let Some(piece) = content.try_next().await? {
            held.extend_from_slice(&piece);
        }
        Ok(Some(held.freeze()))
    }
}

/// Where the last octet of a message is.
fn end_of(message: &Listed) -> Result<u32> {
    u32::try_from(message.size.saturating_sub(1)).map_err(|_| too_large())
}

fn too_large() -> Error {
    Error::TooLarge { most: u64::from(u32::MAX) }
}
