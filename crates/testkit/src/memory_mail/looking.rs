//! Finding messages in memory: by what stands in their octets, without decoding anything.

use super::{kept::Kept, opened::Opened};
use futures::stream;
use passerelle_core::{
    Error, Permit, Read,
    ports::{
        Changed, Changes, Counted, Direction, Flag, Found, Fut, Item, Items, MailAddress, MailEnvelope, MailboxState,
        Messages, Place, Query, Search, SortBy, Structure, Summaries, Summary,
    },
};
use passerelle_model::MailboxRef;
use std::{cmp::Ordering, collections::BTreeMap, future::ready};

impl Messages for Opened {
    fn find<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, query: &'a Query) -> Fut<'a, Found> {
        Box::pin(ready(self.found(at.target(), query)))
    }

    fn threads<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, search: &'a Search) -> Fut<'a, Vec<Vec<u32>>> {
        let query = Query { search: search.clone(), sort: Vec::new(), window: None };
        let threads = self.found(at.target(), &query).and_then(|found| {
            let mut all = self.mail.lock();
            let messages = &all.at(at.target())?.messages;
            let mut threads: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for uid in found.uids {
                let Some(message) = messages.get(&uid) else { continue };
                let first = field(message, "References").and_then(|it| it.split(' ').next().map(str::to_owned));
                let root = first.or_else(|| field(message, "Message-ID")).unwrap_or_else(|| uid.to_string());
                threads.entry(root).or_default().push(uid);
            }
            Ok(threads.into_values().collect())
        });
        Box::pin(ready(threads))
    }

    fn show<'a>(
        &'a mut self,
        at: &'a Permit<MailboxRef, Read>,
        uids: &'a [u32],
        items: &'a Items,
    ) -> Fut<'a, Summaries<'a>> {
        let shown = self.mail.lock().at(at.target()).map(|mailbox| {
            let mut sorted = uids.to_vec();
            sorted.sort_unstable();
            let all = sorted.into_iter().filter_map(|uid| Some(summary(uid, mailbox.messages.get(&uid)?, items)));
            Box::pin(stream::iter(all.map(Ok).collect::<Vec<_>>())) as Summaries<'a>
        });
        Box::pin(ready(shown))
    }

    fn state<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxState> {
        Box::pin(ready(self.mail.lock().at(at.target()).map(|mailbox| MailboxState {
            uid_validity: mailbox.uid_validity,
            uid_next: mailbox.uid_next,
            exists: mailbox.exists(),
            counted: Counted::Modseq(mailbox.modseq),
        })))
    }

    fn changes<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, since: &'a MailboxState) -> Fut<'a, Changed> {
        let changed = self.mail.lock().at(at.target()).map(|mailbox| {
            let Counted::Modseq(then) = since.counted else { return Changed::CannotTell };
            if mailbox.uid_validity != since.uid_validity {
                return Changed::CannotTell;
            }
            let later = mailbox.messages.iter().filter(|(_, it)| it.modseq > then).map(|(uid, _)| *uid);
            let (changed, added) = later.partition(|uid| *uid < since.uid_next);
            let gone = mailbox.removed.iter().filter(|(when, _)| *when > then).map(|(_, uid)| *uid..=*uid);
            let state = MailboxState {
                uid_next: mailbox.uid_next,
                exists: mailbox.exists(),
                counted: Counted::Modseq(mailbox.modseq),
                ..*since
            };
            Changed::Told(Changes { added, changed, removed: gone.collect(), state })
        });
        Box::pin(ready(changed))
    }
}

impl Opened {
    fn found(&self, at: &MailboxRef, query: &Query) -> Result<Found, Error> {
        let mut all = self.mail.lock();
        let messages = &all.at(at)?.messages;
        let mut found: Vec<(&u32, &Kept)> =
            messages.iter().filter(|(uid, it)| fits(&query.search, **uid, it)).collect();
        found.sort_by(|(a_uid, a), (b_uid, b)| {
            let each = query.sort.iter().map(|key| {
                let order = compare(&key.by, a, b);
                if key.direction == Direction::Descending { order.reverse() } else { order }
            });
            each.fold(Ordering::Equal, Ordering::then).then(a_uid.cmp(b_uid))
        });
        let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let number = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
        let (skip, most) = query.window.map_or((0, usize::MAX), |it| (number(it.skip), number(it.most.get())));
        Ok(Found { uids: found.into_iter().map(|(uid, _)| *uid).skip(skip).take(most).collect(), total })
    }
}

fn fits(search: &Search, uid: u32, message: &Kept) -> bool {
    let has =
        |text: Option<String>, wanted: &str| text.is_some_and(|it| it.to_lowercase().contains(&wanted.to_lowercase()));
    let size = u64::try_from(message.octets.len()).unwrap_or(u64::MAX);
    match search {
        Search::Everything => true,
        Search::And(all) => all.iter().all(|it| fits(it, uid, message)),
        Search::Or(all) => all.iter().any(|it| fits(it, uid, message)),
        Search::Not(one) => !fits(one, uid, message),
        Search::Has(flag) => message.flags.contains(flag.as_str()),
        Search::AtLeast(least) => size >= *least,
        Search::Below(most) => size < *most,
        Search::Since(at) => message.received >= *at,
        Search::Before(at) => message.received < *at,
        Search::HasHeader(name) => field(message, name.as_str()).is_some(),
        Search::Uids(uids) => uids.contains(&uid),
        Search::UidsBelow(next) => uid < *next,
        Search::Text(place, wanted) => match place {
            Place::From => has(field(message, "From"), wanted),
            Place::To => has(field(message, "To"), wanted),
            Place::Cc => has(field(message, "Cc"), wanted),
            Place::Bcc => has(field(message, "Bcc"), wanted),
            Place::Subject => has(field(message, "Subject"), wanted),
            Place::Header(name) => has(field(message, name.as_str()), wanted),
            Place::Body => has(text(message).split_once("\r\n\r\n").map(|(_, body)| body.to_owned()), wanted),
            Place::Anywhere => has(Some(text(message)), wanted),
        },
    }
}

fn text(message: &Kept) -> String {
    String::from_utf8_lossy(&message.octets).into_owned()
}

/// A header field on one line.
fn field(message: &Kept, name: &str) -> Option<String> {
    let text = text(message);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    header.lines().find_map(|line| {
        let (it, value) = line.split_once(':')?;
        it.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn compare(by: &SortBy, a: &Kept, b: &Kept) -> Ordering {
    let subject = |it: &Kept| {
        let subject = field(it, "Subject").unwrap_or_default().to_lowercase();
        subject.trim_start_matches("re:").trim().to_owned()
    };
    let small = |it: &Kept, name: &str| field(it, name).unwrap_or_default().to_lowercase();
    match by {
        SortBy::Received | SortBy::Sent => a.received.cmp(&b.received),
        SortBy::From => small(a, "From").cmp(&small(b, "From")),
        SortBy::To => small(a, "To").cmp(&small(b, "To")),
        SortBy::Subject => subject(a).cmp(&subject(b)),
        SortBy::Size => a.octets.len().cmp(&b.octets.len()),
        SortBy::Has(flag) => a.flags.contains(flag.as_str()).cmp(&b.flags.contains(flag.as_str())),
    }
}

fn summary(uid: u32, message: &Kept, items: &Items) -> Summary {
    let asked = |item: Item| items.items.contains(&item);
    let addresses = |name: &str| {
        let one = field(message, name)?;
        let (name, address) = one.split_once('<').map_or((None, one.as_str()), |(name, rest)| {
            (Some(name.trim().trim_matches('"').to_owned()), rest.trim_end_matches('>'))
        });
        Some(vec![MailAddress::One { name, address: address.to_owned() }])
    };
    let envelope = || {
        Box::new(MailEnvelope {
            subject: field(message, "Subject"),
            from: addresses("From").unwrap_or_default(),
            to: addresses("To").unwrap_or_default(),
            message_id: field(message, "Message-ID"),
            in_reply_to: field(message, "In-Reply-To"),
            ..MailEnvelope::default()
        })
    };
    let headers = || {
        let mut all = String::new();
        for name in &items.headers {
            if let Some(value) = field(message, name.as_str()) {
                all.push_str(&format!("{}: {value}\r\n", name.as_str()));
            }
        }
        all.push_str("\r\n");
        all.into_bytes()
    };
    Summary {
        uid,
        flags: asked(Item::Flags).then(|| message.flags.iter().filter_map(|it| Flag::parse(it)).collect()),
        size: asked(Item::Size).then(|| u64::try_from(message.octets.len()).unwrap_or(u64::MAX)),
        received: asked(Item::Received).then_some(message.received),
        envelope: asked(Item::Envelope).then(envelope),
        // There are no parts in memory.
        structure: asked(Item::Structure).then_some(Structure::Unreadable),
        preview: asked(Item::Preview).then(|| text(message).chars().rev().take(20).collect()),
        email_id: asked(Item::Ids).then(|| format!("memory-{}", message.name).into()),
        thread_id: None,
        headers: (!items.headers.is_empty()).then(headers),
    }
}
