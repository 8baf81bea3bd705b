//! What somebody sees of a tree of files: what is theirs, what is shared with them, and the folders that lead there. The same
//! for every surface whose tree has an account at its top.

use crate::{
    Authorized, Error, Lookup, Resource, Result, Right, Session, Tool,
    policy::{self, Asker, Owner},
    ports::Node,
};
use passerelle_model::{Account, Grant, NodePath, NodeRef, Rights};
use std::collections::BTreeSet;

/// What is at a place.
#[derive(Debug)]
pub enum Seen {
    /// A folder that is not the person's to see, with the names in it that lead on.
    Passage(BTreeSet<String>),
    /// A file or folder.
    Node(Authorized<NodeRef, Lookup>, Node),
}

impl Session {
    /// The place of an account's name and names below it, joined by `/`. Says nothing of whether anything is there.
    ///
    /// # Errors
    /// `NotFound` for what no account's files can have.
    pub fn place(&self, account: &str, path: &str) -> Result<NodeRef> {
        let home = self.account_named(account).and_then(|account| self.home_of(&account)).ok_or(Error::NotFound)?;
        let path = NodePath::parse(path).map_err(|_| Error::NotFound)?;
        Ok(NodeRef { path, ..home })
    }

    /// What is at a place.
    ///
    /// # Errors
    /// `NotFound` when nothing is, or nothing that is this person's business.
    pub async fn see(&self, node: &NodeRef) -> Result<Seen> {
        match self.open::<NodeRef, Lookup>(node.clone()).await {
            Err(Error::NotFound) => {
                let names = self.leading_on(node).await?;
                if names.is_empty() { Err(Error::NotFound) } else { Ok(Seen::Passage(names)) }
            }
            opened => {
                let handle = opened?;
                let found = handle.stat().await?;
                Ok(Seen::Node(handle, found))
            }
        }
    }

    /// Opens a place of a tree. What is seen in passing only is there and may not be touched.
    ///
    /// # Errors
    /// As [`Self::open`]; `Forbidden` for a folder that only leads on.
    pub async fn open_seen<R: Right>(&self, node: &NodeRef) -> Result<Authorized<NodeRef, R>> {
        match self.open::<NodeRef, R>(node.clone()).await {
            Err(Error::NotFound) if !self.leading_on(node).await?.is_empty() => Err(Error::Forbidden),
            opened => opened,
        }
    }

    /// What is at a place that may be looked up; `None` when nothing is.
    ///
    /// # Errors
    /// As [`Self::open_seen`].
    pub async fn look_at_node(&self, node: &NodeRef) -> Result<Option<Node>> {
        match self.open_seen::<Lookup>(node).await?.stat().await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The spaces whose settings let the person see them, as owners of their trees.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn spaces(&self) -> Result<Vec<Account>> {
        if self.check_has(Some(Tool::Files)).is_err() {
            return Ok(Vec::new());
        }
        let near: Vec<_> = self.house.spaces().filter(|(account, _)| self.may_meet(account)).collect();
        let grants: Vec<Grant> = near.iter().flat_map(|(_, space)| space.grants.iter().cloned()).collect();
        // One look at the directory for all of them.
        let groups = self.groups_among(&grants).await?;
        let (asker, now) = (Asker { actor: &self.actor, groups: &groups }, (self.house.clock)());
        let seen = near.into_iter().filter(|(account, space)| {
            let Ok(tenant) = self.house.tenant(&account.institution) else { return false };
            let shares_with = &tenant.facts.shares_with;
            let owner = Owner { institution: &account.institution, account: Some(&account.id), shares_with };
            policy::decide(asker, owner, &space.grants, Rights::LOOKUP, now).is_ok() && self.home_of(account).is_some()
        });
        Ok(seen.map(|(account, _)| account).collect())
    }

    /// Whether anything of this owner can be anything to whoever acts.
    fn may_meet(&self, account: &Account) -> bool {
        self.house.tenant(&account.institution).is_ok_and(|tenant| {
            let shares_with = &tenant.facts.shares_with;
            let owner = Owner { institution: &account.institution, account: Some(&account.id), shares_with };
            policy::may_meet(&self.actor, owner)
        })
    }

    /// What the settings let whom do in the space that this place is in; nobody changes that but by the settings.
    pub fn settled_on(&self, node: &NodeRef) -> Vec<Grant> {
        Resource::settled(node, &self.house)
    }

    /// What a space is called, in a language, or in its institution's first where none is told; `None` for what is a person's.
    pub fn space_name(&self, owner: &Account, language: &str) -> Option<String> {
        let facts = &self.house.tenant(&owner.institution).ok()?.facts;
        let first = facts.branding.languages.first().map_or("", String::as_str);
        let language = if language.is_empty() { first } else { language };
        self.house.space(owner).map(|space| space.name_in(language).to_owned())
    }

    /// Whose trees the person sees: their own, the spaces, and those of whoever shared something.
    ///
    /// # Errors
    /// As [`Self::shared_with_me`].
    pub async fn trees(&self) -> Result<Vec<Account>> {
        let me = self.principal()?.account().clone();
        let mut owners: BTreeSet<Account> = self.spaces().await?.into_iter().collect();
        for granted in self.shared_with_me().await? {
            let (institution, owner) = (granted.target.institution, granted.target.owner);
            owners.extend(owner.map(|id| Account { institution, id }));
        }
        owners.remove(&me);
        let all = std::iter::once(me).chain(owners);
        Ok(all.filter(|owner| self.home_of(owner).is_some()).collect())
    }

    async fn leading_on(&self, node: &NodeRef) -> Result<BTreeSet<String>> {
        if self.actor().account() == Some(&node.owner) {
            return Ok(BTreeSet::new());
        }
        self.passage(node).await
    }
}
