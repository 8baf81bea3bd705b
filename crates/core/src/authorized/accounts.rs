//! Handles on an institution, for who manages it: making and changing accounts. State follows the directory: what hung on
//! an account follows its new login, and what an account has open ends when it may not be used any more.

use crate::{
    Allows, Authorized, Error, LOST_FOR_AT_MOST, Manage, Membership, Mount, Result, WEB_SESSION,
    authorized::external,
    door,
    ports::{AccountLock, Details, Field, LONGEST_VALUE, MOST_VALUES, NewAccount, Page, Provision, state::Revocation},
};
use passerelle_model::{Account, AccountId, Grantee, InstitutionRef, Person, Secret, Standing, Timestamp};
use std::collections::BTreeMap;

/// Longest login of a new account, in octets.
pub const LONGEST_NEW_LOGIN: usize = 64;
/// Most people of one page.
const MOST_LISTED: usize = 200;
/// How long after a lock the nodes may still let somebody in who was looked up before it, in seconds: what one that lost
/// its watch on State takes to notice, and one second for clocks.
const SETTLES: i64 = LOST_FOR_AT_MOST + 1;

/// An account as administrators see it.
#[derive(Debug, Clone)]
pub struct Administered {
    /// The entry.
    pub person: Person,
    /// Whether it was taken out of use and moved away.
    pub disabled: bool,
}

/// Where data of an account are. The gateway destroys none of them and moves none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// `mail` or `files`.
    pub kind: &'static str,
    /// The store, as the settings name it, or the mount.
    pub store: String,
    /// The place in it: a mailbox's owner, or a path.
    pub place: String,
}

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// One account by login, a locked or disabled one too; `None` when the institution has none of it.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Administered>> {
        self.port.forget(id);
        if let Some(person) = door::find_any(&self.house, &self.of(id)).await? {
            return Ok(Some(Administered { person: person.as_ref().clone(), disabled: false }));
        }
        let Some(provision) = self.port.as_provision() else { return Ok(None) };
        let facts = &self.house.tenant(&self.target().0)?.facts;
        let person = provision.disabled_account(&self.permit.narrow(), id).await?;
        let ours = person.filter(|person| self.house.is_of(facts, person));
        Ok(ours.map(|person| Administered { person, disabled: true }))
    }

    /// People of this institution in order of their logins, behind `after`. Those who asked not to be listed are found by
    /// no text; an empty one is everybody, them too.
    ///
    /// # Errors
    /// `Unavailable` when the directory cannot say.
    pub async fn people_after(&self, text: &str, after: Option<&str>, limit: usize) -> Result<Page<Person>> {
        let limit = limit.clamp(1, MOST_LISTED);
        let mut page = self.port.people_after(&self.permit.narrow(), &self.part()?, text, after, limit).await?;
        let facts = &self.house.tenant(&self.target().0)?.facts;
        page.items.retain(|person| self.house.is_of(facts, person));
        Ok(page)
    }

    /// What is known of a person in the words of [`Self::change_account`]; nothing where the directory is only read.
    pub fn details_of(&self, who: &Person) -> Details {
        self.port.as_provision().map(|provision| provision.details_of(who)).unwrap_or_default()
    }

    /// Whether accounts and groups can be made and changed here; where not, the directory is only read.
    pub fn may_provision(&self) -> bool {
        self.port.as_provision().is_some()
    }

    /// Whether an account could be made, as far as it can be told without the directory.
    ///
    /// # Errors
    /// As [`Self::create_account`], but for what only the directory knows.
    pub fn check_account(&self, new: &NewAccount) -> Result<()> {
        check_new_login(&new.id)?;
        check_details(&new.details)?;
        self.check_addresses(&new.details, true)?;
        new.password.as_ref().map_or(Ok(()), check_password)
    }

    /// Makes an account. Whoever comes second gets `Conflict`.
    ///
    /// # Errors
    /// `Invalid` for what cannot be a login or a value, `Conflict` when login or address is taken.
    pub async fn create_account(&self, new: &NewAccount) -> Result<Person> {
        let lost = || Err(Error::internal("making an account", "nothing became of it"));
        self.create_accounts(&[new]).await.pop().unwrap_or_else(lost)
    }

    /// Makes accounts, as if [`Self::create_account`] made one after the other; what must be asked first is asked for all of
    /// them together. What became of each, in their order.
    pub async fn create_accounts(&self, new: &[&NewAccount]) -> Vec<Result<Person>> {
        let checked = self.checked(new).await;
        let made = self.make(&fit(new, &checked)).await;
        merged(checked, made)
    }

    async fn make(&self, new: &[&NewAccount]) -> Result<Vec<Result<Person>>> {
        let (provision, part, facts) = (self.provision()?, self.part()?, self.facts()?);
        let made = provision.create_accounts(&self.permit.narrow(), &part, new).await;
        let why = "it is none of the institution's: let new entries match the membership that the settings say";
        let foreign = || Error::unavailable(self.port.name(), "reading an account that was just made", why);
        let ours = |person: Person| if self.house.is_of(&facts, &person) { Ok(person) } else { Err(foreign()) };
        Ok(made.into_iter().map(|made| made.and_then(ours)).collect())
    }

    /// Which of these accounts would get `Conflict` if they were made now, one after the other; what else is wrong with one
    /// is told too.
    pub(super) async fn taken_accounts(&self, new: &[&NewAccount]) -> Vec<Result<bool>> {
        let checked = self.checked(new).await;
        let taken = self.look(&fit(new, &checked)).await;
        merged(checked, taken.map(|taken| taken.into_iter().map(Ok).collect()))
    }

    async fn look(&self, new: &[&NewAccount]) -> Result<Vec<bool>> {
        self.provision()?.taken(&self.permit.narrow(), &self.part()?, new).await
    }

    /// The people of ours in use who have these logins, by login in lower case, without groups; whom it is not told of must
    /// be asked for by [`Self::account`].
    pub(super) async fn known(&self, logins: &[&AccountId]) -> Result<BTreeMap<String, Person>> {
        let (part, facts) = (self.part()?, self.facts()?);
        let people = self.provision()?.known(&self.permit.narrow(), &part, logins).await?;
        let ours = people.into_iter().filter(|person| self.house.is_of(&facts, person));
        Ok(ours.map(|person| (person.account.as_str().to_lowercase(), person)).collect())
    }

    /// What of accounts to be made can be told without the directory.
    async fn checked(&self, new: &[&NewAccount]) -> Vec<Result<()>> {
        let untouchable = self.untouchable().await;
        let checked = new.iter().map(|new| {
            self.check_account(new)?;
            untouchable.as_ref().map_err(Clone::clone)?.check(&Grantee::Account(self.of(&new.id)))
        });
        checked.collect()
    }

    /// Changes what is named.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for what cannot be a value, `Conflict` when an address is taken.
    pub async fn change_account(&self, id: &AccountId, changes: &Details) -> Result<Person> {
        check_details(changes)?;
        self.check_addresses(changes, false)?;
        self.check_may_touch(Grantee::Account(self.of(id))).await?;
        let provision = self.provision()?;
        let who = self.theirs(id).await?;
        provision.change_account(&self.permit.narrow(), &who, changes).await?;
        self.theirs(id).await
    }

    /// Locks or unlocks; whether that changed anything. A locked account ends on every node. Unlocking brings a disabled
    /// one back into use.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` where the settings name no attribute for it.
    pub async fn lock_account(&self, id: &AccountId, lock: AccountLock) -> Result<bool> {
        self.check_may_touch(Grantee::Account(self.of(id))).await?;
        let provision = self.provision()?;
        let found = self.account(id).await?.ok_or(Error::NotFound)?;
        if found.disabled {
            return match lock {
                AccountLock::Lock => Ok(false),
                AccountLock::Unlock => {
                    provision.restore_account(&self.permit.narrow(), &self.part()?, &found.person).await?;
                    Ok(true)
                }
            };
        }
        let wanted = match lock {
            AccountLock::Lock => Standing::Locked,
            AccountLock::Unlock => Standing::Open,
        };
        let changes = found.person.standing != wanted;
        if changes {
            provision.lock_account(&self.permit.narrow(), &found.person, lock).await?;
        }
        if lock == AccountLock::Lock {
            // Also when it was locked already: the call before may have ended between the two.
            self.end_for_good(id).await?;
        }
        Ok(changes)
    }

    /// Gives an account another login. What State keeps of it follows; mail and files stay where they are.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when the login is taken.
    pub async fn rename_account(&self, id: &AccountId, to: &AccountId) -> Result<Person> {
        check_new_login(to)?;
        for login in [id, to] {
            self.check_may_touch(Grantee::Account(self.of(login))).await?;
        }
        let provision = self.provision()?;
        let who = self.theirs(id).await?;
        if *to == *id {
            return Ok(who);
        }
        if self.account(to).await?.is_some_and(|other| other.disabled || other.person.dn != who.dn) {
            return Err(Error::Conflict);
        }
        // Their passwords are bound to the login: opened under the old one, and sealed for the new one.
        let rebound = external::rebound(&self.house, &self.of(id), &self.of(to)).await?;
        provision.rename_account(&self.permit.narrow(), &who, to).await?;
        self.end_for_good(id).await?;
        if let Err(failed) = self.house.state.renamed_account(&self.of(id), &self.of(to)).await {
            // Back to how it was, so that the call can be made again.
            let renamed = self.theirs(to).await?;
            provision.rename_account(&self.permit.narrow(), &renamed, id).await?;
            return Err(failed);
        }
        for row in rebound {
            row.put(&self.house).await?;
        }
        self.theirs(to).await
    }

    /// Takes an account out of use; says where its data are, which stay. Its app passwords and external accounts end with
    /// it, and it is in no gateway group any more.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` where the settings name neither a lock nor a branch for such accounts.
    pub async fn delete_account(&self, id: &AccountId) -> Result<Vec<Whereabouts>> {
        self.check_may_touch(Grantee::Account(self.of(id))).await?;
        let provision = self.provision()?;
        let found = self.account(id).await?.ok_or(Error::NotFound)?;
        if !found.disabled {
            provision.disable_account(&self.permit.narrow(), &found.person).await?;
        }
        let account = self.of(id);
        self.house.state.left_all(&account).await?;
        for row in self.house.state.app_passwords_of(&account).await? {
            self.house.state.remove_app_password(&account, &row.id).await?;
        }
        for row in self.house.state.externals_of(&account).await? {
            self.house.state.remove_external(&account, &row.id).await?;
        }
        self.end_for_good(id).await?;
        Ok(self.whereabouts(id))
    }

    /// Sets the password; what the account has open ends, because whoever knew the old one may have opened it.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a password that is empty, too long, or not to the directory's liking.
    pub async fn set_password(&self, id: &AccountId, password: &Secret) -> Result<()> {
        check_password(password)?;
        self.check_may_touch(Grantee::Account(self.of(id))).await?;
        let provision = self.provision()?;
        let who = self.theirs(id).await?;
        provision.set_password(&self.permit.narrow(), &who, password).await?;
        self.end_sessions_of(&self.of(id)).await
    }

    /// The moment, as the gateway tells time.
    pub fn now(&self) -> Timestamp {
        (self.house.clock)()
    }

    /// The names of its file trees, and whether it has mail.
    pub fn stores(&self) -> (Vec<String>, bool) {
        let tenant = self.house.tenant(&self.target().0).ok();
        let home = tenant.iter().flat_map(|tenant| &tenant.mounts).filter(|mount| mount.id.as_str() == Mount::HOME);
        let mounts = home.map(|mount| mount.id.to_string()).collect();
        (mounts, tenant.is_some_and(|tenant| tenant.mail.is_some()))
    }

    /// Where the data of an account are, by what the settings say.
    pub fn whereabouts(&self, id: &AccountId) -> Vec<Whereabouts> {
        let account = self.of(id);
        let Ok(tenant) = self.house.tenant(&account.institution) else { return Vec::new() };
        let mail = tenant.mail.iter().map(|mail| Whereabouts {
            kind: "mail",
            store: mail.name().to_owned(),
            place: id.to_string(),
        });
        let files = tenant.tree_of(id).into_iter().filter_map(|mount| {
            let place = mount.store.whereabouts(&account)?;
            Some(Whereabouts { kind: "files", store: mount.id.to_string(), place })
        });
        mail.chain(files).collect()
    }

    /// The entry of an account that is in use, as the directory has it now.
    pub(crate) async fn theirs(&self, id: &AccountId) -> Result<Person> {
        self.port.forget(id);
        let found = door::find_any(&self.house, &self.of(id)).await?.ok_or(Error::NotFound)?;
        Ok(found.as_ref().clone())
    }

    pub(crate) fn of(&self, id: &AccountId) -> Account {
        Account { institution: self.target().0.clone(), id: id.clone() }
    }

    pub(crate) fn provision(&self) -> Result<&dyn Provision> {
        self.port.as_provision().ok_or(Error::Unsupported { what: "making and changing accounts and groups" })
    }

    /// Ends what an account has open, and what a node may still open that does not know yet.
    async fn end_for_good(&self, id: &AccountId) -> Result<()> {
        let before = (self.house.clock)().plus(SETTLES);
        let revocation = Revocation::Account { account: self.of(id), before, expires: before.plus(WEB_SESSION) };
        self.house.state.revoke(&revocation).await?;
        self.house.withdrawn.note(&revocation);
        Ok(())
    }

    /// No address of another institution, which would keep its owner there from signing on by it; and one of ours where
    /// that is what makes a person ours.
    fn check_addresses(&self, details: &Details, new: bool) -> Result<()> {
        let facts = &self.house.tenant(&self.target().0)?.facts;
        let mails = details.fields.get(&Field::Mails);
        let domain = |mail: &String| mail.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
        let owner = |mail: &String| domain(mail).and_then(|domain| self.house.at_domain(&domain).map(|it| &it.id));
        let mut all = mails.into_iter().flatten();
        if all.any(|mail| owner(mail).is_some_and(|owner| *owner != facts.id)) {
            return Err(Error::invalid("mails: an address is of another institution's domain"));
        }
        let needed = facts.membership == Membership::MailDomain && (new || mails.is_some());
        if needed && !mails.into_iter().flatten().any(|mail| owner(mail) == Some(&facts.id)) {
            return Err(Error::invalid("mails: an address of the institution's own domain is needed"));
        }
        if facts.membership != Membership::Whole
            && details.attributes.keys().any(|name| name.eq_ignore_ascii_case("supannEtablissement"))
        {
            return Err(Error::invalid("supannEtablissement says whose the account is and cannot be changed"));
        }
        Ok(())
    }
}

/// Those with which nothing was found wrong.
fn fit<'a>(new: &[&'a NewAccount], checked: &[Result<()>]) -> Vec<&'a NewAccount> {
    new.iter().zip(checked).filter(|(_, checked)| checked.is_ok()).map(|(new, _)| *new).collect()
}

/// What was found wrong with some, and what became of the others, in the order of all.
fn merged<T>(checked: Vec<Result<()>>, of_the_fit: Result<Vec<Result<T>>>) -> Vec<Result<T>> {
    let lost = || Err(Error::internal("asking for several accounts", "one of them got no answer"));
    let (mut outcomes, failed) = match of_the_fit {
        Ok(outcomes) => (outcomes.into_iter(), None),
        Err(error) => (Vec::new().into_iter(), Some(error)),
    };
    let mut next = || outcomes.next().unwrap_or_else(|| failed.clone().map_or_else(lost, Err));
    checked.into_iter().map(|checked| checked.and_then(|()| next())).collect()
}

/// A login that no store, path or address can misread.
fn check_new_login(id: &AccountId) -> Result<()> {
    let text = id.as_str();
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'_' | b'-');
    let begins = text.bytes().next().is_some_and(|octet| octet.is_ascii_alphanumeric());
    if text.len() > LONGEST_NEW_LOGIN || !begins || !text.bytes().all(fits) {
        return Err(Error::invalid(
            "login: 1 to 64 letters and digits of ASCII, dots, hyphens and underscores, the first a letter or a digit",
        ));
    }
    Ok(())
}

fn check_password(password: &Secret) -> Result<()> {
    let fits =
        |text: &str| !text.is_empty() && text.len() <= crate::LONGEST_PASSWORD && !text.contains(char::is_control);
    if password.expose_str().is_some_and(fits) {
        return Ok(());
    }
    Err(Error::invalid("password: 1 to 1024 octets of UTF-8 without control characters"))
}

/// Values that a directory, its exports and its readers can hold: no control characters, which an LDIF or a log would
/// take for the end of a line.
fn check_details(details: &Details) -> Result<()> {
    let fields = details.fields.iter().map(|(field, values)| (field.as_str(), values));
    let attributes = details.attributes.iter().map(|(name, values)| (name.as_str(), values));
    for (name, values) in fields.chain(attributes) {
        if values.len() > MOST_VALUES {
            return Err(Error::invalid(format_args!("{name}: at most {MOST_VALUES} values")));
        }
        for value in values {
            check_value(name, value)?;
        }
    }
    for mail in details.fields.get(&Field::Mails).into_iter().flatten() {
        let parts = mail.rsplit_once('@');
        let fits = |(local, domain): (&str, &str)| {
            // RFC 5321 §4.5.3.1: 64 octets before the @, 255 behind it.
            !local.is_empty() && local.len() <= 64 && !domain.is_empty() && domain.len() <= 255
        };
        let odd =
            |c: char| c.is_whitespace() || matches!(c, '@' | '<' | '>' | '(' | ')' | ',' | ';' | '"' | '\\' | '*');
        if !parts.is_some_and(fits) || mail.matches('@').count() != 1 || mail.replace('@', "").contains(odd) {
            return Err(Error::invalid("mails: no mail address"));
        }
    }
    Ok(())
}

pub(crate) fn check_value(name: &str, value: &str) -> Result<()> {
    if value.trim().is_empty() || value.len() > LONGEST_VALUE {
        return Err(Error::invalid(format_args!("{name}: a value has 1 to {LONGEST_VALUE} octets")));
    }
    if value.contains(char::is_control) {
        return Err(Error::invalid(format_args!("{name}: a value has no control characters")));
    }
    Ok(())
}
