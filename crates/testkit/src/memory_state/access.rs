//! Grants, links and app passwords in memory.

use super::{MemoryState, check_room, is_below, ready, same_tree};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{AppPassword, AppPasswords, Granted, Grants, Link, Links},
    },
};
use passerelle_model::{Account, Grant, Grantee, InstitutionId, LinkId, Target, Timestamp};

/// A use is noted when the last noted one is this old, in seconds.
const NOTED_EVERY: i64 = 3600;

impl MemoryState {
    fn granted<'a>(&self, wanted: impl Fn(&Target, &Grantee) -> bool) -> Fut<'a, Vec<Granted>> {
        let tables = self.tables();
        let found = tables.grants.iter().filter(|((target, to), _)| wanted(target, to));
        let granted = found.map(|((target, to), (rights, until))| Granted {
            target: target.clone(),
            grant: Grant { to: to.clone(), rights: *rights, until: *until },
        });
        ready(Ok(granted.collect()))
    }
}

impl Grants for MemoryState {
    fn grants_at<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Granted>> {
        self.granted(|at, _| same_tree(at, target) && target.and_above().any(|path| path == at.path))
    }

    fn grants_below<'a>(&'a self, target: &'a Target, limit: usize) -> Fut<'a, Vec<Granted>> {
        let below = self.granted(|at, _| is_below(at, target));
        Box::pin(async move {
            let mut below = below.await?;
            below.truncate(limit);
            Ok(below)
        })
    }

    fn granted_to<'a>(&'a self, grantees: &'a [Grantee]) -> Fut<'a, Vec<Granted>> {
        self.granted(|_, to| grantees.contains(to))
    }

    fn granted_by<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<Granted>> {
        self.granted(|at, _| at.institution == owner.institution && at.owner.as_ref() == Some(&owner.id))
    }

    fn granted_to_groups_of<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<Granted>> {
        self.granted(|_, to| matches!(to, Grantee::Group(group) if group.institution == *institution))
    }

    fn granted_in_spaces<'a>(&'a self, institution: &'a InstitutionId) -> Fut<'a, Vec<Granted>> {
        self.granted(|at, _| at.institution == *institution && at.owner.as_ref().is_some_and(|it| it.space().is_some()))
    }

    fn set_grant<'a>(&'a self, target: &'a Target, grant: &'a Grant) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.grants.len()) {
            return ready(Err(full));
        }
        tables.grants.insert((target.clone(), grant.to.clone()), (grant.rights, grant.until));
        self.tell_grants_changed(target);
        ready(Ok(()))
    }

    fn replace_grants<'a>(&'a self, target: &'a Target, grants: &'a [Grant]) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.grants.len().saturating_add(grants.len())) {
            return ready(Err(full));
        }
        tables.grants.retain(|(at, to), _| at != target || matches!(to, Grantee::Link(_)));
        for grant in grants {
            tables.grants.insert((target.clone(), grant.to.clone()), (grant.rights, grant.until));
        }
        self.tell_grants_changed(target);
        ready(Ok(()))
    }

    fn remove_grant<'a>(&'a self, target: &'a Target, to: &'a Grantee) -> Fut<'a, bool> {
        let removed = self.tables().grants.remove(&(target.clone(), to.clone())).is_some();
        if removed {
            self.tell_grants_changed(target);
        }
        ready(Ok(removed))
    }
}

impl Links for MemoryState {
    fn add_link<'a>(&'a self, link: &'a Link) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.links.len()) {
            return ready(Err(full));
        }
        if tables.links.values().any(|held| held.id == link.id || held.token_hash == link.token_hash) {
            return ready(Err(Error::Conflict));
        }
        tables.links.insert(link.id.clone(), link.clone());
        ready(Ok(()))
    }

    fn link_by_token<'a>(&'a self, token_hash: &'a [u8; 32]) -> Fut<'a, Option<Link>> {
        ready(Ok(self.tables().links.values().find(|link| link.token_hash == *token_hash).cloned()))
    }

    fn links_to<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Link>> {
        ready(Ok(self.tables().links.values().filter(|link| link.target == *target).cloned().collect()))
    }

    fn links_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<Link>> {
        let tables = self.tables();
        let of = |at: &Target| at.institution == owner.institution && at.owner.as_ref() == Some(&owner.id);
        let mut found: Vec<Link> = tables.links.values().filter(|link| of(&link.target)).cloned().collect();
        found.sort_by(|one, other| (&one.target, &one.id).cmp(&(&other.target, &other.id)));
        ready(Ok(found))
    }

    fn count_download<'a>(&'a self, id: &'a LinkId) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let counted =
            tables.links.get_mut(id).filter(|link| link.most_downloads.is_none_or(|most| link.downloads < most));
        ready(Ok(counted.map(|link| link.downloads += 1).is_some()))
    }

    fn take_link<'a>(&'a self, id: &'a LinkId, made_by: &'a Account) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let taken = tables.links.get_mut(id).map(|link| link.made_by = made_by.clone());
        ready(Ok(taken.is_some()))
    }

    fn remove_link<'a>(&'a self, id: &'a LinkId) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let Some(link) = tables.links.remove(id) else { return ready(Ok(false)) };
        tables.grants.retain(|(_, to), _| *to != Grantee::Link(id.clone()));
        self.tell_grants_changed(&link.target);
        ready(Ok(true))
    }
}

impl AppPasswords for MemoryState {
    fn add_app_password<'a>(&'a self, row: &'a AppPassword) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.app_passwords.len()) {
            return ready(Err(full));
        }
        if tables.app_passwords.contains_key(&row.id) {
            return ready(Err(Error::Conflict));
        }
        tables.app_passwords.insert(row.id.clone(), row.clone());
        ready(Ok(()))
    }

    fn app_password<'a>(&'a self, id: &'a str) -> Fut<'a, Option<AppPassword>> {
        ready(Ok(self.tables().app_passwords.get(id).cloned()))
    }

    fn app_passwords_of<'a>(&'a self, account: &'a Account) -> Fut<'a, Vec<AppPassword>> {
        let tables = self.tables();
        let mut rows: Vec<_> = tables.app_passwords.values().filter(|row| row.account == *account).cloned().collect();
        rows.sort_by(|a, b| b.made.cmp(&a.made).then_with(|| a.id.cmp(&b.id)));
        ready(Ok(rows))
    }

    fn app_password_used<'a>(&'a self, id: &'a str, now: Timestamp) -> Fut<'a, ()> {
        if let Some(row) = self.tables().app_passwords.get_mut(id)
            && row.last_used.is_none_or(|used| used.plus(NOTED_EVERY) <= now)
        {
            row.last_used = Some(now);
        }
        ready(Ok(()))
    }

    fn remove_app_password<'a>(&'a self, account: &'a Account, id: &'a str) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let theirs = tables.app_passwords.get(id).is_some_and(|row| row.account == *account);
        ready(Ok(theirs && tables.app_passwords.remove(id).is_some()))
    }
}
