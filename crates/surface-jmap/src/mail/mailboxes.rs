//! The mailboxes of a listing, with parents for all of them and the ids that clients know them by (RFC 8621 §2).

use crate::{
    id::MailboxId,
    state::{Facts, MailState, TreeState, mark},
};
pub(crate) use passerelle_core::ports::UPLOADS;
use passerelle_core::ports::{
    ListedMailbox, MailboxCounts, MailboxFacts, MailboxListing, MailboxPlace, SpecialUse, Subscription,
};
use passerelle_model::Rights;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    pub(crate) id: MailboxId,
    /// Its name with `/` between the levels.
    pub(crate) name: String,
    /// Whether there can be messages in it.
    pub(crate) opens: bool,
    pub(crate) role: Option<&'static str>,
    pub(crate) is_subscribed: bool,
    pub(crate) counts: Option<MailboxCounts>,
    /// Whether it is in the owner's own part of the store, and the owner's who asks.
    is_own: bool,
    /// Whether it is another's who shares it.
    is_shared: bool,
    /// What whoever asks may do with what is in it.
    rights: Rights,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mailboxes {
    all: BTreeMap<MailboxId, Mailbox>,
    pub(crate) has_uploads: bool,
}

impl Mailboxes {
    /// One's own, of what the store tells.
    pub(crate) fn own(listing: MailboxListing, only_reads: bool) -> Self {
        let rights = if only_reads { Rights::READ } else { Rights::ALL };
        Self::of(listing.mailboxes.into_iter().map(|listed| (listed, rights)), true)
    }

    /// Those that somebody shares, each with the rights on it.
    pub(crate) fn shared(listing: Vec<(ListedMailbox, Rights)>) -> Self {
        let readable = listing.into_iter().map(|(listed, rights)| {
            let opens = listed.opens && rights.contains(Rights::READ);
            (ListedMailbox { opens, counts: listed.counts.filter(|_| opens), ..listed }, rights)
        });
        // What its owner has uploaded is the owner's.
        Self { has_uploads: false, ..Self::of(readable, false) }
    }

    /// A name that only others hang below is a mailbox without messages, also where the store does not list it.
    fn of(listing: impl Iterator<Item = (ListedMailbox, Rights)>, is_theirs: bool) -> Self {
        let mut all: BTreeMap<MailboxId, Mailbox> = BTreeMap::new();
        let mut taken = Vec::new();
        let mut has_uploads = false;
        for (listed, rights) in listing {
            if listed.name == UPLOADS {
                has_uploads = true;
                continue;
            }
            let role = role(&listed.name, listed.use_for).filter(|role| !taken.contains(role));
            taken.extend(role);
            let mailbox = Mailbox {
                id: MailboxId::of(&listed.name),
                opens: listed.opens,
                role,
                is_subscribed: listed.subscription == Subscription::Subscribed,
                counts: listed.counts,
                is_own: is_theirs && listed.place == MailboxPlace::Own,
                is_shared: !is_theirs,
                rights,
                name: listed.name,
            };
            all.insert(mailbox.id, mailbox);
        }
        let names: Vec<(String, bool, Rights)> =
            all.values().map(|it| (it.name.clone(), it.is_own, it.rights)).collect();
        for (name, is_own, rights) in names {
            // A level above what is shared is nothing that is shared.
            let rights = if is_theirs { rights } else { Rights::LOOKUP };
            for (end, _) in name.match_indices('/') {
                let name = name.get(..end).unwrap_or_default().to_owned();
                let id = MailboxId::of(&name);
                all.entry(id).or_insert_with(|| Mailbox {
                    id,
                    name,
                    opens: false,
                    role: None,
                    is_subscribed: false,
                    counts: None,
                    is_own,
                    is_shared: !is_theirs,
                    rights,
                });
            }
        }
        Self { all, has_uploads }
    }

    pub(crate) fn get(&self, id: MailboxId) -> Option<&Mailbox> {
        self.all.get(&id)
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Mailbox> {
        self.get(MailboxId::of(name))
    }

    /// Whether all that is told of a mailbox here was there when it was opened.
    pub(crate) fn are_in(&self, name: &str, opened: &MailboxFacts) -> bool {
        let Some(counts) = self.named(name).and_then(|it| it.counts.as_ref()) else { return false };
        counts.uid_validity == opened.uid_validity
            && match (counts.highest_modseq, opened.highest_modseq) {
                (Some(told), Some(counted)) => counted >= told && opened.uid_next >= counts.uid_next,
                (None, _) | (_, None) => (counts.messages, counts.uid_next) == (opened.exists, opened.uid_next),
            }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mailbox> {
        self.all.values()
    }

    /// The state of the messages.
    pub(crate) fn mail_state(&self) -> MailState {
        MailState(self.iter().filter_map(|it| Some((it.id, Facts::of(it.counts.as_ref()?)))).collect())
    }

    /// The state of the mailboxes.
    pub(crate) fn tree_state(&self) -> TreeState {
        let of = |it: &Mailbox| {
            let Mailbox { name, opens, role, is_subscribed, counts, .. } = it;
            let counts = counts.as_ref().map(|it| (it.messages, it.unseen));
            (mark(&format!("{name}\0{opens}{role:?}{is_subscribed}")), mark(&format!("{counts:?}")))
        };
        TreeState(self.iter().map(|it| (it.id, of(it))).collect())
    }
}

/// What the store says that it is for (RFC 8621 §2, IANA's "IMAP Mailbox Name Attributes").
fn role(name: &str, use_for: Option<SpecialUse>) -> Option<&'static str> {
    if name == "INBOX" {
        return Some("inbox");
    }
    Some(match use_for? {
        SpecialUse::All => "all",
        SpecialUse::Archive => "archive",
        SpecialUse::Drafts => "drafts",
        SpecialUse::Flagged => "flagged",
        SpecialUse::Important => "important",
        SpecialUse::Junk => "junk",
        SpecialUse::Sent => "sent",
        SpecialUse::Trash => "trash",
    })
}

/// The use that a role stands for; `None` for a role that nobody gives.
pub(crate) fn use_for(role: &str) -> Option<SpecialUse> {
    Some(match role {
        "all" => SpecialUse::All,
        "archive" => SpecialUse::Archive,
        "drafts" => SpecialUse::Drafts,
        "flagged" => SpecialUse::Flagged,
        "important" => SpecialUse::Important,
        "junk" => SpecialUse::Junk,
        "sent" => SpecialUse::Sent,
        "trash" => SpecialUse::Trash,
        _ => return None,
    })
}

/// All properties of a mailbox.
const PROPERTIES: [&str; 12] = [
    "id",
    "name",
    "parentId",
    "role",
    "sortOrder",
    "totalEmails",
    "unreadEmails",
    "totalThreads",
    "unreadThreads",
    "myRights",
    "isSubscribed",
    "shareWith",
];

/// Those that a client can ask for; the last one where it knows of sharing (RFC 9670 §4).
pub(crate) fn properties(with_sharing: bool) -> &'static [&'static str] {
    let (_, others) = PROPERTIES.split_last().unwrap_or((&"", &[]));
    if with_sharing { &PROPERTIES } else { others }
}

impl Mailbox {
    /// Whether whoever asks may say who shares it: of what lies in another's part of one's own store only that store could.
    pub(crate) fn may_share(&self) -> bool {
        self.opens && (self.is_own || self.is_shared) && self.rights.contains(Rights::MANAGE)
    }

    /// The last level of its name.
    pub(crate) fn leaf(&self) -> &str {
        self.name.rsplit_once('/').map_or(self.name.as_str(), |(_, leaf)| leaf)
    }

    pub(crate) fn parent(&self) -> Option<MailboxId> {
        self.name.rsplit_once('/').map(|(parent, _)| MailboxId::of(parent))
    }

    /// Where it stands among others: what mail comes to first, then what it goes to.
    pub(crate) fn sort_order(&self) -> u32 {
        let order = ["inbox", "flagged", "important", "drafts", "sent", "archive", "all", "junk", "trash"];
        let place = self.role.and_then(|role| order.iter().position(|it| *it == role));
        place.and_then(|place| u32::try_from(place).ok()).unwrap_or(9).saturating_add(1)
    }

    /// Whether it may be made to be another, or to be gone.
    fn may_change(&self) -> bool {
        // What lies in another's part of one's own store is not one's own to rename.
        let lies_at_its_owners = self.is_own || self.is_shared;
        lies_at_its_owners && self.rights.contains(Rights::MANAGE) && self.role != Some("inbox")
    }

    /// Whether the store tells its counts. What it does not tell of a mailbox of the owner's own is away, and not nothing; of
    /// others it may have reasons.
    ///
    /// # Errors
    /// `Unavailable`.
    pub(crate) fn check_counted(&self) -> passerelle_core::Result<()> {
        if self.counts.is_some() || !self.opens || !(self.is_own || self.is_shared) {
            return Ok(());
        }
        Err(passerelle_core::Error::unavailable("the mail store", "counting a mailbox", "it does not tell its counts"))
    }

    /// These properties. Numbers of threads are those of messages: no store of IMAP counts threads.
    pub(crate) fn json(&self, properties: &[&str]) -> Value {
        let (total, unread) = self.counts.as_ref().map_or((0, 0), |it| (it.messages, it.unseen));
        let may = |right| self.opens && self.rights.contains(right);
        let mut all = Map::new();
        for property in properties {
            let value = match *property {
                "id" => json!(self.id.to_string()),
                "name" => json!(self.leaf()),
                "parentId" => json!(self.parent().map(|it| it.to_string())),
                "role" => json!(self.role),
                "sortOrder" => json!(self.sort_order()),
                "totalEmails" | "totalThreads" => json!(total),
                "unreadEmails" | "unreadThreads" => json!(unread),
                "myRights" => json!({
                    "mayReadItems": self.opens && self.counts.is_some(),
                    "mayAddItems": may(Rights::ADD),
                    "mayRemoveItems": may(Rights::REMOVE),
                    "maySetSeen": may(Rights::EDIT),
                    "maySetKeywords": may(Rights::EDIT),
                    "mayCreateChild": self.rights.contains(Rights::MANAGE),
                    "mayRename": self.may_change(),
                    "mayDelete": self.may_change(),
                    "maySubmit": self.is_own && may(Rights::ADD),
                }),
                "isSubscribed" => json!(self.is_subscribed),
                _ => continue,
            };
            all.insert((*property).to_owned(), value);
        }
        Value::Object(all)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn listed(name: &str, use_for: Option<SpecialUse>) -> ListedMailbox {
        ListedMailbox {
            name: name.to_owned(),
            opens: true,
            has_children: false,
            subscription: Subscription::Subscribed,
            use_for,
            place: MailboxPlace::Own,
            counts: None,
        }
    }

    #[test]
    fn every_parent_is_there_and_every_role_once() {
        let mailboxes = vec![
            listed("INBOX", None),
            listed("a/b/c", Some(SpecialUse::Sent)),
            listed("Sent", Some(SpecialUse::Sent)),
        ];
        let all = Mailboxes::own(MailboxListing { mailboxes, unnamable: 0 }, false);
        for mailbox in all.iter() {
            assert!(mailbox.parent().is_none_or(|parent| all.get(parent).is_some()), "{}", mailbox.name);
        }
        assert_eq!(all.iter().filter(|it| it.role == Some("sent")).count(), 1);
        let parent = all.named("a/b").unwrap();
        assert!(!parent.opens && parent.json(&["myRights"])["myRights"]["mayReadItems"] == false);
        assert_eq!(all.named("INBOX").unwrap().json(&PROPERTIES)["role"], "inbox");
    }

    #[test]
    fn a_mailbox_that_was_opened_too_early_is_not_the_one_that_is_told() {
        let told = |highest_modseq| {
            let counts = MailboxCounts { messages: 3, unseen: 1, uid_next: 9, uid_validity: 1, highest_modseq };
            let mailboxes = vec![ListedMailbox { counts: Some(counts), ..listed("INBOX", None) }];
            Mailboxes::own(MailboxListing { mailboxes, unnamable: 0 }, false)
        };
        let opened = |uid_validity, exists, uid_next, highest_modseq| MailboxFacts {
            uid_validity,
            exists,
            uid_next,
            highest_modseq,
            removes: true,
        };
        let counting = told(Some(20));
        assert!(counting.are_in("INBOX", &opened(1, 3, 9, Some(20))));
        assert!(counting.are_in("INBOX", &opened(1, 4, 10, Some(21))), "what is later has it all");
        assert!(!counting.are_in("INBOX", &opened(1, 2, 8, Some(19))));
        assert!(!counting.are_in("INBOX", &opened(2, 3, 9, Some(20))), "another mailbox of the name");
        assert!(!counting.are_in("Sent", &opened(1, 3, 9, Some(20))));
        // A store that does not count changes.
        assert!(told(None).are_in("INBOX", &opened(1, 3, 9, None)));
        assert!(!told(None).are_in("INBOX", &opened(1, 4, 10, None)));
    }

    #[test]
    fn of_what_is_shared_only_that_is_told() {
        let counts = MailboxCounts { messages: 3, unseen: 1, uid_next: 9, uid_validity: 1, highest_modseq: None };
        let of = |name: &str, rights| (ListedMailbox { counts: Some(counts.clone()), ..listed(name, None) }, rights);
        let all = Mailboxes::shared(vec![
            of("a/b", Rights::READ),
            of("seen", Rights::LOOKUP),
            of("whole", Rights::MANAGE),
            of(UPLOADS, Rights::READ),
        ]);
        assert!(!all.has_uploads && all.named(UPLOADS).is_none());
        let told = |name: &str| all.named(name).unwrap().json(&["totalEmails", "myRights"]);
        let read = told("a/b");
        assert_eq!((&read["totalEmails"], &read["myRights"]["mayReadItems"]), (&json!(3), &json!(true)));
        assert_eq!((&read["myRights"]["maySetSeen"], &read["myRights"]["mayDelete"]), (&json!(false), &json!(false)));
        for name in ["seen", "a"] {
            let seen = told(name);
            assert_eq!(seen["totalEmails"], 0, "what may not be read is not counted");
            assert!(seen["myRights"].as_object().unwrap().values().all(|it| *it == json!(false)), "{seen}");
        }
        let whole = told("whole");
        let rights = whole["myRights"].as_object().unwrap();
        assert!(rights.iter().all(|(name, it)| *it == json!(name != "maySubmit")), "{whole}");
    }
}
