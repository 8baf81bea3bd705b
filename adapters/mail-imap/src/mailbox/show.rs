//! What is to be seen of messages, as it comes (RFC 9051 §7.5.2, RFC 8970, RFC 8474 §5).

use super::change::sets;
use crate::{
    connect::is_ok,
    header::{self, envelope},
    imap::{Imap, tagged},
};
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{DEEPEST_PART, Flag, Item, Items, MOST_PARTS, MOST_SHOWN, MailPart, Structure, Summaries, Summary},
};
use passerelle_model::Timestamp;
use passerelle_wire_imap::{BodyPart, Fetched, PartLimits, Value, body_structure, fetched, seconds};
use std::{collections::HashSet, num::NonZeroU32, vec};

/// Most octets of the header fields that are named.
const LONGEST_HEADERS: usize = 64 * 1024;

pub(super) fn show<'a>(imap: &'a mut Imap, uids: &[u32], items: &Items) -> Result<Summaries<'a>> {
    if uids.len() > MOST_SHOWN {
        return Err(Error::TooLarge { most: u64::try_from(MOST_SHOWN).unwrap_or(u64::MAX) });
    }
    let showing = Showing::new(imap, uids, items)?;
    Ok(Box::pin(stream::try_unfold(showing, async |mut showing| {
        Ok(showing.next().await?.map(|summary| (summary, showing)))
    })))
}

/// Messages that are being looked at.
pub(super) struct Showing<'a> {
    imap: &'a mut Imap,
    /// The sets of UIDs that are still to be asked for.
    sets: vec::IntoIter<String>,
    names: Vec<String>,
    /// The messages that were asked for and not told yet: another client's change of flags comes unasked, and looks like an
    /// answer where flags are all that is wanted (RFC 9051 §7.5.2).
    missing: HashSet<u32>,
    /// The command that is being answered.
    tag: Option<String>,
}

impl<'a> Showing<'a> {
    pub(super) fn new(imap: &'a mut Imap, uids: &[u32], items: &Items) -> Result<Self> {
        let names = names(imap, items)?;
        let missing = uids.iter().copied().collect();
        Ok(Self { sets: sets(uids).into_iter(), imap, names, missing, tag: None })
    }

    /// The next message; `None` after the last one that is there.
    pub(super) async fn next(&mut self) -> Result<Option<Summary>> {
        loop {
            let Some(tag) = &self.tag else {
                let Some(set) = self.sets.next() else { return Ok(None) };
                let command = format!("UID FETCH {set} (UID {})", self.names.join(" "));
                self.tag = Some(self.imap.begin(&command).await?);
                continue;
            };
            let response = self.imap.response().await?;
            if let Some(words) = tagged(&response, tag) {
                self.imap.at_rest = true;
                self.tag = None;
                if !is_ok(&words, "") {
                    return Err(self.imap.refused("looking at messages", &words));
                }
                continue;
            }
            if let Some(fetched) = fetched(&response) {
                // Flags that another client changed come without what was asked for.
                if let Some(summary) = self.summary(&fetched)
                    && self.missing.remove(&summary.uid)
                {
                    return Ok(Some(summary));
                }
            } else if is_fetch(&response) {
                return Err(self.imap.failed("looking at messages", "the store told one in a way that cannot be read"));
            }
        }
    }

    fn summary(&self, fetched: &Fetched) -> Option<Summary> {
        let asked = |name: &str| self.names.iter().any(|it| it == name);
        let is_there = |name: &String| match name.strip_prefix("BODY.PEEK") {
            Some(_) => fetched.item_beginning("BODY[").is_some(),
            None => fetched.item(name).is_some(),
        };
        if !self.names.iter().all(is_there) {
            return None;
        }
        let id = |name: &str| match fetched.item(name)? {
            Value::List(values) => values.first()?.as_str().map(Into::into),
            other => other.as_str().map(Into::into),
        };
        Some(Summary {
            uid: fetched.item("UID")?.number()?,
            flags: fetched.item("FLAGS").filter(|_| asked("FLAGS")).and_then(flags),
            size: fetched.item("RFC822.SIZE").and_then(Value::number),
            received: fetched.item("INTERNALDATE").and_then(|it| seconds(it.as_str()?)).map(Timestamp),
            envelope: fetched.item("ENVELOPE").and_then(envelope).map(Box::new),
            structure: fetched.item("BODYSTRUCTURE").map(structure),
            preview: fetched.item("PREVIEW").and_then(|it| it.text().map(header::plain)),
            email_id: id("EMAILID").or_else(|| id("X-GUID")),
            thread_id: id("THREADID"),
            headers: fetched.item_beginning("BODY[").and_then(|it| it.text().map(<[u8]>::to_vec)),
        })
    }
}

/// The names of what is asked for.
fn names(imap: &Imap, items: &Items) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for item in &items.items {
        match item {
            Item::Flags => names.push("FLAGS".to_owned()),
            Item::Size => names.push("RFC822.SIZE".to_owned()),
            Item::Received => names.push("INTERNALDATE".to_owned()),
            Item::Envelope => names.push("ENVELOPE".to_owned()),
            Item::Structure => names.push("BODYSTRUCTURE".to_owned()),
            Item::Preview if !imap.has("PREVIEW") => return Err(Error::Unsupported { what: "previews" }),
            Item::Preview => names.push("PREVIEW".to_owned()),
            Item::Ids if imap.has("OBJECTID") => names.extend(["EMAILID".to_owned(), "THREADID".to_owned()]),
            // Dovecot's own; other stores without OBJECTID have no lasting names.
            Item::Ids if imap.has("SNIPPET=FUZZY") => names.push("X-GUID".to_owned()),
            Item::Ids => {}
        }
    }
    if !items.headers.is_empty() {
        let fields: Vec<&str> = items.headers.iter().map(passerelle_core::ports::HeaderName::as_str).collect();
        names.push(format!("BODY.PEEK[HEADER.FIELDS ({})]<0.{LONGEST_HEADERS}>", fields.join(" ")));
    }
    Ok(names)
}

fn is_fetch(response: &[u8]) -> bool {
    let mut words = response.splitn(4, |octet| *octet == b' ');
    words.next() == Some(b"*") && words.nth(1).is_some_and(|verb| verb.eq_ignore_ascii_case(b"FETCH"))
}

fn flags(value: &Value) -> Option<Vec<Flag>> {
    Some(value.list()?.iter().filter_map(|it| Flag::parse(it.as_str()?)).collect())
}

fn structure(value: &Value) -> Structure {
    let limits = PartLimits { parts: MOST_PARTS, depth: DEEPEST_PART };
    match body_structure(value, limits).and_then(part) {
        Some(part) => Structure::Known(Box::new(part)),
        None => Structure::Unreadable,
    }
}

fn part(read: BodyPart) -> Option<MailPart> {
    let text = |value: &Vec<u8>| header::plain(value);
    let file_name = header::file_name(&read.disposition_parameters, "filename")
        .or_else(|| header::file_name(&read.parameters, "name"));
    Some(MailPart {
        path: read.path.iter().copied().map(NonZeroU32::new).collect::<Option<_>>()?,
        media_type: read.media_type,
        parameters: read.parameters.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        disposition: read.disposition,
        file_name,
        content_id: read.id.as_ref().map(|id| text(id).trim().trim_matches(['<', '>']).to_owned()),
        languages: read.languages.iter().map(text).collect(),
        location: read.location.as_ref().map(text),
        encoding: read.encoding,
        size: read.size,
        parts: read.parts.into_iter().map(part).collect::<Option<_>>()?,
    })
}
