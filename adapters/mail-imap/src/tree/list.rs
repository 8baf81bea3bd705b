//! All mailboxes of an owner: two commands in one round trip where the store has LIST-EXTENDED and LIST-STATUS (RFC 5258,
//! RFC 5819); else LIST and LSUB, and then STATUS of each, many in one round trip.

use crate::{
    connect::is_ok,
    imap::{Imap, Who},
    settings::Store,
};
use passerelle_core::{
    Error, Permit, Read, Result,
    ports::{ListedMailbox, MOST_MAILBOXES, MailboxCounts, MailboxListing, MailboxPlace, SpecialUse, Subscription},
};
use passerelle_model::AccountRef;
use passerelle_wire_imap::{Value, decoded, values};
use std::{
    collections::{HashMap, HashSet},
    io,
    sync::Arc,
};

/// How many mailboxes are asked about in one round trip, where each takes a command.
const TOGETHER: usize = 200;

/// `mailbox-list = "(" [flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP extended]` (RFC 9051 §7.3.1).
pub(crate) struct Named {
    pub(crate) attributes: Vec<String>,
    pub(crate) delimiter: Option<char>,
    /// The name as the store writes it.
    pub(crate) name: Vec<u8>,
}

impl Named {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|it| it.eq_ignore_ascii_case(attribute))
    }
}

/// Reads a LIST response.
pub(crate) fn listed(response: &[u8]) -> Option<Named> {
    named(response, "LIST")
}

fn named(response: &[u8], verb: &str) -> Option<Named> {
    let all = values(response)?;
    let [star, said, Value::List(attributes), delimiter, name, ..] = all.as_slice() else { return None };
    if !star.is("*") || !said.is(verb) {
        return None;
    }
    Some(Named {
        attributes: attributes.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect(),
        delimiter: delimiter.as_str().and_then(|it| it.chars().next()),
        name: name.text()?.to_vec(),
    })
}

/// What came, until it is put together.
#[derive(Default)]
struct Came {
    mailboxes: Vec<Named>,
    subscribed: HashSet<Vec<u8>>,
    counts: HashMap<Vec<u8>, MailboxCounts>,
    /// The prefixes of other people's mailboxes, and of common ones.
    prefixes: Vec<(String, MailboxPlace)>,
}

pub(crate) async fn list(store: &Arc<Store>, at: &Permit<AccountRef, Read>) -> Result<MailboxListing> {
    let who = Who::of(at, &at.target().0);
    let mut imap = Imap::of(store, who, None).await?;
    let (extended, counts_along) = (imap.has("LIST-EXTENDED") || imap.has("IMAP4REV2"), imap.has("LIST-STATUS"));
    let items = status_items(&imap);
    let mut commands = Vec::new();
    if extended {
        let special = if imap.has("SPECIAL-USE") { " SPECIAL-USE" } else { "" };
        let counts = if counts_along { format!(" STATUS ({items})") } else { String::new() };
        commands.push(format!("LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN{special}{counts})"));
    } else {
        commands.push("LIST \"\" \"*\"".to_owned());
        commands.push("LSUB \"\" \"*\"".to_owned());
    }
    if imap.has("NAMESPACE") {
        commands.push("NAMESPACE".to_owned());
    }
    let mut came = Came::default();
    let answers = imap.converse_all(&commands, |_, response| came.take(response)).await?;
    if let Some(words) = answers.iter().find(|words| !is_ok(words, "")) {
        return Err(imap.refused("listing mailboxes", words));
    }
    if came.mailboxes.len() > MOST_MAILBOXES {
        return Err(Error::TooLarge { most: u64::try_from(MOST_MAILBOXES).unwrap_or(u64::MAX) });
    }
    count_each(&mut imap, &mut came, &items).await?;
    imap.leave().await;
    Ok(came.together())
}

/// What STATUS is asked for (RFC 9051 §6.3.11, RFC 7162 §3.1.7). Not for MAILBOXID (RFC 8474 §4.3): Cyrus 3.6 answers with
/// octets of a name that it has let go.
pub(crate) fn status_items(imap: &Imap) -> String {
    let modseq = if imap.has("CONDSTORE") || imap.has("QRESYNC") { " HIGHESTMODSEQ" } else { "" };
    format!("MESSAGES UNSEEN UIDVALIDITY UIDNEXT{modseq}")
}

/// Those that the list told nothing of: a response that cannot be read tells nothing.
async fn count_each(imap: &mut Imap, came: &mut Came, items: &str) -> Result<()> {
    let mut commands = Vec::new();
    for mailbox in came.mailboxes.iter().filter(|it| opens(it) && !came.counts.contains_key(&it.name)) {
        let mut command = b"STATUS ".to_vec();
        passerelle_wire_imap::quoted(&mailbox.name, &mut command);
        // A name that is no text could not be said to us either.
        if let Ok(name) = String::from_utf8(command) {
            commands.push(format!("{name} ({items})"));
        }
    }
    for some in commands.chunks(TOGETHER) {
        imap.converse_all(some, |_, response| came.take(response)).await?;
    }
    Ok(())
}

fn opens(mailbox: &Named) -> bool {
    !mailbox.has("\\Noselect") && !mailbox.has("\\NonExistent")
}

impl Came {
    fn take(&mut self, response: &[u8]) -> io::Result<()> {
        if let Some(named) = listed(response) {
            if named.has("\\Subscribed") {
                self.subscribed.insert(named.name.clone());
            }
            // One more than may be is enough to know that there are too many.
            if self.mailboxes.len() <= MOST_MAILBOXES {
                self.mailboxes.push(named);
            }
        } else if let Some(subscribed) = named(response, "LSUB") {
            if self.subscribed.len() <= MOST_MAILBOXES {
                self.subscribed.insert(subscribed.name);
            }
        } else if let Some((name, counts)) = counted(response) {
            if self.counts.len() <= MOST_MAILBOXES {
                self.counts.insert(name, counts);
            }
        } else if let Some(prefixes) = namespaces(response) {
            self.prefixes = prefixes;
        }
        Ok(())
    }

    fn together(mut self) -> MailboxListing {
        let mut listing = MailboxListing::default();
        for named in std::mem::take(&mut self.mailboxes) {
            let Some(name) = plain_name(&named.name, named.delimiter) else {
                listing.unnamable = listing.unnamable.saturating_add(1);
                continue;
            };
            let at = |(prefix, _): &&(String, MailboxPlace)| {
                name.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let place = self.prefixes.iter().filter(at).max_by_key(|(prefix, _)| prefix.len());
            let subscribed = self.subscribed.contains(&named.name);
            listing.mailboxes.push(ListedMailbox {
                place: place.map_or(MailboxPlace::Own, |(_, place)| *place),
                opens: opens(&named),
                has_children: named.has("\\HasChildren"),
                subscription: if subscribed { Subscription::Subscribed } else { Subscription::Unsubscribed },
                use_for: named.attributes.iter().find_map(|it| SpecialUse::parse(it)),
                counts: self.counts.remove(&named.name),
                name,
            });
        }
        // Without CHILDREN (RFC 3348) the names themselves tell.
        let parents: HashSet<String> = listing
            .mailboxes
            .iter()
            .filter_map(|it| it.name.rsplit_once('/').map(|(parent, _)| parent.to_owned()))
            .collect();
        for mailbox in &mut listing.mailboxes {
            mailbox.has_children |= parents.contains(&mailbox.name);
        }
        listing
    }
}

/// The name with `/` between its levels; INBOX is one in whatever case (RFC 9051 §5.1).
pub(crate) fn plain_name(name: &[u8], delimiter: Option<char>) -> Option<String> {
    let name = decoded(name)?;
    let name = match delimiter {
        Some('/') => name,
        _ if name.contains('/') => return None,
        Some(delimiter) => name.replace(delimiter, "/"),
        None => name,
    };
    let (first, rest) = name.split_at(name.find('/').unwrap_or(name.len()));
    let is_inbox = first.eq_ignore_ascii_case("INBOX");
    Some(if is_inbox { format!("INBOX{rest}") } else { name })
}

/// `* STATUS name (MESSAGES 12 UNSEEN 3 ...)` (RFC 9051 §7.3.5).
pub(crate) fn counted(response: &[u8]) -> Option<(Vec<u8>, MailboxCounts)> {
    let all = values(response)?;
    let [star, said, name, Value::List(items)] = all.as_slice() else { return None };
    if !star.is("*") || !said.is("STATUS") {
        return None;
    }
    let item = |name: &str| items.chunks_exact(2).find_map(|pair| pair.first()?.is(name).then(|| pair.get(1))?);
    let number = |name: &str| item(name)?.number::<u32>();
    Some((
        name.text()?.to_vec(),
        MailboxCounts {
            messages: number("MESSAGES")?,
            unseen: number("UNSEEN")?,
            uid_validity: number("UIDVALIDITY")?,
            uid_next: number("UIDNEXT")?,
            // RFC 7162 §3.1.2.2: 0 is a mailbox without them.
            highest_modseq: item("HIGHESTMODSEQ").and_then(Value::number).filter(|it| *it > 0),
        },
    ))
}

/// `* NAMESPACE (("" "/")) (("shared/" "/")) NIL` (RFC 9051 §6.3.10): where what is not the owner's lies.
fn namespaces(response: &[u8]) -> Option<Vec<(String, MailboxPlace)>> {
    let all = values(response)?;
    let [star, said, _, others, common, ..] = all.as_slice() else { return None };
    if !star.is("*") || !said.is("NAMESPACE") {
        return None;
    }
    let mut prefixes = Vec::new();
    for (namespaces, place) in [(others, MailboxPlace::Others), (common, MailboxPlace::Common)] {
        for namespace in namespaces.list().unwrap_or_default() {
            let Some([prefix, delimiter, ..]) = namespace.list() else { continue };
            let (Some(prefix), delimiter) = (prefix.text().and_then(decoded), delimiter.as_str()) else { continue };
            let prefix = delimiter.map_or(prefix.clone(), |delimiter| prefix.replace(delimiter, "/"));
            let prefix = prefix.trim_end_matches('/').to_owned();
            if !prefix.is_empty() {
                prefixes.push((prefix, place));
            }
        }
    }
    Some(prefixes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stores_say() {
        let mut came = Came::default();
        for line in [
            "* LIST (\\HasNoChildren \\Subscribed) \".\" Inbox\r\n",
            "* LIST (\\Noselect \\HasChildren) \".\" \"a\"\r\n",
            "* LIST (\\HasNoChildren \\Sent) \".\" \"a.&AOk-\"\r\n",
            "* LIST () \".\" \"a/b\"\r\n",
            "* LIST () \".\" \"user.u2.x\"\r\n",
            "* LIST (\\NonExistent) \".\" \"&bad\"\r\n",
            "* STATUS Inbox (MESSAGES 3 UNSEEN 1 UIDVALIDITY 7 UIDNEXT 9 HIGHESTMODSEQ 12)\r\n",
            "* STATUS \"a.&AOk-\" (MESSAGES 3 UIDVALIDITY 7 UIDNEXT 9)\r\n",
            "* NAMESPACE ((\"\" \".\")) ((\"user.\" \".\")) NIL\r\n",
            "* OK hello\r\n",
        ] {
            assert!(came.take(line.as_bytes()).is_ok());
        }
        let listing = came.together();
        assert_eq!(listing.unnamable, 2);
        let shown: Vec<_> = listing
            .mailboxes
            .iter()
            .map(|it| (it.name.as_str(), it.opens, it.has_children, it.use_for, it.place))
            .collect();
        let own = MailboxPlace::Own;
        assert_eq!(
            shown,
            [
                ("INBOX", true, false, None, own),
                ("a", false, true, None, own),
                ("a/é", true, false, Some(SpecialUse::Sent), own),
                ("user/u2/x", true, false, None, MailboxPlace::Others),
            ]
        );
        let counts = listing.mailboxes.first().and_then(|it| it.counts.clone());
        assert_eq!(
            counts,
            Some(MailboxCounts { messages: 3, unseen: 1, uid_validity: 7, uid_next: 9, highest_modseq: Some(12) })
        );
        assert_eq!(listing.mailboxes.get(2).and_then(|it| it.counts.clone()), None, "a count that is not told is none");
    }
}
