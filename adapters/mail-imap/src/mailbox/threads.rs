//! Threads: the store's own (RFC 5256 §4), those that its THREADID names (RFC 8474 §5.2), or found here by the ids that messages
//! name, and by the subjects of answers that name none.

use super::{
    criteria::Criteria,
    find::{answered, criteria, search},
    show::Showing,
};
use crate::{header::base_subject, imap::Imap};
use passerelle_core::{
    Error, Result,
    ports::{HeaderName, Item, Items, MOST_LISTED, MOST_SORTED_HERE, Search, Summary},
};
use passerelle_wire_imap::threads as threads_of;
use std::{collections::HashMap, io};

/// Most ids of one message that are looked at: the last ones are the nearest.
const MOST_IDS: usize = 100;

pub(super) async fn threads(imap: &mut Imap, wanted: &Search) -> Result<Vec<Vec<u32>>> {
    let criteria = criteria(imap, wanted).await?;
    if imap.has("THREAD=REFERENCES") || imap.has("THREAD=REFS") {
        let algorithm = if imap.has("THREAD=REFERENCES") { "REFERENCES" } else { "REFS" };
        return by_store(imap, &format!("UID THREAD {algorithm} UTF-8 "), &criteria).await;
    }
    let uids = search(imap, &criteria, None).await?.uids;
    if uids.len() > MOST_SORTED_HERE {
        return Err(Error::TooLarge { most: u64::try_from(MOST_SORTED_HERE).unwrap_or(u64::MAX) });
    }
    let (items, headers) = if imap.has("OBJECTID") {
        (vec![Item::Ids, Item::Received], Vec::new())
    } else {
        (vec![Item::Envelope, Item::Received], HeaderName::parse("References").into_iter().collect())
    };
    let items = Items { items, headers };
    let mut showing = Showing::new(imap, &uids, &items)?;
    let mut forest = Forest::default();
    while let Some(message) = showing.next().await? {
        forest.add(&message);
    }
    Ok(forest.threads())
}

async fn by_store(imap: &mut Imap, verb: &str, criteria: &Criteria) -> Result<Vec<Vec<u32>>> {
    let most = usize::try_from(MOST_LISTED).unwrap_or(usize::MAX);
    let mut all = Vec::new();
    let words = imap
        .converse_in_pieces(verb, &criteria.pieces, |response| {
            match threads_of(response, most) {
                Some(more) => all.extend(more),
                None if response.starts_with(b"* THREAD") => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "threads that cannot be read"));
                }
                None => {}
            }
            Ok(())
        })
        .await?;
    answered(imap, &words)?;
    Ok(all)
}

/// Messages that belong together, found as they come.
#[derive(Default)]
struct Forest {
    /// Which group each belongs to; a group points to the one that it was joined with.
    joined: Vec<usize>,
    /// The group of an id, of a store's thread, or of a subject.
    known: HashMap<String, usize>,
    /// The messages with when they came, and their group.
    messages: Vec<(i64, u32, usize)>,
}

impl Forest {
    fn add(&mut self, message: &Summary) {
        let group = self.joined.len();
        self.joined.push(group);
        if let Some(thread) = &message.thread_id {
            self.name(group, format!("t{thread}"));
        } else if let Some(envelope) = &message.envelope {
            let references = message.headers.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            let mut others: Vec<&str> =
                ids(&references).chain(ids(envelope.in_reply_to.as_deref().unwrap_or(""))).collect();
            let skipped = others.len().saturating_sub(MOST_IDS);
            others.drain(..skipped);
            let (subject, is_reply) = base_subject(envelope.subject.as_deref().unwrap_or_default());
            // An answer that does not say to what hangs on its subject; what begins a thread, or an answer that does say,
            // keeps its own.
            let by_subject = format!("s{subject}");
            let hangs = is_reply || !self.known.contains_key(&by_subject);
            if others.is_empty() && !subject.is_empty() && hangs {
                self.name(group, by_subject);
            }
            for id in others.into_iter().chain(ids(envelope.message_id.as_deref().unwrap_or(""))) {
                self.name(group, format!("i{id}"));
            }
        }
        self.messages.push((message.received.map_or(0, |it| it.0), message.uid, group));
    }

    /// Joins a group with all that have this name.
    fn name(&mut self, group: usize, name: String) {
        let group = self.root(group);
        let other = *self.known.entry(name).or_insert(group);
        let other = self.root(other);
        if let Some(place) = self.joined.get_mut(other.max(group)) {
            *place = other.min(group);
        }
    }

    fn root(&mut self, mut group: usize) -> usize {
        while let Some(next) = self.joined.get(group).copied().filter(|next| *next != group) {
            // Halves the way for who comes next.
            let beyond = self.joined.get(next).copied().unwrap_or(next);
            if let Some(place) = self.joined.get_mut(group) {
                *place = beyond;
            }
            group = next;
        }
        group
    }

    /// The threads, each in the order in which its messages came.
    fn threads(mut self) -> Vec<Vec<u32>> {
        let mut messages = std::mem::take(&mut self.messages);
        messages.sort_unstable();
        let mut at: HashMap<usize, usize> = HashMap::new();
        let mut threads: Vec<Vec<u32>> = Vec::new();
        for (_, uid, group) in messages {
            let root = self.root(group);
            let place = *at.entry(root).or_insert(threads.len());
            match threads.get_mut(place) {
                Some(thread) => thread.push(uid),
                None => threads.push(vec![uid]),
            }
        }
        threads
    }
}

/// The ids between `<` and `>`.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|it| it.split_once('>')).map(|(id, _)| id).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use passerelle_core::ports::MailEnvelope;
    use passerelle_model::Timestamp;

    fn message(uid: u32, id: &str, references: &str, subject: &str) -> Summary {
        Summary {
            uid,
            received: Some(Timestamp(i64::from(uid))),
            envelope: Some(Box::new(MailEnvelope {
                subject: Some(subject.to_owned()),
                message_id: Some(format!("<{id}>")),
                ..MailEnvelope::default()
            })),
            headers: Some(format!("References: {references}\r\n\r\n").into_bytes()),
            ..Summary::default()
        }
    }

    #[track_caller]
    fn check(messages: &[Summary], expected: &[&[u32]]) {
        let mut forest = Forest::default();
        messages.iter().for_each(|it| forest.add(it));
        assert_eq!(forest.threads(), expected);
    }

    #[test]
    fn what_belongs_together() {
        check(&[message(1, "a", "", "x"), message(2, "b", "<a>", "Re: x"), message(3, "c", "", "y")], &[&[1, 2], &[3]]);
        // The one between is missing, or comes last.
        check(
            &[message(1, "c", "<a> <b>", "Re: x"), message(2, "d", "<b>", "other"), message(3, "a", "", "x")],
            &[&[1, 2, 3]],
        );
        // An answer without references, and two that only share a subject.
        check(&[message(1, "a", "", "Budget"), message(2, "b", "", "RE: budget")], &[&[1, 2]]);
        check(&[message(1, "a", "", "Budget"), message(2, "b", "", "Budget")], &[&[1], &[2]]);
        let thread = |uid: u32, id: &str| Summary { uid, thread_id: Some(id.into()), ..Summary::default() };
        check(&[thread(1, "T1"), thread(2, "T2"), thread(3, "T1")], &[&[1, 3], &[2]]);
    }
}
