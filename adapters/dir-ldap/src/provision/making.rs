//! New accounts: looked for together, then added side by side, each by one operation where one suffices.

use super::{
    ProvisionSettings,
    looks::{LOOKING, side_by_side},
    settings::is_below,
    write::{Values, set},
};
use crate::{
    directory::{LdapDirectory, Record},
    entry::Entry,
};
use futures::{StreamExt, stream};
use ldap3::Mod;
use passerelle_core::{
    Error, Result,
    ports::{Field, NewAccount, Part},
};
use passerelle_model::Person;
use passerelle_wire_filter::{Dn, Match, matches, rdn, same_attribute};
use std::{
    collections::{BTreeMap, HashSet},
    iter::repeat_n,
};
use tokio::time::Instant;

/// Accounts that are written at once. A server writes one after the other; more than a few only wait in its queue.
const AT_ONCE: usize = 8;

/// Whether an entry has more values than it was added with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Completed {
    AsAdded,
    WithMore,
}

impl LdapDirectory {
    /// Makes accounts. That of two who are after one login only one gets it is the server's doing: an entry's name is there
    /// once (RFC 4511 §4.7).
    pub(super) async fn make_accounts(&self, part: &Part, new: &[&NewAccount]) -> Vec<Result<Person>> {
        let mut outcomes = Vec::with_capacity(new.len());
        let mut rest = new;
        while let Some((run, others)) = rest.split_at_checked(side_by_side(rest)).filter(|(run, _)| !run.is_empty()) {
            match self.taken(part, run, self.deadline()).await {
                Ok(taken) => {
                    let making: Vec<_> =
                        run.iter().zip(taken).map(|(new, taken)| self.make_unless(taken, part, new)).collect();
                    outcomes.extend(stream::iter(making).buffered(AT_ONCE).collect::<Vec<_>>().await);
                }
                Err(failure) => {
                    let all = repeat_n(failure, run.len());
                    outcomes.extend(all.map(|failure| Err(self.unavailable(LOOKING, failure))));
                }
            }
            rest = others;
        }
        self.listings.invalidate_all();
        outcomes
    }

    async fn make_unless(&self, taken: bool, part: &Part, new: &NewAccount) -> Result<Person> {
        if taken { Err(Error::Conflict) } else { self.make_account(part, new).await }
    }

    async fn make_account(&self, part: &Part, new: &NewAccount) -> Result<Person> {
        let (settings, writer) = self.writing()?;
        let deadline = self.deadline();
        let branch = match part {
            Part::Below(base) if !is_below(&settings.people, base) => base,
            Part::Below(_) | Part::Whole | Part::Marked { .. } | Part::ByAddress(_) => &settings.people,
        };
        let own = rdn(&settings.rdn, new.id.as_str());
        let dn = format!("{own},{branch}");
        let values = settings.entry(part, new, &self.settings.account_attribute)?;
        let told = self.add("making an account", &dn, values, deadline).await?;
        self.forget_login(&new.id);
        let completed = match self.complete(&dn, new, deadline).await {
            Ok(completed) => completed,
            Err(refused) => {
                // An account without the password or the addresses that were asked for is not what was asked for.
                self.delete("taking back an account that is not whole", &dn, self.deadline()).await?;
                return Err(refused);
            }
        };
        // The first one is read as a sign-on would read it, which shows whether the settings fit. After that what the server
        // told with the addition will do, unless more was said since.
        let told = told.filter(|_| completed == Completed::AsAdded && writer.has_read_back());
        if let Some(person) = told.and_then(|entry| self.found(entry)) {
            return Ok(person);
        }
        let person = self.made(&dn, deadline).await?;
        writer.read_back();
        Ok(person)
    }

    /// The person of an entry that searches for people find.
    fn found(&self, entry: Entry) -> Option<Person> {
        let (person, withheld) = self.person_of(entry)?;
        let (name, octets) = (Dn::parse(&person.dn).ok(), 0);
        let record = Record { person, name, withheld, fixed: BTreeMap::new(), octets };
        (matches(&self.settings.people_filter, &record) == Match::True).then_some(record.person)
    }

    /// What one operation cannot say: further values in their order, which this client's add does not keep, and the
    /// password, which no entry shows.
    async fn complete(&self, dn: &str, new: &NewAccount, deadline: Instant) -> Result<Completed> {
        let (settings, _) = self.writing()?;
        let further = settings.written(&new.details)?.into_iter().flat_map(|(name, values)| {
            values.into_iter().skip(1).map(move |value| Mod::Add(name.clone(), set([value])))
        });
        let further: Vec<Mod<String>> = further.collect();
        let completed = if further.is_empty() { Completed::AsAdded } else { Completed::WithMore };
        if !further.is_empty() {
            self.modify("making an account", dn, further, deadline).await?;
        }
        if let Some(password) = &new.password {
            self.put_password(dn, password, deadline).await?;
        }
        Ok(completed)
    }
}

impl ProvisionSettings {
    /// The whole of a new entry.
    fn entry(&self, part: &Part, new: &NewAccount, account_attribute: &str) -> Result<Values> {
        let login = new.id.as_str();
        let mut values = vec![("objectClass".to_owned(), set(self.person_classes.clone()))];
        values.push((account_attribute.to_owned(), set([login])));
        if !same_attribute(account_attribute, &self.rdn) {
            values.push((self.rdn.clone(), set([login])));
        }
        let mut put = |name: &str, held: HashSet<String>| {
            if !held.is_empty() && !values.iter().any(|(known, _)| same_attribute(known, name)) {
                values.push((name.to_owned(), held));
            }
        };
        if let Part::Marked { attribute, value } = part {
            put(attribute, set([value.as_str()]));
        }
        for (name, held) in self.written(&new.details)? {
            put(&name, set(held.into_iter().take(1)));
        }
        for (name, held) in &self.defaults {
            put(name, set(held.iter().map(|value| value.replace("{login}", login))));
        }
        // RFC 4519 §3.12: a person has a cn and a sn.
        let name = new.details.fields.get(&Field::Name).and_then(|names| names.first());
        let shown = name.map_or(login, String::as_str);
        put("cn", set([shown]));
        put("sn", set([shown.rsplit(' ').next().unwrap_or(shown)]));
        if let Some((_, held)) = values.iter().find(|(_, held)| held.iter().any(String::is_empty)) {
            return Err(Error::invalid(format_args!("{held:?} has an empty value")));
        }
        Ok(values)
    }
}
