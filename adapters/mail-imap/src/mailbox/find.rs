//! Searching and sorting: by the store where it can (RFC 9051 §6.4.4, RFC 4731, RFC 5256, RFC 5267, RFC 9394), and what it cannot
//! sort is sorted here, within a bound.

use super::{
    criteria::{Criteria, Edge, around, moments},
    show::Showing,
};
use crate::{connect::is_ok, header::base_subject, imap::Imap, login::code};
use passerelle_core::{
    Error, Result,
    ports::{
        Direction, Found, Item, Items, MOST_LISTED, MOST_SORTED_HERE, MailAddress, Query, Search, SortBy, SortKey,
        Summary, Window,
    },
};
use passerelle_model::Timestamp;
use passerelle_wire_imap::{Results, results};
use std::{cmp::Ordering, collections::BTreeMap, io};

pub(super) async fn find(imap: &mut Imap, query: &Query) -> Result<Found> {
    let criteria = criteria(imap, &query.search).await?;
    if query.sort.is_empty() {
        return search(imap, &criteria, query.window).await;
    }
    match keys(imap, &query.sort) {
        Some(keys) => sort(imap, &criteria, &keys, query.window).await,
        None => {
            let found = search(imap, &criteria, None).await?;
            let uids = sorted_here(imap, found.uids, &query.sort).await?;
            Ok(windowed(uids, query.window))
        }
    }
}

/// The search in IMAP's words, with its moments found out to the second first: days are all that IMAP compares.
pub(super) async fn criteria(imap: &mut Imap, search: &Search) -> Result<Criteria> {
    search.check()?;
    let mut all = Vec::new();
    moments(search, &mut all);
    all.sort_unstable();
    all.dedup();
    let mut edges = BTreeMap::new();
    for at in all {
        let near = Criteria::plain(around(at));
        let near = self::search(imap, &near, None).await?.uids;
        let mut later = Vec::new();
        if !near.is_empty() {
            let items = Items { items: vec![Item::Received], headers: Vec::new() };
            let mut showing = Showing::new(imap, &near, &items)?;
            while let Some(message) = showing.next().await? {
                let received = message.received.ok_or(Error::Unsupported { what: "times of messages" })?;
                if received >= Timestamp(at) {
                    later.push(message.uid);
                }
            }
        }
        edges.insert(at, Edge { later });
    }
    Criteria::write(search, imap, &edges)
}

/// The UIDs that a search finds, in their order.
pub(super) async fn search(imap: &mut Imap, criteria: &Criteria, window: Option<Window>) -> Result<Found> {
    let charset = if criteria.is_ascii { "" } else { "CHARSET UTF-8 " };
    let cuts = imap.has("CONTEXT=SEARCH") || imap.has("PARTIAL");
    let part = window.filter(|_| cuts && imap.has("ESEARCH"));
    let wanted = match part {
        Some(window) => format!("RETURN ({} COUNT) ", partial(window)),
        None if imap.has("ESEARCH") || imap.has("IMAP4REV2") => "RETURN (ALL) ".to_owned(),
        None => String::new(),
    };
    let (words, found) = ask(imap, &format!("UID SEARCH {wanted}{charset}"), criteria).await?;
    answered(imap, &words)?;
    match part {
        Some(_) => of_part(imap, found),
        None => {
            if found.numbers.is_none() && found.count.is_some_and(|count| count > 0) {
                return Err(imap.failed("searching", "the store says how many it found and not which"));
            }
            let mut uids = found.numbers.unwrap_or_default();
            // An order of its own is nothing that SEARCH promises.
            uids.sort_unstable();
            uids.dedup();
            Ok(windowed(uids, window))
        }
    }
}

async fn sort(imap: &mut Imap, criteria: &Criteria, keys: &str, window: Option<Window>) -> Result<Found> {
    let behind = format!("({keys}) UTF-8 ");
    // Dovecot announces CONTEXT=SEARCH and cuts sorted results too.
    let cuts = imap.has("ESORT") && (imap.has("CONTEXT=SORT") || imap.has("CONTEXT=SEARCH"));
    if let Some(window) = window.filter(|_| cuts) {
        let verb = format!("UID SORT RETURN ({} COUNT) {behind}", partial(window));
        let (words, found) = ask(imap, &verb, criteria).await?;
        if is_ok(&words, "") {
            return of_part(imap, found);
        }
    }
    let (words, found) = ask(imap, &format!("UID SORT {behind}"), criteria).await?;
    answered(imap, &words)?;
    Ok(windowed(found.numbers.unwrap_or_default(), window))
}

fn partial(window: Window) -> String {
    let first = window.skip.saturating_add(1);
    format!("PARTIAL {first}:{}", window.skip.saturating_add(window.most.get()))
}

fn of_part(imap: &Imap, found: Results) -> Result<Found> {
    let total = found.count.ok_or_else(|| imap.failed("searching", "the store says no COUNT"))?;
    Ok(Found { uids: found.numbers.unwrap_or_default(), total })
}

fn windowed(uids: Vec<u32>, window: Option<Window>) -> Found {
    let total = u32::try_from(uids.len()).unwrap_or(u32::MAX);
    let number = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
    let uids = match window {
        None => uids,
        Some(window) => uids.into_iter().skip(number(window.skip)).take(number(window.most.get())).collect(),
    };
    Found { uids, total }
}

/// Asks, and gathers the numbers of the answer: all of them, or an error. Nothing found is told by an answer without numbers
/// (RFC 9051 §7.3.4); an OK without an answer tells nothing.
pub(super) async fn ask(imap: &mut Imap, verb: &str, criteria: &Criteria) -> Result<(String, Results)> {
    let most = usize::try_from(MOST_LISTED).unwrap_or(usize::MAX);
    let (mut found, mut is_answered) = (Results::default(), false);
    let words = imap
        .converse_in_pieces(verb, &criteria.pieces, |response| {
            let is_one = [&b"* SEARCH"[..], b"* SORT", b"* ESEARCH"]
                .iter()
                .any(|it| response.get(..it.len()).is_some_and(|start| start.eq_ignore_ascii_case(it)));
            let Some(more) = results(response, most) else {
                return if is_one { Err(too_many()) } else { Ok(()) };
            };
            is_answered = true;
            found.count = more.count.or(found.count);
            if let Some(more) = more.numbers {
                let numbers = found.numbers.get_or_insert_default();
                numbers.extend(more);
                if numbers.len() > most {
                    return Err(too_many());
                }
            }
            Ok(())
        })
        .await?;
    if is_ok(&words, "") && !is_answered {
        return Err(imap.failed("searching", "the store says OK and not what it found"));
    }
    Ok((words, found))
}

fn too_many() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "results that cannot be read, or more than are taken")
}

/// What a refusal of a search is: a store that does not know a key or a character set says NO or BAD.
pub(super) fn answered(imap: &Imap, words: &str) -> Result<()> {
    if is_ok(words, "") {
        return Ok(());
    }
    if words.starts_with(" BAD") || code(words, "BADCHARSET").is_some() || words.contains("[BADCHARSET") {
        return Err(Error::Unsupported { what: "this search" });
    }
    Err(imap.refused("searching", words))
}

/// The keys in the store's words, where it sorts by all of them.
fn keys(imap: &Imap, sort: &[SortKey]) -> Option<String> {
    if !imap.has("SORT") {
        return None;
    }
    let shown = imap.has("SORT=DISPLAY");
    let mut keys = Vec::new();
    for key in sort {
        if key.direction == Direction::Descending {
            keys.push("REVERSE");
        }
        keys.push(match &key.by {
            SortBy::Received => "ARRIVAL",
            SortBy::Sent => "DATE",
            // RFC 5957: by the name that is shown.
            SortBy::From if shown => "DISPLAYFROM",
            SortBy::To if shown => "DISPLAYTO",
            SortBy::From => "FROM",
            SortBy::To => "TO",
            SortBy::Subject => "SUBJECT",
            SortBy::Size => "SIZE",
            SortBy::Has(_) => return None,
        });
    }
    Some(keys.join(" "))
}

/// Sorts what was found by keys that the store tells.
async fn sorted_here(imap: &mut Imap, uids: Vec<u32>, sort: &[SortKey]) -> Result<Vec<u32>> {
    if uids.len() > MOST_SORTED_HERE {
        return Err(Error::TooLarge { most: u64::try_from(MOST_SORTED_HERE).unwrap_or(u64::MAX) });
    }
    let mut items: Vec<Item> = Vec::new();
    for key in sort {
        let item = match key.by {
            SortBy::Received => Item::Received,
            SortBy::Sent | SortBy::From | SortBy::To | SortBy::Subject => Item::Envelope,
            SortBy::Size => Item::Size,
            SortBy::Has(_) => Item::Flags,
        };
        items.push(item);
        if key.by == SortBy::Sent {
            items.push(Item::Received);
        }
    }
    let mut once = Vec::new();
    items.retain(|item| {
        let is_new = !once.contains(item);
        once.push(*item);
        is_new
    });
    let items = Items { items, headers: Vec::new() };
    let mut messages: Vec<(u32, Vec<Key>)> = Vec::with_capacity(uids.len());
    let mut showing = Showing::new(imap, &uids, &items)?;
    while let Some(message) = showing.next().await? {
        let keys = sort.iter().map(|key| Key::of(&message, &key.by)).collect();
        messages.push((message.uid, keys));
    }
    messages.sort_by(|(a, a_keys), (b, b_keys)| {
        let each = sort.iter().zip(a_keys.iter().zip(b_keys)).map(|(key, (a, b))| match key.direction {
            Direction::Ascending => a.cmp(b),
            Direction::Descending => b.cmp(a),
        });
        each.fold(Ordering::Equal, Ordering::then).then(a.cmp(b))
    });
    Ok(messages.into_iter().map(|(uid, _)| uid).collect())
}

/// What messages are compared by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(String),
}

impl Key {
    fn of(message: &Summary, by: &SortBy) -> Self {
        let envelope = message.envelope.as_deref();
        let received = message.received.map_or(0, |it| it.0);
        let first = |all: &[MailAddress]| {
            let one = all.iter().find_map(|it| match it {
                MailAddress::One { name, address } => Some(name.as_ref().unwrap_or(address).to_lowercase()),
                MailAddress::GroupBegins(name) => Some(name.to_lowercase()),
                MailAddress::GroupEnds => None,
            });
            Self::Text(one.unwrap_or_default())
        };
        match by {
            SortBy::Received => Self::Number(received),
            SortBy::Sent => Self::Number(envelope.and_then(|it| it.sent).map_or(received, |it| it.0)),
            SortBy::From => first(envelope.map_or(&[], |it| &it.from)),
            SortBy::To => first(envelope.map_or(&[], |it| &it.to)),
            SortBy::Subject => {
                let subject = envelope.and_then(|it| it.subject.as_deref()).unwrap_or_default();
                Self::Text(base_subject(subject).0)
            }
            SortBy::Size => Self::Number(i64::try_from(message.size.unwrap_or(0)).unwrap_or(i64::MAX)),
            SortBy::Has(flag) => Self::Number(i64::from(message.flags.as_ref().is_some_and(|all| all.contains(flag)))),
        }
    }
}
