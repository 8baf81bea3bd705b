//! `mail.export` and `mail.import`: messages of one's own mailboxes, and of those that others share, octet for octet. Whoever
//! administers an institution reads nobody's mail by that: the gate opens a mailbox for its owner and for whom its owner lets.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, Param, needed, optional},
    values::{moment, structure, texts},
};
use bytes::Bytes;
use dxr::Value;
use futures::StreamExt;
use passerelle_core::{
    Add, Authorized, Error, OpenedMailbox, Read, Right,
    ports::{Flag, Item, Items, LastingNames, Listed, NewMessage, Section, Summary, Wanted},
};
use passerelle_model::MailboxRef;
use std::{
    collections::HashMap,
    num::{NonZeroU32, NonZeroU64},
};

/// Most octets of one answer, before base64.
const MOST_OCTETS: u64 = 512 * 1024;
/// Most messages of one answer.
const MOST_MESSAGES: usize = 200;

const OWNER: Param = optional("owner", Kind::Text, "whose mailbox, login or login@domain; left out, the caller's own");
const MAILBOX: Param = needed("mailbox", Kind::Text, "its name, with / between levels");

pub(super) const METHODS: &[Method] = &[
    Method {
        name: "mail.export",
        params: &[
            MAILBOX,
            OWNER,
            optional("uid", Kind::Number, "go on with this message: nextUid of the answer before"),
            optional("offset", Kind::Number, "go on with this octet of it: nextOffset of the answer before"),
        ],
        answer: "struct",
        help: "Messages of a mailbox, at most 200 with 512 KiB together: {uidValidity, messages, nextUid, nextOffset}, where messages has {uid, size, flags, received, offset, octets} of each, and a message of more than that comes in several answers. nextUid is nil when that was all. When uidValidity is another one than before, the mailbox was made anew: begin again. For one's own mailboxes and those that their owners share; to administer an institution is not enough. Nothing is marked as read.",
        effect: Effect::Reads,
        run: |caller, arguments| Box::pin(export(caller, arguments)),
    },
    Method {
        name: "mail.import",
        params: &[
            MAILBOX,
            needed("octets", Kind::Octets, "the message; what a call takes is its limit, some 700 KB"),
            OWNER,
            optional("flags", Kind::Texts, "flags and keywords, as \\Seen or $Forwarded"),
            optional("received", Kind::Moment, "when it was received; left out, now"),
        ],
        answer: "struct",
        help: "Puts a message into a mailbox that is there: {uidValidity, uid}, nil where the store does not say. Lines may end with LF. What the institution's scanners find is refused. For one's own mailboxes and those that their owners let one add to.",
        effect: Effect::Changes("owner"),
        run: |caller, arguments| Box::pin(import(caller, arguments)),
    },
];

async fn opened<R: Right>(caller: &Caller, arguments: &Arguments) -> Result<Authorized<MailboxRef, R>, Refusal> {
    let owner = match arguments.maybe_text("owner") {
        Some(name) => caller.session.account_named(name).ok_or(Error::NotFound)?,
        None => caller.session.principal()?.account().clone(),
    };
    // What can be no mailbox's name is none.
    let mailbox = MailboxRef::parse(owner, arguments.text("mailbox")).map_err(|_| Error::NotFound)?;
    Ok(caller.session.open(mailbox).await?)
}

/// What is read of one message.
struct Slice {
    uid: u32,
    size: u64,
    offset: u64,
    length: u64,
}

async fn export(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let (uid, offset) = (arguments.number("uid")?.unwrap_or(0), arguments.number("offset")?.unwrap_or(0));
    let mut mailbox = opened::<Read>(caller, &arguments).await?.keep_open(None).await?;
    let (slices, next) = slices(&mailbox.list(LastingNames::Untold).await?, uid, offset);
    let uids: Vec<u32> = slices.iter().map(|slice| slice.uid).collect();
    let items = Items { items: vec![Item::Flags, Item::Received], headers: Vec::new() };
    let mut marked: HashMap<u32, Summary> = HashMap::new();
    if !uids.is_empty() {
        let mut shown = mailbox.show(&uids, &items).await?;
        while let Some(summary) = shown.next().await {
            let summary = summary?;
            marked.insert(summary.uid, summary);
        }
    }
    let mut messages = Vec::with_capacity(slices.len());
    for slice in slices {
        // One that is gone meanwhile is left out, as if it had gone before.
        let Some(Summary { flags: Some(flags), received: Some(received), .. }) = marked.remove(&slice.uid) else {
            continue;
        };
        let octets = match read(&mut mailbox, &slice).await {
            Err(Error::NotFound) => continue,
            octets => octets?,
        };
        messages.push(structure([
            ("uid", number(slice.uid.into())),
            ("size", number(slice.size)),
            ("flags", texts(flags.iter().map(Flag::as_str))),
            ("received", moment(Some(received))),
            ("offset", number(slice.offset)),
            ("octets", Value::Base64(octets)),
        ]));
    }
    let uid_validity = mailbox.facts().uid_validity;
    mailbox.close().await;
    let (next_uid, next_offset) =
        next.map_or((Value::Nil, Value::Nil), |(uid, offset)| (number(uid.into()), number(offset)));
    Ok(structure([
        ("uidValidity", number(uid_validity.into())),
        ("messages", Value::Array(messages)),
        ("nextUid", next_uid),
        ("nextOffset", next_offset),
    ]))
}

/// What fits into an answer, and where the next one goes on.
fn slices(listed: &[Listed], uid: u64, offset: u64) -> (Vec<Slice>, Option<(u32, u64)>) {
    let (mut slices, mut room) = (Vec::new(), MOST_OCTETS);
    for message in listed.iter().filter(|it| u64::from(it.uid) >= uid) {
        if room == 0 || slices.len() == MOST_MESSAGES {
            return (slices, Some((message.uid, 0)));
        }
        let offset = if u64::from(message.uid) == uid { offset.min(message.size) } else { 0 };
        let length = message.size.saturating_sub(offset).min(room);
        room = room.saturating_sub(length);
        slices.push(Slice { uid: message.uid, size: message.size, offset, length });
        let end = offset.saturating_add(length);
        if end < message.size {
            return (slices, Some((message.uid, end)));
        }
    }
    (slices, None)
}

impl Slice {
    /// What to ask for. A store may be wrong about a message's size: of the last slice an octet more is asked for, where
    /// nothing may be.
    fn wanted(&self) -> Result<Wanted, Error> {
        let is_last = self.offset.saturating_add(self.length) >= self.size;
        let asked = u32::try_from(self.length.saturating_add(is_last.into())).ok().and_then(NonZeroU32::new);
        let (Some(most), Ok(offset)) = (asked, u32::try_from(self.offset)) else {
            return Err(Error::TooLarge { most: u32::MAX.into() });
        };
        Ok(Wanted { uid: self.uid, section: Section::Message, octets: Some((offset, most)) })
    }

    /// What came, where it is all of the slice and nothing is behind the last one.
    fn whole(&self, octets: Vec<u8>) -> Result<Vec<u8>, Error> {
        if u64::try_from(octets.len()).is_ok_and(|length| length == self.length) {
            return Ok(octets);
        }
        let what = format!("message {} has not the {} octets that the store tells", self.uid, self.size);
        Err(Error::unavailable("the mail store", "exporting", what))
    }
}

async fn read(mailbox: &mut OpenedMailbox, slice: &Slice) -> Result<Vec<u8>, Error> {
    let wanted = slice.wanted()?;
    let mut content = match mailbox.read(&wanted).await {
        // Of nothing a store may say that it is nowhere.
        Err(Error::NotFound) if slice.length == 0 => return Ok(Vec::new()),
        content => content?,
    };
    let mut octets = Vec::new();
    while let Some(piece) = content.next().await {
        octets.extend_from_slice(&piece?);
    }
    slice.whole(octets)
}

async fn import(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    let flags: Option<Vec<Flag>> = arguments.texts("flags").iter().map(|flag| Flag::parse(flag)).collect();
    let flags = flags.ok_or_else(|| Refusal::Params("flags: \\Seen and its likes, or keywords".to_owned()))?;
    let octets = with_crlf(arguments.octets("octets"));
    let size = u64::try_from(octets.len()).ok().and_then(NonZeroU64::new);
    let size = size.ok_or_else(|| Refusal::Params("octets: a message is not empty".to_owned()))?;
    let mailbox = opened::<Add>(caller, &arguments).await?;
    let whole = futures::stream::once(async move { Ok(Bytes::from(octets)) });
    let message = NewMessage { size, flags, received: arguments.moment("received"), octets: Box::pin(whole) };
    let place = mailbox.append(message).await?.place;
    let (validity, uid) =
        place.map_or((Value::Nil, Value::Nil), |(validity, uid)| (number(validity.into()), number(uid.into())));
    Ok(structure([("uidValidity", validity), ("uid", uid)]))
}

/// Lines end with CRLF on their way to a store.
fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                out.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

fn number(number: u64) -> Value {
    i32::try_from(number).map_or_else(|_| Value::Long(i64::try_from(number).unwrap_or(i64::MAX)), Value::Integer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_core::ports::ListedFlags;

    #[test]
    fn answers_go_on_where_the_one_before_ended() {
        let sizes = [10, MOST_OCTETS * 2, 0, 5];
        let listed: Vec<Listed> = (1_u32..)
            .zip(sizes)
            .map(|(uid, size)| Listed { uid, size, flags: ListedFlags::default(), name: None })
            .collect();
        let (mut at, mut seen) = (Some((0, 0)), vec![0; sizes.len()]);
        while let Some((uid, offset)) = at {
            let (some, next) = slices(&listed, uid.into(), offset);
            assert!(some.iter().map(|slice| slice.length).sum::<u64>() <= MOST_OCTETS);
            for slice in some {
                let held = seen.get_mut(usize::try_from(slice.uid).unwrap() - 1).unwrap();
                assert_eq!(*held, slice.offset);
                *held += slice.length;
            }
            at = next;
        }
        assert_eq!(seen, sizes);
        assert_eq!(with_crlf(b"a\nb\r\nc"), b"a\r\nb\r\nc");
    }

    #[test]
    fn a_size_that_is_wrong_is_found() {
        // What a store sends of a message of ten octets.
        let sent = |slice: &Slice| {
            let (from, most) = slice.wanted().unwrap().octets.unwrap();
            let message = b"0123456789";
            let from = usize::try_from(from).unwrap().min(message.len());
            let end = from.saturating_add(usize::try_from(most.get()).unwrap()).min(message.len());
            slice.whole(message.get(from..end).unwrap().to_vec())
        };
        for (size, offset, length, expected) in [
            (10, 0, 4, Some(&b"0123"[..])),
            (10, 4, 6, Some(b"456789")),
            (10, 10, 0, Some(b"")),
            // Too small: there is a tail behind the last slice.
            (9, 4, 5, None),
            (0, 0, 0, None),
            // Too large: slices come short.
            (11, 4, 7, None),
            (30, 8, 4, None),
        ] {
            let told = sent(&Slice { uid: 7, size, offset, length });
            assert_eq!(told.ok().as_deref(), expected, "{size} {offset} {length}");
        }
    }
}
