//! What has changed in a mailbox since a state (RFC 7162): in one round trip where the store remembers removals (QRESYNC), by the
//! number of messages where it only counts changes, and by a digest of all flags where it does neither.

use super::OpenedImap;
use crate::connect::is_ok;
use aws_lc_rs::digest::{Context, SHA256};
use passerelle_core::{
    Error, Result,
    ports::{Changed, Changes, Counted, MOST_LISTED, MailboxState},
};
use passerelle_wire_imap::{fetched, vanished};
use std::{collections::BTreeSet, io, ops::RangeInclusive};

/// Most messages and ranges of one answer.
const MOST_CHANGES: usize = 250_000;
/// How often a listing is begun again when messages were removed under it.
const TRIES: u32 = 3;

pub(super) async fn state(opened: &mut OpenedImap) -> Result<MailboxState> {
    if !opened.catch_up(None, |_| Ok(())).await? {
        opened.enter(opened.mode, None).await?;
    }
    match opened.facts.highest_modseq {
        Some(modseq) => now(opened, Counted::Modseq(modseq)),
        None => Ok(listing(opened).await?.0),
    }
}

pub(super) async fn changes(opened: &mut OpenedImap, since: &MailboxState) -> Result<Changed> {
    let mut came = Came::default();
    let resync = match since.counted {
        Counted::Modseq(modseq) if opened.resyncs && modseq > 0 => Some((since.uid_validity, modseq)),
        Counted::Modseq(_) | Counted::Digest(_) => None,
    };
    let is_told = match resync {
        Some((uid_validity, modseq)) if uid_validity == opened.facts.uid_validity => {
            opened.catch_up(Some(modseq), |response| came.take(response)).await?
        }
        Some(_) | None => false,
    };
    let entered = match resync {
        _ if is_told => Ok(()),
        Some(since) => {
            came = Came::default();
            opened.enter_and(opened.mode, Some(since), |response| came.take(response)).await
        }
        None => opened.enter(opened.mode, None).await,
    };
    match entered {
        // Every UID that is known is another message's, or nobody's.
        Err(Error::Conflict) => return Ok(Changed::CannotTell),
        entered => entered?,
    }
    if opened.facts.uid_validity != since.uid_validity || opened.facts.uid_next < since.uid_next {
        return Ok(Changed::CannotTell);
    }
    match (since.counted, opened.facts.highest_modseq) {
        // A store that was restored counts from where it was.
        (Counted::Modseq(then), Some(now)) if now < then => Ok(Changed::CannotTell),
        (Counted::Modseq(_), Some(now)) if resync.is_some() => told(opened, since, came, Counted::Modseq(now)),
        (Counted::Modseq(then), Some(now)) => counted(opened, since, then, now).await,
        (Counted::Digest(digest), None) => compared(opened, since, digest).await,
        (Counted::Modseq(_), None) | (Counted::Digest(_), Some(_)) => Ok(Changed::CannotTell),
    }
}

/// What the store sends of changes.
#[derive(Default)]
struct Came {
    uids: BTreeSet<u32>,
    removed: Vec<RangeInclusive<u32>>,
}

impl Came {
    fn take(&mut self, response: &[u8]) -> io::Result<()> {
        if let Some(gone) = vanished(response) {
            self.removed.extend(gone);
        } else if let Some(uid) = fetched(response).and_then(|it| it.item("UID")?.number()) {
            self.uids.insert(uid);
        }
        if self.uids.len() > MOST_CHANGES || self.removed.len() > MOST_CHANGES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more changes than are taken"));
        }
        Ok(())
    }
}

fn now(opened: &OpenedImap, counted: Counted) -> Result<MailboxState> {
    let facts = opened.facts;
    if facts.uid_next == 0 {
        return Err(Error::Unsupported { what: "telling changes of a mailbox without UIDNEXT" });
    }
    Ok(MailboxState { uid_validity: facts.uid_validity, uid_next: facts.uid_next, exists: facts.exists, counted })
}

/// What came with a state that is known to be later than all of it.
fn told(opened: &OpenedImap, since: &MailboxState, came: Came, counted: Counted) -> Result<Changed> {
    let state = now(opened, counted)?;
    let (changed, added): (Vec<u32>, Vec<u32>) = came.uids.into_iter().partition(|uid| *uid < since.uid_next);
    // What came and went meanwhile was nobody's to know of.
    let removed = came.removed.into_iter().filter(|it| *it.start() < since.uid_next);
    let last = since.uid_next.saturating_sub(1);
    let removed = removed.map(|it| *it.start()..=(*it.end()).min(last)).collect();
    Ok(Changed::Told(Changes { added, changed, removed, state }))
}

/// A store that counts changes and forgets removals.
async fn counted(opened: &mut OpenedImap, since: &MailboxState, then: u64, modseq: u64) -> Result<Changed> {
    let mut came = Came::default();
    let command = format!("UID FETCH 1:* (UID FLAGS) (CHANGEDSINCE {then})");
    let words = opened.imap.converse(&command, |response| came.take(response)).await?;
    if !is_ok(&words, "") {
        return Err(opened.imap.refused("asking for changes", &words));
    }
    // What came after the mailbox was counted is told the next time.
    came.uids.retain(|uid| *uid < opened.facts.uid_next);
    came.removed.clear();
    let added = came.uids.range(since.uid_next..).count();
    let left = usize::try_from(opened.facts.exists).unwrap_or(usize::MAX).checked_sub(added);
    if left != usize::try_from(since.exists).ok() {
        return Ok(Changed::CannotTell);
    }
    told(opened, since, came, Counted::Modseq(modseq))
}

/// A store that counts nothing.
async fn compared(opened: &mut OpenedImap, since: &MailboxState, digest: [u8; 16]) -> Result<Changed> {
    let (state, all) = listing(opened).await?;
    let known = |(uid, _): &&(u32, Vec<u8>)| *uid < since.uid_next;
    let old: Vec<&(u32, Vec<u8>)> = all.iter().filter(known).collect();
    if usize::try_from(since.exists).ok() != Some(old.len()) || digest_of(old.into_iter()) != digest {
        return Ok(Changed::CannotTell);
    }
    let added = all.iter().map(|(uid, _)| *uid).filter(|uid| *uid >= since.uid_next).collect();
    Ok(Changed::Told(Changes { added, changed: Vec::new(), removed: Vec::new(), state }))
}

/// All UIDs with their flags, and the state that they make.
async fn listing(opened: &mut OpenedImap) -> Result<(MailboxState, Vec<(u32, Vec<u8>)>)> {
    for _ in 0..TRIES {
        let expected = opened.facts.exists;
        if expected > MOST_LISTED {
            return Err(Error::TooLarge { most: u64::from(MOST_LISTED) });
        }
        let mut all: Vec<(u32, Vec<u8>)> = Vec::new();
        let mut words = " OK".to_owned();
        if expected > 0 {
            let command = format!("FETCH 1:{expected} (UID FLAGS)");
            words = opened
                .imap
                .converse(&command, |response| {
                    all.extend(fetched(response).and_then(|it| {
                        let flags = it.item("FLAGS")?.list()?.iter().filter_map(|flag| flag.text());
                        let mut flags: Vec<Vec<u8>> = flags.map(<[u8]>::to_ascii_lowercase).collect();
                        flags.retain(|flag| flag != b"\\recent");
                        flags.sort();
                        Some((it.item("UID")?.number()?, flags.join(&b' ')))
                    }));
                    Ok(())
                })
                .await?;
        }
        // What was told twice is as it was told last.
        all.reverse();
        all.sort_by_key(|(uid, _)| *uid);
        all.dedup_by_key(|(uid, _)| *uid);
        if is_ok(&words, "") && u32::try_from(all.len()).is_ok_and(|count| count == expected) {
            let state = now(opened, Counted::Digest(digest_of(all.iter())))?;
            return Ok((state, all));
        }
        // Some were removed since they were counted: count again.
        opened.enter(opened.mode, None).await?;
    }
    Err(opened.imap.failed("listing a mailbox", "messages go faster than they are listed"))
}

fn digest_of<'a>(messages: impl Iterator<Item = &'a (u32, Vec<u8>)>) -> [u8; 16] {
    let mut context = Context::new(&SHA256);
    for (uid, flags) in messages {
        context.update(&uid.to_be_bytes());
        context.update(flags);
        context.update(b"\n");
    }
    let mut digest = [0; 16];
    digest.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
    digest
}
