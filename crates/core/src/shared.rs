//! What others share with a person: the lists that surfaces show beside the person's own.

use crate::{
    Error, Result, Session, Tool, door,
    permit::Permit,
    policy::{self, Asker, Owner},
    ports::{ListedMailbox, MailboxPlace, state::Granted},
};
use passerelle_model::{Account, AccountRef, Grant, Grantee, GroupRef, NodeRef, ResourceKind, Rights, Timestamp};
use std::{collections::BTreeSet, sync::Arc};

/// Most grants that a passage looks through; beyond it there is no answer rather than a short one.
const MOST_GRANTS_BELOW: usize = 10_000;

impl Session {
    /// The files and folders that others have granted to this person, to the groups they are in, or to their institution,
    /// and that holds now.
    ///
    /// # Errors
    /// `Unavailable` when State or the directory cannot say: a list cut short would look like rights withdrawn.
    pub async fn shared_with_me(&self) -> Result<Vec<Granted>> {
        self.shared(ResourceKind::Node, Tool::Files).await
    }

    /// The mailboxes that are shared so, of owners who are there and have mail. What hangs on a mailbox holds for those
    /// below it; an empty path stands for all of the owner's.
    ///
    /// # Errors
    /// As [`Self::shared_with_me`].
    pub async fn shared_mailboxes(&self) -> Result<Vec<Granted>> {
        let mut all = self.shared(ResourceKind::Mailbox, Tool::Mail).await?;
        let mut there: Vec<(Account, bool)> = Vec::new();
        for granted in &all {
            let Some(owner) = owner_of(granted) else { continue };
            if there.iter().all(|(known, _)| *known != owner) {
                let has_mail = self.house.tenant(&owner.institution).is_ok_and(|tenant| tenant.mail.is_some());
                let is_there = has_mail && door::find_any(&self.house, &owner).await?.is_some();
                there.push((owner, is_there));
            }
        }
        all.retain(|granted| owner_of(granted).is_some_and(|owner| there.contains(&(owner, true))));
        Ok(all)
    }

    /// The same without a look at whether their owners are there: no directory but the person's own has a say in it.
    ///
    /// # Errors
    /// `Unavailable` when State or the person's directory cannot say.
    pub async fn granted_mailboxes(&self) -> Result<Vec<Granted>> {
        self.shared(ResourceKind::Mailbox, Tool::Mail).await
    }

    /// The mailboxes of one owner that this person may at least see, with the rights that they have on each: only what was granted
    /// is told of what the owner has.
    ///
    /// # Errors
    /// `NotFound` where nothing of that owner's is shared with them; `Unsupported` where the owner's store lists no mailboxes, or
    /// lets nobody in but the owner; `Unavailable` when State, the directory or the store cannot say.
    pub async fn mailboxes_shared_by(&self, owner: &Account) -> Result<Vec<(ListedMailbox, Rights)>> {
        let mut granted = self.granted_mailboxes().await?;
        granted.retain(|it| owner_of(it).as_ref() == Some(owner));
        // Of all who share only this one's directory is asked: another's that is away is no matter here.
        if granted.is_empty() || door::find_any(&self.house, owner).await?.is_none() {
            return Err(Error::NotFound);
        }
        self.check_in_force()?;
        let tenant = self.house.tenant(&owner.institution)?;
        let mail = tenant.mail.as_ref().ok_or(Error::Unsupported { what: "mail" })?;
        let tree = mail.as_tree().ok_or(Error::Unsupported { what: "listing mailboxes" })?;
        // The list is read for the gate itself: what of it is told is decided below, name by name.
        let listing = tree.list(&Permit::mint(AccountRef(owner.clone()), Arc::clone(&self.actor), None)).await?;
        let rights = |name: &str| {
            let reaches = |path: &str| {
                path.is_empty() || name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            self.rights_by(owner, &granted, reaches)
        };
        // What the store itself shares with the owner is not theirs to pass on.
        let theirs = listing.mailboxes.into_iter().filter(|listed| listed.place == MailboxPlace::Own);
        Ok(theirs.filter_map(|listed| Some((rights(&listed.name)?, listed))).map(|(held, it)| (it, held)).collect())
    }

    /// What those of an owner's grants together let this person do that hang on a path which reaches the thing at hand; `None` where
    /// they may not even see it.
    pub(crate) fn rights_by(
        &self,
        owner: &Account,
        granted: &[Granted],
        reaches: impl Fn(&str) -> bool,
    ) -> Option<Rights> {
        let shares_with = &self.house.tenant(&owner.institution).ok()?.facts.shares_with;
        let grants: Vec<Grant> =
            granted.iter().filter(|it| reaches(&it.target.path)).map(|it| it.grant.clone()).collect();
        let groups: Vec<GroupRef> = grants
            .iter()
            .filter_map(|grant| match &grant.to {
                Grantee::Group(group) => Some(group.clone()),
                Grantee::Account(_) | Grantee::Institution(_) | Grantee::Link(_) => None,
            })
            .collect();
        let whose = Owner { institution: &owner.institution, account: Some(&owner.id), shares_with };
        let asker = Asker { actor: &self.actor, groups: &groups };
        policy::decide(asker, whose, &grants, Rights::LOOKUP, (self.house.clock)()).ok()
    }

    /// Mailboxes, calendars and address books that are shared so, as [`Self::granted_mailboxes`] tells them.
    ///
    /// # Errors
    /// As [`Self::granted_mailboxes`].
    pub async fn granted_data(&self) -> Result<Vec<Granted>> {
        let now = (self.house.clock)();
        let counts = |granted: &Granted| {
            let tool = match granted.target.kind {
                ResourceKind::Mailbox => Tool::Mail,
                ResourceKind::Calendar => Tool::Calendars,
                ResourceKind::AddressBook => Tool::Contacts,
                ResourceKind::Account | ResourceKind::Node | ResourceKind::Institution => return false,
            };
            self.check_has(Some(tool)).is_ok() && self.counts(granted, tool, now)
        };
        Ok(self.granted().await?.into_iter().filter(counts).collect())
    }

    pub(crate) async fn shared(&self, kind: ResourceKind, tool: Tool) -> Result<Vec<Granted>> {
        if self.check_has(Some(tool)).is_err() {
            return Ok(Vec::new());
        }
        let now = (self.house.clock)();
        let counts = |granted: &Granted| granted.target.kind == kind && self.counts(granted, tool, now);
        Ok(self.granted().await?.into_iter().filter(counts).collect())
    }

    /// Everything that is granted to this person, to a group that they are in, or to their institution.
    async fn granted(&self) -> Result<Vec<Granted>> {
        let principal = self.principal()?;
        let home = &principal.account.institution;
        let asked = self.house.state.granted_to_groups_of(home).await?;
        let asked: Vec<Grant> = asked.into_iter().map(|granted| granted.grant).collect();
        let mut grantees = vec![Grantee::Account(principal.account.clone()), Grantee::Institution(home.clone())];
        grantees.extend(self.groups_among(&asked).await?.into_iter().map(Grantee::Group));
        let joined = self.house.state.all_joined(&principal.account).await?;
        grantees.extend(joined.into_iter().filter(|group| self.house.may_join(group, home)).map(Grantee::Group));
        grantees.sort();
        grantees.dedup();
        self.house.state.granted_to(&grantees).await
    }

    /// The names in a folder that lead to something granted to this person, for a folder that itself is not theirs to see.
    /// Empty means: for this person the folder is not there.
    ///
    /// # Errors
    /// `Unavailable` when State or the directory cannot say.
    pub async fn passage(&self, folder: &NodeRef) -> Result<BTreeSet<String>> {
        let target = folder.target();
        let below = self.house.state.grants_below(&target, MOST_GRANTS_BELOW).await?;
        if below.len() >= MOST_GRANTS_BELOW {
            return Err(Error::unavailable(
                "state",
                "reading grants",
                "more are below this folder than can be looked through",
            ));
        }
        let grants: Vec<Grant> = below.iter().map(|granted| granted.grant.clone()).collect();
        let groups = self.groups_among(&grants).await?;
        let Ok(tenant) = self.house.tenant(&folder.owner.institution) else { return Ok(BTreeSet::new()) };
        let owner = Owner {
            institution: &folder.owner.institution,
            account: Some(&folder.owner.id),
            shares_with: &tenant.facts.shares_with,
        };
        let (asker, now) = (Asker { actor: &self.actor, groups: &groups }, (self.house.clock)());
        let skip = if target.path.is_empty() { 0 } else { target.path.len().saturating_add(1) };
        Ok(below
            .iter()
            .filter(|granted| {
                let needed = passerelle_model::Rights::LOOKUP;
                policy::decide(asker, owner, std::slice::from_ref(&granted.grant), needed, now).is_ok()
            })
            .filter_map(|granted| granted.target.path.get(skip..)?.split('/').next().map(str::to_owned))
            .filter(|name| !name.is_empty())
            .collect())
    }

    /// Whether a grant of the list "shared with me" holds: not ended, by somebody who may share with us, not our own.
    fn counts(&self, granted: &Granted, tool: Tool, now: Timestamp) -> bool {
        let Ok(tenant) = self.house.tenant(&granted.target.institution) else { return false };
        let owner = Owner {
            institution: &granted.target.institution,
            account: granted.target.owner.as_ref(),
            shares_with: &tenant.facts.shares_with,
        };
        let abroad = matches!(&granted.grant.to, Grantee::Institution(to) if *to != granted.target.institution);
        tenant.facts.tools.has(tool)
            && granted.grant.until.is_none_or(|until| now < until)
            && policy::may_meet(&self.actor, owner)
            && !policy::owns(&self.actor, owner)
            && !abroad
    }
}

pub(crate) fn owner_of(granted: &Granted) -> Option<Account> {
    let id = granted.target.owner.clone()?;
    Some(Account { institution: granted.target.institution.clone(), id })
}
