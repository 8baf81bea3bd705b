//! `Email/set` (RFC 8621 §4.6). A message cannot change, only its keywords and where it lies; and a message that is moved gets the
//! id of its new place, which the answer tells as its `id` (`docs/decisions/0031-jmap-over-imap.md`).

use super::{create::create, filter::flag};
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    id::{EmailId, MailboxId},
    methods::set::{Done, Set},
    state::UNKNOWN_STATE,
};
use futures::TryStreamExt;
use passerelle_core::{
    Add, Edit, Remove,
    ports::{Flag, FlagChange, Item, Items},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most changes of one message.
const MOST_CHANGES: usize = 200;

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: Set) -> Result<Value, MethodError> {
    desk.enter(&arguments.account_id).await?;
    let old_state = desk.mailboxes().await?.mail_state().to_text();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for (name, email) in arguments.create.unwrap_or_default() {
        match create(desk, &email).await {
            Ok((id, value)) => done.created(desk, &name, id.to_string(), value),
            Err(error) => done.not_created(desk, &name, &error),
        }
    }
    let destroyed: HashSet<String> = arguments.destroy.iter().flatten().cloned().collect();
    let mut updates: BTreeMap<(MailboxId, Change), Vec<(String, EmailId)>> = BTreeMap::new();
    for (name, patch) in arguments.update.unwrap_or_default() {
        let wanted = match known(desk, &name) {
            _ if destroyed.contains(&name) => Err(SetError::new("willDestroy")),
            Some(email) => Change::of(desk, email.mailbox, &patch).map(|change| (email, change)),
            None => Err(SetError::new("notFound")),
        };
        match wanted {
            Ok((email, change)) => updates.entry((email.mailbox, change)).or_default().push((name, email)),
            Err(error) => done.not_updated(desk, &name, &error),
        }
    }
    for ((mailbox, change), emails) in updates {
        let names: Vec<String> = emails.iter().map(|(name, _)| name.clone()).collect();
        match apply(desk, mailbox, &change, emails).await {
            Ok(outcome) => {
                for (name, moved) in outcome {
                    match moved {
                        Some(more) => done.updated(name, more),
                        None => done.not_updated(desk, &name, &SetError::new("notFound")),
                    }
                }
            }
            Err(error) => names.iter().for_each(|name| done.not_updated(desk, name, &error)),
        }
    }
    let mut gone: BTreeMap<MailboxId, Vec<(String, EmailId)>> = BTreeMap::new();
    for name in destroyed {
        match known(desk, &name) {
            Some(email) => gone.entry(email.mailbox).or_default().push((name, email)),
            None => done.not_destroyed(desk, &name, &SetError::new("notFound")),
        }
    }
    for (mailbox, emails) in gone {
        let names: Vec<String> = emails.iter().map(|(name, _)| name.clone()).collect();
        match destroy(desk, mailbox, emails).await {
            Ok(outcome) => {
                for (name, was_there) in outcome {
                    if was_there {
                        done.destroyed(name);
                    } else {
                        done.not_destroyed(desk, &name, &SetError::new("notFound"));
                    }
                }
            }
            Err(error) => names.iter().for_each(|name| done.not_destroyed(desk, name, &error)),
        }
    }
    desk.look_again();
    // What was done is told, also where the store is gone by now: from such a state changes cannot be told.
    let now = desk.mailboxes().await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.mail_state().to_text());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

fn known(desk: &Desk<'_>, name: &str) -> Option<EmailId> {
    desk.meant(name).and_then(EmailId::parse)
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Change {
    /// These keywords and no others.
    all: Option<Vec<String>>,
    set: Vec<String>,
    clear: Vec<String>,
    to: Option<MailboxId>,
}

impl Change {
    /// Reads a patch (RFC 8620 §5.3).
    fn of(desk: &Desk<'_>, mailbox: MailboxId, patch: &Value) -> Result<Self, SetError> {
        let patch = patch.as_object().filter(|it| it.len() <= MOST_CHANGES);
        let patch = patch.ok_or_else(|| SetError::new("invalidPatch"))?;
        let mut change = Self::default();
        let (mut added, mut taken): (Vec<MailboxId>, Vec<MailboxId>) = (Vec::new(), Vec::new());
        let mut replaced: Option<Vec<MailboxId>> = None;
        let mailbox_of = |id: &str| desk.meant(id).and_then(MailboxId::parse);
        let no_mailbox = || SetError::properties(&["mailboxIds"], "there is no such mailbox");
        for (path, value) in patch {
            let whether = || match value {
                Value::Bool(true) => Ok(true),
                Value::Null => Ok(false),
                _ => Err(SetError::saying("invalidPatch", format!("{path} is true or null"))),
            };
            match path.split_once('/') {
                Some(("keywords", word)) => {
                    let word = word.replace("~1", "/").replace("~0", "~").to_ascii_lowercase();
                    if flag(&word).is_none() {
                        return Err(SetError::properties(&["keywords"], "this is no keyword"));
                    }
                    if whether()? { change.set.push(word) } else { change.clear.push(word) }
                }
                Some(("mailboxIds", id)) => {
                    let id = mailbox_of(id).ok_or_else(no_mailbox)?;
                    if whether()? { added.push(id) } else { taken.push(id) }
                }
                None if path == "keywords" => change.all = Some(keywords(value)?),
                None if path == "mailboxIds" => {
                    let ids = truths(value).ok_or_else(no_mailbox)?;
                    let ids: Option<Vec<MailboxId>> = ids.iter().map(|id| mailbox_of(id)).collect();
                    replaced = Some(ids.ok_or_else(no_mailbox)?);
                }
                _ => return Err(SetError::properties(&[path], "of a message only keywords and mailboxIds change")),
            }
        }
        if change.all.is_some() && !(change.set.is_empty() && change.clear.is_empty())
            || replaced.is_some() && !(added.is_empty() && taken.is_empty())
        {
            return Err(SetError::new("invalidPatch"));
        }
        let mut lies_in: HashSet<MailboxId> = replaced.map_or_else(|| HashSet::from([mailbox]), HashSet::from_iter);
        lies_in.extend(added);
        lies_in.retain(|id| !taken.contains(id));
        match lies_in.into_iter().collect::<Vec<_>>().as_slice() {
            [one] if *one == mailbox => {}
            [one] => change.to = Some(*one),
            [] => return Err(SetError::properties(&["mailboxIds"], "a message lies in a mailbox: destroy it")),
            _ => return Err(SetError::properties(&["mailboxIds"], "a message lies in one mailbox here: copy it")),
        }
        change.set.sort();
        change.clear.sort();
        Ok(change)
    }
}

/// The names of a set, `{"x": true}`.
pub(super) fn truths(value: &Value) -> Option<Vec<String>> {
    let all = value.as_object()?;
    all.values().all(|it| *it == Value::Bool(true)).then(|| all.keys().cloned().collect())
}

/// The keywords of a message that is made or changed.
pub(super) fn keywords(value: &Value) -> Result<Vec<String>, SetError> {
    let wrong = || SetError::properties(&["keywords"], "keywords are those of RFC 8621, each true");
    let words: Vec<String> = truths(value).ok_or_else(wrong)?.iter().map(|word| word.to_ascii_lowercase()).collect();
    if words.iter().all(|word| flag(word).is_some()) { Ok(words) } else { Err(wrong()) }
}

fn flags(words: &[String]) -> Vec<Flag> {
    words.iter().filter_map(|word| flag(word)).collect()
}

/// Changes messages of one mailbox alike. For each that is there, what the client does not know; `None` for the others.
async fn apply(
    desk: &mut Desk<'_>,
    mailbox: MailboxId,
    change: &Change,
    emails: Vec<(String, EmailId)>,
) -> Result<Vec<(String, Option<Value>)>, SetError> {
    let Some(name) = desk.name_of(mailbox).await? else {
        return Ok(emails.into_iter().map(|(name, _)| (name, None)).collect());
    };
    let target = match change.to {
        Some(to) => {
            let there = desk.name_of(to).await?;
            Some(there.ok_or_else(|| SetError::properties(&["mailboxIds"], "there is no such mailbox"))?)
        }
        None => None,
    };
    let had = there(desk, &name, emails.iter().map(|(_, email)| *email)).await?;
    let uids: Vec<u32> = had.keys().map(|email| email.uid).collect();
    let mut moved: HashMap<u32, EmailId> = HashMap::new();
    if !uids.is_empty() {
        // From here on a part of it may be done when it fails.
        moved = alter(desk, &name, change, &had, target.as_deref()).await.map_err(SetError::partly)?;
    }
    let told = |email: EmailId| moved.get(&email.uid).map_or(Value::Null, |new| json!({ "id": new.to_string() }));
    Ok(emails.into_iter().map(|(name, email)| (name, had.contains_key(&email).then(|| told(email)))).collect())
}

/// Changes messages that are there, and says where they are then.
async fn alter(
    desk: &mut Desk<'_>,
    name: &str,
    change: &Change,
    had: &HashMap<EmailId, Vec<Flag>>,
    target: Option<&str>,
) -> Result<HashMap<u32, EmailId>, SetError> {
    let uids: Vec<u32> = had.keys().map(|email| email.uid).collect();
    if let Some(all) = &change.all {
        replace(desk, name, had, &flags(all)).await?;
    }
    for (wanted, set) in [(flags(&change.set), true), (flags(&change.clear), false)] {
        if !wanted.is_empty() {
            let edit = desk.handle::<Edit>(name).await?;
            let change = if set { FlagChange::Set(wanted) } else { FlagChange::Clear(wanted) };
            desk.open(name).await?.flag(&edit, &uids, &change).await?;
        }
    }
    let (Some(to), Some(target)) = (change.to, target) else { return Ok(HashMap::new()) };
    let (remove, add) = (desk.handle::<Remove>(name).await?, desk.handle::<Add>(target).await?);
    let places = desk.open(name).await?.relocate(&remove, &add, &uids).await?.places;
    // What is open of the target does not show what has come to it.
    desk.drop_open(target);
    let Some((uid_validity, pairs)) = places else { return Ok(HashMap::new()) };
    Ok(pairs.into_iter().map(|(old, uid)| (old, EmailId { mailbox: to, uid_validity, uid })).collect())
}

/// Those of the messages that are there, with their flags.
async fn there(
    desk: &mut Desk<'_>,
    name: &str,
    emails: impl Iterator<Item = EmailId>,
) -> Result<HashMap<EmailId, Vec<Flag>>, SetError> {
    let opened = desk.open(name).await?;
    let uid_validity = opened.facts().uid_validity;
    let known: HashMap<u32, EmailId> =
        emails.filter(|email| email.uid_validity == uid_validity).map(|email| (email.uid, email)).collect();
    let uids: Vec<u32> = known.keys().copied().collect();
    if uids.is_empty() {
        return Ok(HashMap::new());
    }
    let items = Items { items: vec![Item::Flags], headers: Vec::new() };
    let mut summaries = opened.show(&uids, &items).await?;
    let mut had = HashMap::new();
    while let Some(summary) = summaries.try_next().await? {
        if let Some(email) = known.get(&summary.uid) {
            had.insert(*email, summary.flags.unwrap_or_default());
        }
    }
    Ok(had)
}

/// Gives messages these keywords and no others. What is no keyword, `\Deleted`, stays as it is.
async fn replace(
    desk: &mut Desk<'_>,
    name: &str,
    had: &HashMap<EmailId, Vec<Flag>>,
    all: &[Flag],
) -> Result<(), SetError> {
    let is_in = |flags: &[Flag], flag: &Flag| flags.iter().any(|it| it.as_str().eq_ignore_ascii_case(flag.as_str()));
    let uids: Vec<u32> = had.keys().map(|email| email.uid).collect();
    let edit = desk.handle::<Edit>(name).await?;
    let mut extra: Vec<Flag> = Vec::new();
    for flag in had.values().flatten().filter(|flag| flag.as_str() != "\\Deleted" && !is_in(all, flag)) {
        if !is_in(&extra, flag) {
            extra.push(flag.clone());
        }
    }
    let opened = desk.open(name).await?;
    if !extra.is_empty() {
        opened.flag(&edit, &uids, &FlagChange::Clear(extra)).await?;
    }
    if !all.is_empty() {
        opened.flag(&edit, &uids, &FlagChange::Set(all.to_vec())).await?;
    }
    Ok(())
}

/// Removes messages of one mailbox, and says of each whether it was there.
async fn destroy(
    desk: &mut Desk<'_>,
    mailbox: MailboxId,
    emails: Vec<(String, EmailId)>,
) -> Result<Vec<(String, bool)>, SetError> {
    let Some(name) = desk.name_of(mailbox).await? else {
        return Ok(emails.into_iter().map(|(name, _)| (name, false)).collect());
    };
    let had = there(desk, &name, emails.iter().map(|(_, email)| *email)).await?;
    let uids: Vec<u32> = had.keys().map(|email| email.uid).collect();
    if !uids.is_empty() {
        let remove = desk.handle::<Remove>(&name).await?;
        desk.open(&name).await?.remove(&remove, &uids).await?;
    }
    Ok(emails.into_iter().map(|(name, email)| (name, had.contains_key(&email))).collect())
}

/// What of a new message is for the store and not in it.
pub(super) struct Filed {
    pub(super) mailbox: String,
    pub(super) keywords: Vec<String>,
    pub(super) received: Option<passerelle_model::Timestamp>,
}

/// Where a new message goes (RFC 8621 §4.6, §4.8).
pub(super) async fn filed(desk: &mut Desk<'_>, email: &Map<String, Value>) -> Result<Filed, SetError> {
    let wrong = |why: &str| SetError::properties(&["mailboxIds"], why);
    let ids = email.get("mailboxIds").and_then(truths).ok_or_else(|| wrong("a message lies in a mailbox"))?;
    let [id] = ids.as_slice() else { return Err(wrong("a message lies in one mailbox here")) };
    let id = desk.meant(id).and_then(MailboxId::parse).ok_or_else(|| wrong("there is no such mailbox"))?;
    let mailbox = desk.name_of(id).await?.ok_or_else(|| wrong("there is no such mailbox"))?;
    let keywords = email.get("keywords").filter(|it| !it.is_null()).map(keywords).transpose()?.unwrap_or_default();
    let received = match email.get("receivedAt").filter(|it| !it.is_null()) {
        Some(at) => {
            let at = super::filter::moment(at.as_str().unwrap_or_default());
            Some(at.map_err(|_| SetError::properties(&["receivedAt"], "this is no UTCDate"))?)
        }
        None => None,
    };
    Ok(Filed { mailbox, keywords, received })
}
