//! To whom something may be given, and who is meant by a name that somebody typed.

use crate::{Actor, Error, Institution, Permit, Result, Session, door, house::House, rights::Read};
use passerelle_model::{Account, Grantee, InstitutionId, InstitutionRef, Target};
use std::sync::Arc;

/// Who may be given rights: anybody at home, and named people and groups of institutions that the owner's agreed to share with.
pub(crate) fn check_may_share(house: &House, target: &Target, to: &Grantee) -> Result<()> {
    let owners = &house.tenant(&target.institution)?.facts;
    let abroad = match to {
        Grantee::Account(account) => &account.institution,
        Grantee::Group(group) => &group.institution,
        Grantee::Institution(institution) if *institution == owners.id => return Ok(()),
        Grantee::Institution(_) => return Err(Error::Forbidden),
        Grantee::Link(_) => return Ok(()),
    };
    if *abroad == owners.id || owners.shares_with.contains(abroad) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Whether somebody may be given rights, and is there. Groups are looked for in the directory of their own institution.
pub(super) async fn check_grantee(house: &House, actor: Arc<Actor>, target: &Target, to: &Grantee) -> Result<()> {
    check_may_share(house, target, to)?;
    let there = match to {
        Grantee::Account(account) => door::find_any(house, account).await?.is_some(),
        Grantee::Group(group) if group.id.is_of_gateway() => house.state.gateway_group(group).await?.is_some(),
        Grantee::Group(group) => {
            let home = InstitutionRef(group.institution.clone());
            let permit: Permit<InstitutionRef, Read> = Permit::mint(home, actor, None);
            let within = house.tenant(&group.institution)?.facts.groups_within();
            house.directory(&group.institution)?.group(&permit, within, &group.id).await?.is_some()
        }
        Grantee::Institution(_) | Grantee::Link(_) => true,
    };
    if there { Ok(()) } else { Err(Error::invalid("the grantee is not there")) }
}

impl Session {
    /// The institutions whose people and groups this person may share with, their own first.
    ///
    /// # Errors
    /// `Forbidden` for a link.
    pub fn may_share_with(&self) -> Result<Vec<&Institution>> {
        let own = self.institution()?;
        let others = own.shares_with.iter().filter_map(|id| self.house.tenant(id).ok());
        Ok(std::iter::once(own).chain(others.map(|tenant| tenant.facts.as_ref())).collect())
    }

    /// The person of an institution that is meant by a login or a mail address, where there is exactly one.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say; `Forbidden` for an institution that nothing may be shared with.
    pub async fn person_named(&self, name: &str, at: &InstitutionId) -> Result<Option<Account>> {
        let tenant = self.house.tenant(at)?;
        if self.may_share_with()?.iter().all(|it| it.id != *at) {
            return Err(Error::Forbidden);
        }
        if let Some(account) = self.house.account_named(name, at).filter(|account| account.institution == *at)
            && let Some(person) = door::find_any(&self.house, &account).await?
        {
            return Ok(Some(Account { institution: at.clone(), id: person.account.clone() }));
        }
        if !name.contains('@') {
            return Ok(None);
        }
        let people = self.house.directory(at)?.addressed(name).await?;
        let mut theirs = people.into_iter().filter(|person| self.house.is_of(&tenant.facts, person));
        match (theirs.next(), theirs.next()) {
            (Some(person), None) => Ok(Some(Account { institution: at.clone(), id: person.account })),
            _ => Ok(None),
        }
    }
}
