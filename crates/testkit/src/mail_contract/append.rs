//! A message that comes in whole is kept whole; one that does not is not kept.

use super::{owner, read, tree::managed};
use futures::stream;
use passerelle_core::{
    Add, Error, Read, Result,
    ports::{Appended, Flag, LastingNames, MailStore, NewMessage, Section},
};
use passerelle_model::Timestamp;
use std::{num::NonZeroU64, sync::Arc};

/// A message of so many octets or a little more.
pub fn message(subject: &str, size: usize) -> Vec<u8> {
    let mut text = format!("From: a@a.test\r\nSubject: {subject}\r\n\r\n").into_bytes();
    while text.len() < size {
        text.extend_from_slice(b"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrs\r\n");
    }
    text
}

/// A new message of these pieces, which is said to be so long.
pub fn arriving(size: usize, pieces: Vec<Result<Vec<u8>>>, flags: &[&str]) -> NewMessage {
    NewMessage {
        size: NonZeroU64::new(u64::try_from(size).unwrap()).unwrap(),
        flags: flags.iter().map(|it| Flag::parse(it).unwrap()).collect(),
        received: Some(Timestamp(1_700_000_000)),
        octets: Box::pin(stream::iter(pieces.into_iter().map(|piece| piece.map(Into::into)))),
    }
}

/// Whole messages are kept as they came, small and large, with flags; what is cut, too short, too long or cannot be is not
/// kept at all. `name` is a mailbox that this test may make and delete.
pub async fn keeps_whole_messages_or_none(store: Arc<dyn MailStore>, login: &str, name: &str) {
    let (session, mailbox) = owner(store, login, name).await;
    let managing = managed(&session, name).await;
    let _ = managing.delete().await;
    let adding = session.open::<_, Add>(mailbox.clone()).await.unwrap();
    let text = message("none", 100);
    let missing = adding.append(arriving(text.len(), vec![Ok(text)], &[])).await;
    assert_eq!(missing.map_err(|error| error.word()), Err("not found"));
    managing.create(None).await.unwrap();

    let mut kept = Vec::new();
    for size in [80, 5_000, 300_000] {
        let text = message("kept", size);
        let pieces = text.chunks(7_000).map(|piece| Ok(piece.to_vec())).collect();
        let Appended { place } = managing.append(arriving(text.len(), pieces, &["\\Seen", "$Note"])).await.unwrap();
        kept.push((place.unwrap(), text));
    }
    // With the right to add and no other, flags are not anybody's to set; the owner has them all, so nothing is left off.
    let cut = || Err(Error::invalid("the client is gone"));
    for (what, size, pieces) in [
        ("cut", 300_000, vec![Ok(message("cut", 200_000)), cut()]),
        ("cut when small", 2_000, vec![Ok(message("cut", 1_000)), cut()]),
        ("short", 20_000, vec![Ok(message("short", 10_000))]),
        ("long", 10_000, vec![Ok(message("long", 20_000))]),
        ("with NUL", 5_004, vec![Ok([&b"a: b\r\n\r\n"[..], &[0; 4996]].concat())]),
    ] {
        let outcome = managing.append(arriving(size, pieces, &[])).await;
        assert_eq!(outcome.map_err(|error| error.word()), Err("invalid"), "{what}");
    }

    let reading = session.open::<_, Read>(mailbox).await.unwrap();
    let mut open = reading.keep_open(None).await.unwrap();
    let listed = open.list(LastingNames::Untold).await.unwrap();
    assert_eq!(listed.len(), kept.len(), "what was cut is not there");
    for (it, ((validity, uid), text)) in listed.iter().zip(&kept) {
        assert_eq!((open.facts().uid_validity, it.uid), (*validity, *uid));
        assert!(it.flags.seen);
        assert!(read(&mut open, *uid, Section::Message).await.unwrap() == *text, "octet by octet");
    }
    open.close().await;
    managing.delete().await.unwrap();
}
