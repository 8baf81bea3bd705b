//! Whose the logins and addresses of new accounts are, asked for many accounts at once. That something is free is always
//! the server's own word: it found nothing at all under what was asked for.

use super::entries::is_in;
use crate::{
    directory::LdapDirectory,
    entry::Entry,
    failure::Failure,
    search::{Capped, Question},
};
use futures::future::try_join;
use ldap3::Scope;
use passerelle_core::{
    Result,
    ports::{Field, NewAccount, Part},
};
use passerelle_model::{AccountId, Login, Person};
use passerelle_wire_filter::{Filter, Match, matches};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Most accounts that one search asks about.
pub(super) const MOST_ASKED: usize = 50;
/// Most conditions of one search, but for an account that has more by itself.
const MOST_CONDITIONS: usize = 250;
/// Most entries that one search answers.
const MOST_FOUND: usize = 100;

/// What is asked about one account, by its place among the others.
struct Asked {
    at: usize,
    filter: Filter,
}

/// What a search for them does, for its faults.
pub(super) const LOOKING: &str = "looking whether a login is taken";

/// The accounts from the first on that can be looked for and made side by side: no two lay claim to one login or address,
/// so that they come out alike in whatever order they are made, and one search can ask about all of them.
pub(super) fn side_by_side(new: &[&NewAccount]) -> usize {
    let (mut claimed, mut conditions) = (BTreeSet::new(), 0_usize);
    for (count, account) in new.iter().enumerate() {
        let claims = claims_of(account);
        conditions = conditions.saturating_add(claims.len());
        let full = count >= MOST_ASKED || conditions > MOST_CONDITIONS;
        if count > 0 && (full || !claimed.is_disjoint(&claims)) {
            return count;
        }
        claimed.extend(claims);
    }
    new.len()
}

/// The login, and the addresses with what stands before their `@`, which the settings may make a login or an address of.
fn claims_of(new: &NewAccount) -> BTreeSet<String> {
    let mails = mails_of(new).iter().map(|mail| mail.to_lowercase());
    let mut claims: BTreeSet<String> = mails.collect();
    let locals: Vec<String> =
        claims.iter().filter_map(|mail| mail.split_once('@')).map(|(local, _)| local.to_owned()).collect();
    claims.extend(locals);
    claims.insert(new.id.as_str().to_lowercase());
    claims
}

pub(super) fn mails_of(new: &NewAccount) -> &[String] {
    new.details.fields.get(&Field::Mails).map_or(&[], Vec::as_slice)
}

impl LdapDirectory {
    /// Which of new accounts claim a login or an address that is somebody's, one of the same accounts before them included.
    pub(super) async fn all_taken(&self, part: &Part, new: &[&NewAccount]) -> Result<Vec<bool>> {
        let mut taken = Vec::with_capacity(new.len());
        let mut rest = new;
        while let Some((run, others)) = rest.split_at_checked(side_by_side(rest)).filter(|(run, _)| !run.is_empty()) {
            let looked = self.taken(part, run, self.deadline()).await;
            taken.extend(looked.map_err(|failure| self.unavailable(LOOKING, failure))?);
            rest = others;
        }
        let mut claimed = BTreeSet::new();
        for (account, taken) in new.iter().zip(&mut taken) {
            let mut claims: BTreeSet<String> = mails_of(account).iter().map(|mail| mail.to_lowercase()).collect();
            claims.insert(account.id.as_str().to_lowercase());
            *taken |= !claimed.is_disjoint(&claims);
            if !*taken {
                claimed.extend(claims);
            }
        }
        Ok(taken)
    }

    /// Which of new accounts that are [`side_by_side`] claim a login or an address that is somebody's, a login out of use too.
    pub(super) async fn taken(
        &self,
        part: &Part,
        new: &[&NewAccount],
        deadline: Instant,
    ) -> Result<Vec<bool>, Failure> {
        let people = self.settings.people_base.as_str();
        let disabled = self.settings.provision.as_ref().and_then(|provision| provision.disabled.as_deref());
        let asked = |claims: &dyn Fn(&NewAccount) -> Vec<Filter>| -> Vec<Asked> {
            let all = new.iter().enumerate().map(|(at, new)| (at, claims(new)));
            all.filter(|(_, claims)| !claims.is_empty())
                .map(|(at, claims)| Asked { at, filter: Filter::Or(claims) })
                .collect()
        };
        let in_use = asked(&|new| self.claims(Some(&new.id), mails_of(new)));
        let gone = asked(&|new| vec![Filter::equal(&self.settings.account_attribute, new.id.as_str())]);
        let in_use = Box::pin(self.claimed((people, part), in_use, deadline));
        let gone = Box::pin(async move {
            match disabled {
                Some(branch) => self.claimed((branch, &Part::Whole), gone, deadline).await,
                None => Ok(BTreeSet::new()),
            }
        });
        let (in_use, gone) = try_join(in_use, gone).await?;
        Ok((0..new.len()).map(|at| in_use.contains(&at) || gone.contains(&at)).collect())
    }

    /// The people of these logins. Of a login that two entries have, none.
    pub(super) async fn people_called(&self, part: &Part, logins: &[&AccountId]) -> Result<Vec<Person>> {
        let mut people: BTreeMap<String, Option<Person>> = BTreeMap::new();
        for some in logins.chunks(MOST_ASKED) {
            let name = &self.settings.account_attribute;
            let called = Filter::Or(some.iter().map(|login| Filter::equal(name, login.as_str())).collect());
            let filter = Filter::And(vec![called, self.settings.people_filter.clone()]);
            let question = Question {
                base: &self.settings.people_base,
                scope: Scope::Subtree,
                filter: &filter,
                attributes: &["*"],
                most: MOST_FOUND,
                capped: Capped::More,
            };
            let found = self.search("looking up accounts", &question, self.deadline()).await?;
            if found.more {
                continue;
            }
            for entry in found.entries {
                let ours = is_in(part, &entry);
                let Some((person, _)) = self.person_of(entry) else { continue };
                let again = people.contains_key(&person.account.as_str().to_lowercase());
                people.insert(person.account.as_str().to_lowercase(), Some(person).filter(|_| ours && !again));
            }
        }
        Ok(people.into_values().flatten().collect())
    }

    /// The conditions under which a search finds whose a login is, as a login or an alias, or one of these addresses.
    pub(super) fn claims(&self, id: Option<&AccountId>, mails: &[String]) -> Vec<Filter> {
        let by_login = id.and_then(|id| self.settings.login.fill(&Login::parse(id.as_str().as_bytes()).ok()?));
        let fields = self.settings.provision.as_ref().map(|provision| &provision.attributes);
        let mail = fields.and_then(|fields| fields.get(&Field::Mails)).and_then(|names| names.first());
        let by_mail = mail.into_iter().flat_map(|name| mails.iter().map(|mail| Filter::equal(name, mail)));
        by_login.into_iter().chain(by_mail).collect()
    }

    /// The places of those whose claim somebody in a part of a branch meets. Who surely does is left out of the next
    /// search; where that cannot be told, each is asked about alone.
    async fn claimed(
        &self,
        place: (&str, &Part),
        mut asked: Vec<Asked>,
        deadline: Instant,
    ) -> Result<BTreeSet<usize>, Failure> {
        let mut taken = BTreeSet::new();
        while !asked.is_empty() {
            let (found, more) = self.claimants(place, &asked, deadline).await?;
            if found.is_empty() && (!more || asked.len() == 1) {
                break;
            }
            let meets = |it: &Asked| found.iter().any(|entry| matches(&it.filter, entry) == Match::True);
            let (met, left): (Vec<_>, Vec<_>) = asked.into_iter().partition(meets);
            taken.extend(met.iter().map(|it| it.at));
            asked = left;
            if met.is_empty() {
                for one in &asked {
                    let (found, _) = self.claimants(place, std::slice::from_ref(one), deadline).await?;
                    taken.extend((!found.is_empty()).then_some(one.at));
                }
                break;
            }
        }
        Ok(taken)
    }

    /// The entries of a part of a branch that meet any of the claims, and whether there may be more.
    async fn claimants(
        &self,
        (base, part): (&str, &Part),
        asked: &[Asked],
        deadline: Instant,
    ) -> Result<(Vec<Entry>, bool), Failure> {
        let filter = Filter::Or(asked.iter().map(|it| it.filter.clone()).collect());
        let question = Question {
            base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["*"],
            most: MOST_FOUND,
            capped: Capped::More,
        };
        let found = self.searchers.search(&question, deadline).await?;
        Ok((found.entries.into_iter().filter(|entry| is_in(part, entry)).collect(), found.more))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use passerelle_core::ports::Details;

    fn new(login: &str, mails: &[&str]) -> NewAccount {
        let mails = mails.iter().map(|mail| (*mail).to_owned()).collect();
        let details = Details { fields: [(Field::Mails, mails)].into(), ..Details::default() };
        NewAccount { id: AccountId::parse(login).unwrap(), details, password: None }
    }

    #[track_caller]
    fn check(accounts: &[(&str, &[&str])], runs: &[usize]) {
        let accounts: Vec<NewAccount> = accounts.iter().map(|(login, mails)| new(login, mails)).collect();
        let mut rest: &[&NewAccount] = &accounts.iter().collect::<Vec<_>>();
        let mut found = Vec::new();
        while !rest.is_empty() {
            found.push(side_by_side(rest));
            rest = &rest[found[found.len() - 1]..];
        }
        assert_eq!(found, runs);
    }

    #[test]
    fn who_can_be_made_side_by_side() {
        check(&[], &[]);
        check(&[("u1", &["x@a.test"]), ("u2", &["y@a.test"]), ("u3", &[])], &[3]);
        check(&[("u1", &[]), ("U1", &[]), ("u2", &[])], &[1, 2]);
        check(&[("u1", &["x@a.test"]), ("u2", &["X@A.test"])], &[1, 1]);
        check(&[("u1", &["u2@a.test"]), ("u2", &[])], &[1, 1]);
        let logins: Vec<String> = (0..120).map(|number| format!("u{number}")).collect();
        let many: Vec<(&str, &[&str])> = logins.iter().map(|login| (login.as_str(), &[][..])).collect();
        check(&many, &[MOST_ASKED, MOST_ASKED, 20]);
        let mails: Vec<String> = (0..MOST_CONDITIONS).map(|number| format!("{number}@a.test")).collect();
        let mails: Vec<&str> = mails.iter().map(String::as_str).collect();
        check(&[("u1", &mails), ("u2", &[]), ("u3", &[])], &[1, 2]);
    }
}
