//! `GET /api/backup`: all that is one's own as one ZIP archive of open formats, made while it is sent: mailboxes as mbox, files as
//! they are, calendars as iCalendar, address books as vCards, settings as text.
//!
//! A store that is away from the start is told of in the archive, and the rest is there. What breaks off later breaks the
//! transport: what the archive does not tell of is whole.

use super::{
    Answer, Call,
    archive::folder_members,
    backup_readme::readme,
    mbox::mailbox_octets,
    packing::{Member, Members, in_archive, packed, sent},
    problem, shared,
};
use crate::face::Face;
use bytes::Bytes;
use futures::{StreamExt, stream};
use passerelle_core::{
    Authorized, Error, Read, Result, Session,
    ports::{ByteStream, Collection, ComponentKind, MailboxPlace, SpecialUse, Telling, UPLOADS},
};
use passerelle_exchange::{Form, Left, whole};
use passerelle_model::{Account, AccountRef, CollectionFamily, CollectionRef, MailboxRef};
use serde_json::{Value, json};

/// What was found of what is to go, before anything of it is sent.
struct Found {
    /// When, in seconds since 1970.
    seconds: i64,
    members: Vec<Members>,
    /// What is not there, and why.
    missing: Vec<String>,
}

pub(super) async fn backup(call: Call<'_>) -> Answer {
    let owner = call.session.principal()?.account().clone();
    let turn = call.web.archives.turn(&owner)?;
    let account = call.session.open::<_, Read>(AccountRef(owner.clone())).await?;
    let mut found = Found { seconds: account.now().0, members: Vec::new(), missing: Vec::new() };
    let seconds = found.seconds;
    let parts = [
        ("settings", settings(&call.session, &account).await),
        ("filters", filters(&account).await),
        ("shares", shares(&call.session).await),
        ("mail", mail(&call.session, &account).await),
        ("files", files(&call.session, &owner).await),
        ("calendars", collections(&call.session, CollectionFamily::Calendars, seconds).await),
        ("contacts", collections(&call.session, CollectionFamily::Contacts, seconds).await),
    ];
    for (name, part) in parts {
        found.take(&call, name, part)?;
    }
    let name = format!("{} {}.zip", call.session.name_of(&owner), day(found.seconds));
    let members = found.all(&call.face);
    Ok(sent(call.session, packed(members), turn, &name, "application/zip"))
}

/// A part of the archive.
#[derive(Default)]
struct Part {
    /// Texts, by their names in the archive.
    texts: Vec<(String, String)>,
    /// What is opened when its turn comes.
    members: Option<Members>,
    /// What of it cannot be had, in words.
    missing: Option<String>,
}

impl Found {
    /// Takes a part, or the reason why it is not there. What the institution does not have is not missed.
    fn take(&mut self, call: &Call<'_>, name: &str, part: Result<Part>) -> Result<()> {
        match part {
            Ok(part) => {
                self.members.push(texts(part.texts, self.seconds));
                self.members.extend(part.members);
                self.missing.extend(part.missing.map(|why| format!("{name}: {why}\n")));
            }
            Err(Error::Unsupported { .. }) => {}
            Err(error @ (Error::Unavailable { .. } | Error::Unsettled { .. } | Error::NotFound)) => {
                problem::log(&error, &call.exchange.id);
                self.missing.push(format!("{name}: {}\n", problem::title(&call.face, &error)));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn all(self, face: &Face) -> Members {
        let mut first = vec![("README.txt".to_owned(), readme(face.language))];
        if !self.missing.is_empty() {
            let said = format!("{}\n\n{}", face.say("backup-missing"), self.missing.concat());
            first.push(("NOT-IN-HERE.txt".to_owned(), said));
        }
        let parts = std::iter::once(texts(first, self.seconds)).chain(self.members);
        Box::pin(stream::iter(parts.collect::<Vec<_>>()).flatten())
    }
}

/// What a person has set, with the addresses that signatures are for.
async fn settings(session: &Session, account: &Authorized<AccountRef, Read>) -> Result<Part> {
    let kept = account.preferences().await?;
    let addresses: Vec<String> = session.sending_names().await?.into_iter().map(|name| name.address).collect();
    Ok(document("settings/preferences.json", &json!({ "addresses": addresses, "preferences": kept })))
}

/// Filter scripts, each as it is, and which of them sorts.
async fn filters(account: &Authorized<AccountRef, Read>) -> Result<Part> {
    if !account.has_filters() {
        return Ok(Part::default());
    }
    let (mut texts, mut listed) = (Vec::new(), Vec::new());
    for (number, (script, text)) in account.whole_scripts().await?.into_iter().enumerate() {
        let name = script.name.as_str();
        let member = format!("settings/filters/{}.sieve", in_archive(name, number));
        listed.push(json!({ "name": name, "member": member, "isActive": script.active }));
        // RFC 5228 §2.1: a script is UTF-8.
        texts.push((member, String::from_utf8(text).map_err(|_| Error::invalid("a filter that is not UTF-8"))?));
    }
    texts.push(listing("settings/filters.json", "filters", &listed));
    Ok(Part { texts, ..Part::default() })
}

/// What the person shares with whom: to be read, since a grant is not restored by a file.
async fn shares(session: &Session) -> Result<Part> {
    Ok(document("settings/shares.json", &shared::shared_by(session).await?))
}

/// The person's own mailboxes.
async fn mail(session: &Session, account: &Authorized<AccountRef, Read>) -> Result<Part> {
    let found = account.mailboxes().await?;
    let (mut names, mut listed) = (Vec::new(), Vec::new());
    let own = found.mailboxes.into_iter().filter(|it| it.opens && it.place == MailboxPlace::Own && it.name != UPLOADS);
    for (number, mailbox) in own.enumerate() {
        let member = mailbox_member(&mailbox.name, number);
        let counts = mailbox.counts.map(|counts| counts.messages);
        let role = mailbox.use_for.map(SpecialUse::as_str);
        listed.push(json!({ "name": mailbox.name, "member": member, "use": role, "messages": counts }));
        names.push((member, mailbox.name));
    }
    let (seconds, owner, session) = (account.now().0, account.target().0.clone(), session.clone());
    let members = stream::iter(names).then(move |(member, name)| {
        let (session, owner) = (session.clone(), owner.clone());
        async move {
            let content = mailbox_octets(&session, MailboxRef { owner, name }).await?;
            Ok(Member::File { name: member, seconds, size: None, content })
        }
    });
    let missing = (found.unnamable > 0)
        .then(|| format!("{} mailboxes whose names cannot be said / boîtes au nom illisible", found.unnamable));
    let texts = vec![listing("settings/mailboxes.json", "mailboxes", &listed)];
    Ok(Part { texts, members: Some(Box::pin(members)), missing })
}

/// A mailbox' file. A level above another one is never called as a mailbox' file is: both would be unpacked to one name.
fn mailbox_member(name: &str, number: usize) -> String {
    let mut levels: Vec<String> = name.split('/').map(|level| in_archive(level, number)).collect();
    let last = levels.pop().unwrap_or_default();
    for level in &mut levels {
        if level.ends_with(".mbox") {
            *level = format!("{level} ({number})");
        }
    }
    levels.push(format!("{last}.mbox"));
    format!("mail/{}", levels.join("/"))
}

/// The person's own files.
async fn files(session: &Session, owner: &Account) -> Result<Part> {
    let Some(home) = session.home_of(owner) else { return Ok(Part::default()) };
    let members = folder_members(session.clone(), &home, "files").await?;
    Ok(Part { members: Some(members), ..Part::default() })
}

/// The person's own calendars or address books, each as one file, with what is said of them.
async fn collections(session: &Session, family: CollectionFamily, seconds: i64) -> Result<Part> {
    if !session.has_collections(session.principal()?.account(), family) {
        return Ok(Part::default());
    }
    let (mut listed, mut members) = (Vec::new(), Vec::new());
    let word = family.as_str();
    for (number, seen) in session.own_collections(family, Telling::Facts).await?.into_iter().enumerate() {
        if seen.at.elsewhere().is_some() {
            // It is not theirs, and lies where it is published.
            continue;
        }
        let Collection { name, facts, .. } = seen.collection;
        let place = format!("{word}/{}", in_archive(&name, number));
        let member = format!("{place}{}", Form::of(family).ending());
        let holds = facts.components.map(|all| all.into_iter().map(ComponentKind::as_str).collect::<Vec<_>>());
        listed.push(json!({
            "name": name, "member": member, "displayName": facts.display_name, "description": facts.description,
            "colour": facts.colour, "order": facts.order, "timeZone": facts.time_zone, "holds": holds,
            "isTransparent": facts.is_transparent,
        }));
        members.push(collection(session.clone(), seen.at, Place { member, place, seconds }));
    }
    let texts = vec![listing(&format!("settings/{word}.json"), word, &listed)];
    Ok(Part { texts, members: Some(Box::pin(stream::iter(members).flatten())), missing: None })
}

/// Where a collection is in the archive.
struct Place {
    /// Its file.
    member: String,
    /// The folder of what is in no file.
    place: String,
    seconds: i64,
}

/// A collection as one file, and behind it what of it nobody can read, as it is.
fn collection(session: Session, at: CollectionRef, to: Place) -> Members {
    let left = Left::default();
    let Place { member, place, seconds } = to;
    let (first, whole_session, whole_at) = (left.clone(), session.clone(), at.clone());
    let whole = stream::once(async move {
        let handle = whole_session.open::<_, Read>(whole_at.clone()).await?;
        let content = whole(handle, Some(whole_session), Form::of(whole_at.family), first).await?;
        Ok(Member::File { name: member, seconds, size: None, content })
    });
    // Its turn comes when the file is whole.
    let rest = stream::once(async move { left.take() }).flat_map(move |names| {
        let (session, at, place) = (session.clone(), at.clone(), place.clone());
        stream::iter(names.into_iter().enumerate()).filter_map(move |(number, name)| {
            let (session, at, place) = (session.clone(), at.clone(), place.clone());
            async move {
                let read = async {
                    let handle = session.open::<_, Read>(at).await?;
                    handle.read(std::slice::from_ref(&name)).await
                };
                match read.await {
                    Ok(mut found) => {
                        // What is gone meanwhile, and what is too large to be told at all.
                        let item = found.pop().flatten().filter(|item| !item.is_too_large)?;
                        let name = format!("{place}/{}", in_archive(name.as_str(), number));
                        let size = u64::try_from(item.content.len()).ok();
                        let content: ByteStream = Box::pin(stream::iter([Ok(item.content)]));
                        Some(Ok(Member::File { name, seconds, size, content }))
                    }
                    Err(error) => Some(Err(error)),
                }
            }
        })
    });
    Box::pin(whole.chain(rest))
}

fn document(name: &str, content: &Value) -> Part {
    Part { texts: vec![(name.to_owned(), format!("{content:#}\n"))], ..Part::default() }
}

fn listing(name: &str, what: &str, rows: &[Value]) -> (String, String) {
    (name.to_owned(), format!("{:#}\n", json!({ what: rows })))
}

fn texts(texts: Vec<(String, String)>, seconds: i64) -> Members {
    Box::pin(stream::iter(texts.into_iter().map(move |(name, text)| {
        let octets = Bytes::from(text);
        let size = u64::try_from(octets.len()).ok();
        Ok(Member::File { name, seconds, size, content: Box::pin(stream::iter([Ok(octets)])) })
    })))
}

/// The day of a moment, in UTC, as file names sort.
fn day(seconds: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| String::new(), |at| at.date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_and_their_levels_have_names_of_their_own() {
        for (name, expected) in [
            ("INBOX", "mail/INBOX.mbox"),
            ("Projets/Été", "mail/Projets/Été.mbox"),
            ("A.mbox/B", "mail/A.mbox (3)/B.mbox"),
            ("..\\x/..", "mail/.._x (3)/_ (3).mbox"),
        ] {
            assert_eq!(mailbox_member(name, 3), expected);
        }
    }
}
