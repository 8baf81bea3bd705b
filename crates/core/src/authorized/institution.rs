//! Handles on an institution: its people and groups for whoever may read, its grants and accounts for who manages.

use super::{gateway_groups, grantee::check_may_share};
use crate::{
    Allows, Authorized, Error, Lookup, Manage, Membership, Read, Resource, Result, Right, WEB_SESSION, door, numbers,
    permit::Permit,
    ports::{
        Part, PeoplePage, Telling,
        state::{Granted, Revocation},
    },
};
use passerelle_model::{
    Account, AccountId, CollectionFamily, CollectionRef, Grant, Grantee, Group, GroupId, InstitutionId, InstitutionRef,
    MailboxRef, MountId, NodePath, NodeRef, Person, ResourceKind, Rights, Target,
};

/// Most people or groups of one answer.
pub const MOST_FOUND: usize = 200;

impl<R: Allows<Read>> Authorized<InstitutionRef, R> {
    /// One person by login; `None` when the institution has none of it.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn person(&self, id: &AccountId) -> Result<Option<Person>> {
        let account = Account { institution: self.target().0.clone(), id: id.clone() };
        Ok(door::find_any(&self.house, &account).await?.map(|person| person.as_ref().clone()))
    }

    /// One person by login, if a search would find them: `None` as well for who asked not to be listed.
    ///
    /// # Errors
    /// As [`Self::person`].
    pub async fn listed(&self, id: &AccountId) -> Result<Option<Person>> {
        let Some(person) = self.person(id).await? else { return Ok(None) };
        // An address is nearly nobody else's, so that no limit cuts the answer short before this person.
        let text = person.mails.first().map_or(person.account.as_str(), String::as_str);
        let found = match self.find_people(text, MOST_FOUND).await {
            Err(Error::Invalid { .. }) => return Ok(None),
            found => found?,
        };
        Ok(found.people.into_iter().find(|found| found.account == person.account))
    }

    /// People of this institution whose name, login or mail contains the text.
    ///
    /// # Errors
    /// `Invalid` for a text under two characters, which would list everybody; `Unavailable` when the directory cannot say.
    pub async fn find_people(&self, text: &str, limit: usize) -> Result<PeoplePage> {
        if text.chars().count() < 2 {
            return Err(Error::invalid("a search needs at least two characters"));
        }
        let part = self.part()?;
        let mut page = self.port.find_people(&self.permit.narrow(), &part, text, limit.min(MOST_FOUND)).await?;
        let facts = &self.house.tenant(&self.target().0)?.facts;
        page.people.retain(|person| self.house.is_of(facts, person));
        Ok(page)
    }

    /// One group.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn group(&self, id: &GroupId) -> Result<Option<Group>> {
        if id.is_of_gateway() {
            let found = self.house.state.gateway_group(&self.group_of(id)).await?;
            return Ok(found.map(gateway_groups::shown));
        }
        self.port.group(&self.permit.narrow(), self.groups_within()?, id).await
    }

    /// Groups whose name contains the text.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn find_groups(&self, text: &str, limit: usize) -> Result<Vec<Group>> {
        let within = self.groups_within()?;
        let mut groups = self.port.find_groups(&self.permit.narrow(), within, text, limit.min(MOST_FOUND)).await?;
        groups.retain(|group| !group.id.is_of_gateway());
        groups.extend(self.gateway_groups_with(text, None).await?);
        groups.sort_by(|a, b| a.id.cmp(&b.id));
        groups.truncate(limit.min(MOST_FOUND));
        Ok(groups)
    }
}

impl<R: Right> Authorized<InstitutionRef, R> {
    /// Which people of the realm are ours.
    pub(crate) fn part(&self) -> Result<Part> {
        let facts = &self.house.tenant(&self.target().0)?.facts;
        Ok(match &facts.membership {
            Membership::Whole => Part::Whole,
            Membership::Below(base) => Part::Below(base.clone()),
            Membership::Establishment(code) => {
                Part::Marked { attribute: "supannEtablissement".to_owned(), value: code.clone() }
            }
            Membership::MailDomain => Part::ByAddress(facts.mail_domains.clone()),
        })
    }

    /// What our groups lie below.
    pub(crate) fn groups_within(&self) -> Result<Option<&str>> {
        Ok(self.house.tenant(&self.target().0)?.facts.groups_within())
    }
}

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// The grants on a thing of this institution.
    ///
    /// # Errors
    /// `NotFound` for a thing of another institution.
    pub async fn grants_on(&self, target: &Target) -> Result<Vec<Granted>> {
        self.check_ours(&target.institution)?;
        self.house.state.grants_at(target).await
    }

    /// Everything an account of this institution has granted.
    ///
    /// # Errors
    /// `NotFound` for an account of another institution.
    pub async fn granted_by(&self, owner: &Account) -> Result<Vec<Granted>> {
        self.check_ours(&owner.institution)?;
        self.house.state.granted_by(owner).await
    }

    /// Sets a grant in an owner's name.
    ///
    /// # Errors
    /// `NotFound` for a thing that is not there or of another institution, `Forbidden` for a grantee who may not be shared
    /// with, `Invalid` for one who is not there.
    pub async fn set_grant(&self, target: &Target, grant: &Grant) -> Result<()> {
        self.check_ours(&target.institution)?;
        check_may_share(&self.house, target, &grant.to)?;
        match target.kind {
            ResourceKind::Account => self.check_send_as(target, grant).await?,
            ResourceKind::Node
            | ResourceKind::Mailbox
            | ResourceKind::Calendar
            | ResourceKind::AddressBook
            | ResourceKind::Institution => self.check_there(target).await?,
        }
        self.check_grantee(&grant.to).await?;
        self.house.state.set_grant(target, grant).await
    }

    /// Removes a grant; `false` when there was none.
    ///
    /// # Errors
    /// `NotFound` for a thing of another institution.
    pub async fn remove_grant(&self, target: &Target, to: &Grantee) -> Result<bool> {
        self.check_ours(&target.institution)?;
        self.house.state.remove_grant(target, to).await
    }

    /// Ends what an account of this institution has open, on every node. Its app passwords stay.
    ///
    /// # Errors
    /// `NotFound` for an account of another institution; `Unavailable` when State cannot be written.
    pub async fn end_sessions_of(&self, account: &Account) -> Result<()> {
        self.check_ours(&account.institution)?;
        let now = (self.house.clock)();
        let revocation = Revocation::Account { account: account.clone(), before: now, expires: now.plus(WEB_SESSION) };
        self.house.state.revoke(&revocation).await?;
        self.house.withdrawn.note(&revocation);
        Ok(())
    }

    /// On an account as a whole only sending in its name is granted: any other right would open all that it has.
    async fn check_send_as(&self, target: &Target, grant: &Grant) -> Result<()> {
        let owner = target.owner.clone().ok_or(Error::NotFound)?;
        self.account(&owner).await?.ok_or(Error::NotFound)?;
        self.check_may_touch(Grantee::Account(self.of(&owner))).await?;
        let whole = target.tree.is_empty() && target.path.is_empty();
        if whole && grant.rights == Rights::SEND_AS {
            return Ok(());
        }
        Err(Error::invalid("on an account the right is send-as, and no other"))
    }

    /// Whether it is there. The gateway looks itself: whoever manages may set rights on what they cannot read.
    async fn check_there(&self, target: &Target) -> Result<()> {
        let owner = target.owner.clone().ok_or(Error::NotFound)?;
        let in_space = target.kind == ResourceKind::Node && self.house.space(&self.of(&owner)).is_some();
        if !in_space {
            self.account(&owner).await?.ok_or(Error::NotFound)?;
        }
        if target.kind == ResourceKind::Mailbox {
            // All of somebody's mail is there as soon as there is a store.
            let whole = MailboxRef::all_of(self.of(&owner));
            let store = whole.port(&self.house)?;
            if target.path.is_empty() {
                return Ok(());
            }
            let mailbox = MailboxRef::parse(whole.owner, &target.path).map_err(|_| Error::NotFound)?;
            let permit: Permit<MailboxRef, Read> = Permit::mint(mailbox, self.permit.actor_shared(), None);
            return store.status(&permit).await.map(drop);
        }
        if let Some(family) = CollectionFamily::ALL.into_iter().find(|family| family.kind() == target.kind) {
            let whole = CollectionRef::all_of(self.of(&owner), family);
            let store = whole.port(&self.house)?;
            if target.path.is_empty() {
                return Ok(());
            }
            let one = CollectionRef::parse(whole.owner, family, &target.path).map_err(|_| Error::NotFound)?;
            let numbers = numbers::of_owner(&self.house, self.permit.actor(), &one, store.as_ref()).await?;
            let permit: Permit<CollectionRef, Lookup> = Permit::mint(one, self.permit.actor_shared(), numbers);
            return store.look(&permit, Telling::Facts).await.map(drop);
        }
        let node = NodeRef {
            owner: self.of(&owner),
            mount: MountId::parse(&target.tree).map_err(|_| Error::NotFound)?,
            path: NodePath::parse(&target.path).map_err(|_| Error::NotFound)?,
        };
        let store = node.port(&self.house)?;
        let numbers = numbers::of_owner(&self.house, self.permit.actor(), &node, store.as_ref()).await?;
        let permit: Permit<NodeRef, Lookup> = Permit::mint(node, self.permit.actor_shared(), numbers);
        store.stat(&permit).await.map(drop)
    }

    async fn check_grantee(&self, to: &Grantee) -> Result<()> {
        let there = match to {
            Grantee::Account(account) => door::find_any(&self.house, account).await?.is_some(),
            Grantee::Group(group) if group.institution == self.target().0 && group.id.is_of_gateway() => {
                self.house.state.gateway_group(group).await?.is_some()
            }
            Grantee::Group(group) if group.institution == self.target().0 => {
                let permit: Permit<InstitutionRef, Manage> = self.permit.narrow();
                let handle = permit.narrow();
                self.port.group(&handle, self.groups_within()?, &group.id).await?.is_some()
            }
            // Another institution's groups are its own business; a name that is none gives nobody anything.
            Grantee::Group(_) | Grantee::Institution(_) | Grantee::Link(_) => true,
        };
        if there { Ok(()) } else { Err(Error::invalid("the grantee is not there")) }
    }

    fn check_ours(&self, institution: &InstitutionId) -> Result<()> {
        if *institution == self.target().0 { Ok(()) } else { Err(Error::NotFound) }
    }
}
