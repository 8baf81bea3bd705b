//! Accounts: add, modify, modify DN, and the extended operation for passwords.

use super::{
    LockRule, ProvisionSettings,
    entries::member_value,
    none,
    settings::{Memberships, is_below},
    write::set,
};
use crate::directory::LdapDirectory;
use ldap3::{Mod, exop::PasswordModify};
use passerelle_core::{
    Error, Manage, Permit, Result,
    ports::{AccountLock, Details, Field, Fut, NewAccount, Part, ProvisionAccounts},
};
use passerelle_model::{AccountId, InstitutionRef, Person, Secret};
use passerelle_wire_filter::{Dn, above, canonical, rdn, same_attribute};
use std::{future::Future, pin::Pin};
use tokio::time::Instant;

type At<'a> = &'a Permit<InstitutionRef, Manage>;

impl ProvisionAccounts for LdapDirectory {
    fn create_accounts<'a>(
        &'a self,
        _at: At<'a>,
        part: &'a Part,
        new: &'a [&'a NewAccount],
    ) -> Pin<Box<dyn Future<Output = Vec<Result<Person>>> + Send + 'a>> {
        Box::pin(self.make_accounts(part, new))
    }

    fn taken<'a>(&'a self, _at: At<'a>, part: &'a Part, new: &'a [&'a NewAccount]) -> Fut<'a, Vec<bool>> {
        Box::pin(self.all_taken(part, new))
    }

    fn known<'a>(&'a self, _at: At<'a>, part: &'a Part, logins: &'a [&'a AccountId]) -> Fut<'a, Vec<Person>> {
        Box::pin(self.people_called(part, logins))
    }

    fn change_account<'a>(&'a self, _at: At<'a>, who: &'a Person, changes: &'a Details) -> Fut<'a, ()> {
        Box::pin(async move {
            let (settings, _) = self.writing()?;
            let deadline = self.deadline();
            let mails = changes.fields.get(&Field::Mails).map_or(&[][..], Vec::as_slice);
            if self.is_taken(None, mails, who, deadline).await? {
                return Err(Error::Conflict);
            }
            let written = settings.written(changes)?;
            let changes: Vec<Mod<String>> =
                written.into_iter().flat_map(|(name, values)| in_order(&name, values)).collect();
            if changes.is_empty() {
                return Ok(());
            }
            let done = self.modify("changing an account", &who.dn, changes, deadline).await;
            self.forget_person(who);
            done
        })
    }

    fn details_of(&self, who: &Person) -> Details {
        self.settings.provision.as_ref().map(|settings| settings.said_of(who)).unwrap_or_default()
    }

    fn lock_account<'a>(&'a self, _at: At<'a>, who: &'a Person, lock: AccountLock) -> Fut<'a, ()> {
        Box::pin(async move {
            let (settings, _) = self.writing()?;
            let rule = settings.lock.as_ref().ok_or(Error::Unsupported { what: "locking accounts" })?;
            let change = rule.change(lock);
            let done = self.modify("locking or unlocking an account", &who.dn, vec![change], self.deadline()).await;
            self.forget_person(who);
            done
        })
    }

    fn rename_account<'a>(&'a self, _at: At<'a>, who: &'a Person, to: &'a AccountId) -> Fut<'a, ()> {
        Box::pin(self.give_name(who, to))
    }

    fn disable_account<'a>(&'a self, _at: At<'a>, who: &'a Person) -> Fut<'a, ()> {
        Box::pin(self.put_out_of_use(who))
    }

    fn disabled_account<'a>(&'a self, _at: At<'a>, id: &'a AccountId) -> Fut<'a, Option<Person>> {
        Box::pin(self.out_of_use(id, self.deadline()))
    }

    fn restore_account<'a>(&'a self, _at: At<'a>, part: &'a Part, who: &'a Person) -> Fut<'a, ()> {
        Box::pin(self.put_into_use(part, who))
    }

    fn set_password<'a>(&'a self, _at: At<'a>, who: &'a Person, password: &'a Secret) -> Fut<'a, ()> {
        Box::pin(async move {
            let done = self.put_password(&who.dn, password, self.deadline()).await;
            self.forget_person(who);
            done
        })
    }
}

impl LdapDirectory {
    /// RFC 3062: the server hashes it and holds it against its own policy.
    pub(super) async fn put_password(&self, dn: &str, password: &Secret, deadline: Instant) -> Result<()> {
        let doing = "setting a password";
        let text = password.expose_str().ok_or_else(|| Error::invalid("password: it is not UTF-8"))?.to_owned();
        let dn = dn.to_owned();
        let sent = self.send(doing, deadline, move |mut ldap| {
            Box::pin(async move {
                let request = PasswordModify { user_id: Some(&dn), old_pass: None, new_pass: Some(&text) };
                Ok(ldap.extended(request).await?.1)
            })
        });
        let result = sent.await?;
        self.judged(doing, &result)
    }

    /// The groups first get the new name beside the old one, and lose the old one last: whoever takes the old login then
    /// is in none of them, whenever this stops.
    async fn give_name(&self, who: &Person, to: &AccountId) -> Result<()> {
        let (settings, _) = self.writing()?;
        let deadline = self.deadline();
        if self.is_taken(Some(to), &[], who, deadline).await? {
            return Err(Error::Conflict);
        }
        let renamed = Person { account: to.clone(), dn: self.dn_called(who, to), ..who.clone() };
        let memberships = match settings.memberships {
            Memberships::Gateway => self.memberships_of(who, deadline).await?,
            Memberships::Server => Vec::new(),
        };
        for (group, member) in &memberships {
            self.put_member(group, member, member_value(member, &renamed), deadline).await?;
        }
        let done = if renamed.dn == who.dn {
            let attribute = self.settings.account_attribute.clone();
            let change = Mod::Replace(attribute, set([to.as_str()]));
            self.modify("renaming an account", &who.dn, vec![change], deadline).await
        } else {
            let own = rdn(&self.settings.account_attribute, to.as_str());
            self.rename("renaming an account", &who.dn, &own, None, deadline).await
        };
        let stale = if done.is_ok() { who } else { &renamed };
        for (group, member) in &memberships {
            self.take_member(group, member, member_value(member, stale), deadline).await?;
        }
        self.forget_person(who);
        self.forget_person(&renamed);
        done
    }

    /// Locked first, so that it cannot be used however far this comes; then out of its groups; then away.
    async fn put_out_of_use(&self, who: &Person) -> Result<()> {
        let (settings, _) = self.writing()?;
        let deadline = self.deadline();
        let doing = "taking an account out of use";
        if settings.lock.is_none() && settings.disabled.is_none() {
            return Err(Error::Unsupported { what: "taking accounts out of use" });
        }
        if let Some(rule) = &settings.lock {
            self.modify(doing, &who.dn, vec![rule.change(AccountLock::Lock)], deadline).await?;
            self.forget_person(who);
        }
        for (group, member) in self.memberships_of(who, deadline).await? {
            self.take_member(&group, member, member_value(member, who), deadline).await?;
        }
        if let Some(branch) = &settings.disabled {
            self.rename(doing, &who.dn, &own_part(who)?, Some(branch), deadline).await?;
        }
        self.forget_person(who);
        Ok(())
    }

    async fn put_into_use(&self, part: &Part, who: &Person) -> Result<()> {
        let (settings, _) = self.writing()?;
        let deadline = self.deadline();
        let doing = "bringing an account back into use";
        let branch = match part {
            Part::Below(base) if !is_below(&settings.people, base) => base,
            Part::Below(_) | Part::Whole | Part::Marked { .. } | Part::ByAddress(_) => &settings.people,
        };
        let own = own_part(who)?;
        self.rename(doing, &who.dn, &own, Some(branch), deadline).await?;
        if let Some(rule) = &settings.lock {
            let dn = format!("{own},{branch}");
            self.modify(doing, &dn, vec![rule.change(AccountLock::Unlock)], deadline).await?;
        }
        self.forget_person(who);
        Ok(())
    }

    /// The entry's name with another login in it; the same name where the login is an attribute only.
    fn dn_called(&self, who: &Person, to: &AccountId) -> String {
        let in_name = Dn::parse(&who.dn).is_ok_and(|name| name.own(&self.settings.account_attribute).is_some());
        match above(&who.dn) {
            Some(above) if in_name => format!("{},{above}", rdn(&self.settings.account_attribute, to.as_str())),
            _ => who.dn.clone(),
        }
    }

    fn forget_person(&self, who: &Person) {
        self.forget_login(&who.account);
        self.listings.invalidate_all();
    }
}

/// Replaces an attribute's values by these, in their order: the first address of a person is the main one, although the
/// values of an attribute have none (RFC 4512 §2.2) and this client would send them in any.
fn in_order(name: &str, values: Vec<String>) -> Vec<Mod<String>> {
    let mut values = values.into_iter();
    let first = Mod::Replace(name.to_owned(), values.next().map_or_else(none, |value| set([value])));
    std::iter::once(first).chain(values.map(|value| Mod::Add(name.to_owned(), set([value])))).collect()
}

/// The entry's own part as it is written.
fn own_part(who: &Person) -> Result<String> {
    let rest = above(&who.dn).map_or(0, str::len);
    let own = who.dn.len().checked_sub(rest).and_then(|end| who.dn.get(..end)).unwrap_or_default();
    let own = own.trim_end().trim_end_matches(',').trim_end();
    if own.is_empty() {
        return Err(Error::internal("naming an entry", "it has no name of its own"));
    }
    Ok(own.to_owned())
}

impl LockRule {
    fn change(&self, lock: AccountLock) -> Mod<String> {
        let values = match (lock, &self.unlocked) {
            (AccountLock::Lock, _) => set([self.value.as_str()]),
            (AccountLock::Unlock, Some(value)) => set([value.as_str()]),
            (AccountLock::Unlock, None) => none(),
        };
        Mod::Replace(self.attribute.clone(), values)
    }
}

impl ProvisionSettings {
    /// A person's attributes as details: of a field that is written to several, the last one, which is the one to show.
    fn said_of(&self, who: &Person) -> Details {
        let values = |name: &str| who.attributes.values(&canonical(name)).to_vec();
        let fields = self.attributes.iter().filter_map(|(field, names)| {
            let values = values(names.last()?);
            (!values.is_empty()).then_some((*field, values))
        });
        let attributes = self.writable.iter().map(|name| (name.clone(), values(name)));
        Details { fields: fields.collect(), attributes: attributes.filter(|(_, values)| !values.is_empty()).collect() }
    }

    /// Details as attributes, each with its values in order.
    pub(super) fn written(&self, details: &Details) -> Result<Vec<(String, Vec<String>)>> {
        let mut written = Vec::new();
        for (field, values) in &details.fields {
            for name in self.attributes.get(field).into_iter().flatten() {
                written.push((name.clone(), values.clone()));
            }
        }
        for (name, values) in &details.attributes {
            let Some(known) = self.writable.iter().find(|known| same_attribute(known, name)) else {
                return Err(Error::invalid(format_args!("attributes: {name} is not among those that may be written")));
            };
            if written.iter().any(|(other, _): &(String, _)| same_attribute(other, known)) {
                return Err(Error::invalid(format_args!("attributes: {name} is said twice")));
            }
            written.push((known.clone(), values.clone()));
        }
        Ok(written)
    }
}
