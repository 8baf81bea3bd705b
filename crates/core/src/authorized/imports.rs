//! Handles on an institution, for who manages it: accounts by a file. Nobody is locked or deleted because a file does not
//! have them, and nobody leaves a group because a file does not say it.

use crate::{
    Administered, Allows, Authorized, Error, Manage, Result, Wanted,
    ports::{Details, MOST_MEMBERS, MemberChange, NewAccount},
};
use futures::{StreamExt, stream};
use passerelle_model::{AccountId, Grantee, GroupId, InstitutionRef, Person};
use std::collections::{BTreeMap, BTreeSet};

/// Accounts that are compared and changed at once.
const AT_ONCE: usize = 16;

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// It is only told what would be.
    DryRun,
    /// It is done.
    Write,
}

/// What became of an account.
#[derive(Debug, Clone)]
pub enum Imported {
    /// It is new.
    Made,
    /// It was there, and these fields and attributes were not as the file has them, or `groups` that it was not in.
    Changed(Vec<String>),
    /// It was there as the file has it.
    Same,
    /// This was done, and then it could not be put into a group.
    Ungrouped(Box<Imported>, Error),
}

/// What became of a row of a file, in the words of every interface.
#[derive(Debug, Clone)]
pub struct ImportOutcome {
    /// [`Self::MADE`], [`Self::CHANGED`], [`Self::SAME`] or [`Self::FAILED`].
    pub word: &'static str,
    /// Which fields, or why.
    pub what: String,
    /// What the trail says when something was done: the method that does the same, and what changed.
    pub noted: Option<(&'static str, String)>,
}

impl ImportOutcome {
    /// It is new.
    pub const MADE: &str = "made";
    /// It was there, and differed.
    pub const CHANGED: &str = "changed";
    /// It was there as the file has it.
    pub const SAME: &str = "same";
    /// Nothing, or not all, was done.
    pub const FAILED: &str = "failed";

    /// What is wrong with a row before anything was tried.
    pub fn refused(why: String) -> Self {
        Self { word: Self::FAILED, what: why, noted: None }
    }

    /// What was done of a row, or why not; `told` puts an error into words that may be shown.
    pub fn of(wanted: &Wanted, imported: Option<Result<Imported>>, told: impl Fn(Error) -> String) -> Self {
        let lost = || Err(Error::internal("importing accounts", "one of them got no answer"));
        let imported = imported.unwrap_or_else(lost);
        let noted = imported.as_ref().ok().and_then(|imported| imported.noted(wanted));
        let (word, what) = match imported {
            Ok(Imported::Made) => (Self::MADE, String::new()),
            Ok(Imported::Changed(names)) => (Self::CHANGED, names.join(" ")),
            Ok(Imported::Same) => (Self::SAME, String::new()),
            Ok(Imported::Ungrouped(_, error)) => (Self::FAILED, format!("groups: {}", told(error))),
            Err(error) => (Self::FAILED, told(error)),
        };
        Self { word, what, noted }
    }
}

impl Imported {
    /// What the trail says of it: the method that does the same, and what changed; `None` when nothing did.
    pub fn noted(&self, wanted: &Wanted) -> Option<(&'static str, String)> {
        let groups = || {
            let names: Vec<&str> = wanted.groups.iter().map(GroupId::as_str).collect();
            format!("{GROUPS}={}", names.join("|"))
        };
        match self {
            Self::Made if wanted.groups.is_empty() => Some(("account.create", String::new())),
            Self::Made => Some(("account.create", groups())),
            Self::Changed(names) => {
                let told = names.iter().map(|name| if name == GROUPS { groups() } else { name.clone() });
                Some(("account.update", told.collect::<Vec<_>>().join(" ")))
            }
            Self::Same => None,
            Self::Ungrouped(done, _) => match done.as_ref() {
                Self::Made => Some(("account.create", String::new())),
                Self::Changed(_) | Self::Same | Self::Ungrouped(..) => done.noted(wanted),
            },
        }
    }
}

/// The word for groups among what changed.
const GROUPS: &str = "groups";

/// An account that is there as the file has it, and the groups that it is not in yet.
struct Settled {
    imported: Imported,
    /// `None` for one that a dry run would have made.
    person: Option<Person>,
    missing: Vec<GroupId>,
    /// Why it could not be put into one of them.
    unjoined: Option<Error>,
}

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// Makes accounts as a file has them, or changes what differs, and puts them into the groups that it names. A password
    /// is set on a new account only. What became of each, in their order.
    ///
    /// # Errors
    /// For each as [`Self::create_account`] and [`Self::change_account`]; `Invalid` for an account that was deleted, and
    /// for a group that is not there or whose members nobody names. Nothing is made of a row with such a group.
    pub async fn import_accounts(&self, wanted: &[&Wanted], mode: ImportMode) -> Vec<Result<Imported>> {
        let joinable = self.joinable(wanted).await;
        let checked: Vec<Result<()>> = wanted.iter().map(|wanted| check_groups(wanted, &joinable)).collect();
        let fit = wanted.iter().zip(&checked).filter(|(_, checked)| checked.is_ok()).map(|(wanted, _)| *wanted);
        let fit: Vec<&Wanted> = fit.collect();
        let new: Vec<&NewAccount> = fit.iter().map(|wanted| &wanted.account).collect();
        // Nearly all are new, and making them looks itself whether they are there.
        let made: Vec<Result<Option<Person>>> = match mode {
            ImportMode::DryRun => self.taken_accounts(&new).await.into_iter().map(as_if_made).collect(),
            ImportMode::Write => self.create_accounts(&new).await.into_iter().map(|made| made.map(Some)).collect(),
        };
        // A second run over a file meets nearly everybody again. Who joins groups is looked up with those that they are in.
        let met = fit.iter().zip(&made).filter(|(wanted, made)| wanted.groups.is_empty() && is_refused(made));
        let met: Vec<&AccountId> = met.map(|(wanted, _)| &wanted.account.id).collect();
        let mut known = match met.as_slice() {
            [] => BTreeMap::new(),
            // When this fails each is asked about alone, and gets its own error.
            met => self.known(met).await.unwrap_or_default(),
        };
        let mut known = |wanted: &Wanted| known.remove(&wanted.account.id.as_str().to_lowercase());
        let settling: Vec<_> =
            fit.iter().zip(made).map(|(wanted, made)| self.settle(wanted, mode, made, known(wanted))).collect();
        let mut settled: Vec<Result<Settled>> = stream::iter(settling).buffered(AT_ONCE).collect().await;
        if mode == ImportMode::Write {
            self.join(&mut settled).await;
        }
        let mut outcomes = settled.into_iter().map(|settled| settled.map(Settled::told));
        let lost = || Err(Error::internal("importing accounts", "one of them got no answer"));
        checked.into_iter().map(|checked| checked.and_then(|()| outcomes.next().unwrap_or_else(lost))).collect()
    }

    /// Leaves a new account as it was made, and changes what of one that is there differs, who may be known already. Where
    /// there is none the error is why it could not be made.
    async fn settle(
        &self,
        wanted: &Wanted,
        mode: ImportMode,
        made: Result<Option<Person>>,
        known: Option<Person>,
    ) -> Result<Settled> {
        let refused = match made {
            Ok(person) => {
                return Ok(Settled {
                    imported: Imported::Made,
                    person,
                    missing: wanted.groups.clone(),
                    unjoined: None,
                });
            }
            Err(refused @ (Error::Conflict | Error::Invalid { .. })) => refused,
            Err(error) => return Err(error),
        };
        let new = &wanted.account;
        let found = match known {
            Some(person) => Administered { person, disabled: false },
            None => self.account(&new.id).await?.ok_or(refused)?,
        };
        if found.disabled {
            return Err(Error::invalid("the account was deleted: unlock it first, or choose another login"));
        }
        let differs = difference(&self.details_of(&found.person), &new.details);
        let is_in = |group: &GroupId| found.person.groups.iter().any(|held| same_group(held, group));
        let missing = wanted.groups.iter().filter(|group| !is_in(group)).cloned().collect();
        if differs.is_empty() {
            return Ok(Settled { imported: Imported::Same, person: Some(found.person), missing, unjoined: None });
        }
        if mode == ImportMode::Write {
            self.change_account(&new.id, &differs).await?;
        }
        let names = differs.fields.keys().map(|field| field.as_str().to_owned());
        let imported = Imported::Changed(names.chain(differs.attributes.keys().cloned()).collect());
        Ok(Settled { imported, person: Some(found.person), missing, unjoined: None })
    }

    /// The groups that rows name, each with why nobody could be put into it.
    async fn joinable(&self, wanted: &[&Wanted]) -> BTreeMap<GroupId, Result<()>> {
        let named: BTreeSet<&GroupId> = wanted.iter().flat_map(|wanted| &wanted.groups).collect();
        let looking: Vec<_> = named.into_iter().map(|group| self.looked(group)).collect();
        stream::iter(looking).buffered(AT_ONCE).collect().await
    }

    async fn looked(&self, group: &GroupId) -> (GroupId, Result<()>) {
        (group.clone(), self.check_joinable(group).await)
    }

    async fn check_joinable(&self, group: &GroupId) -> Result<()> {
        self.check_may_touch(Grantee::Group(self.group_of(group))).await?;
        if group.is_of_gateway() {
            return Err(Error::invalid("it is one of the gateway's own, which no file fills"));
        }
        match self.provision()?.group_filter(&self.permit.narrow(), &self.part_of_groups()?, group).await {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(Error::invalid("its filter says who is in it")),
            Err(Error::NotFound) => Err(Error::invalid("there is none of this name")),
            Err(error) => Err(error),
        }
    }

    /// Puts accounts into the groups that they are not in, group by group.
    async fn join(&self, settled: &mut [Result<Settled>]) {
        let mut joining: BTreeMap<GroupId, Vec<(usize, Person)>> = BTreeMap::new();
        for (at, settled) in settled.iter().enumerate() {
            let Ok(Settled { person: Some(person), missing, .. }) = settled else { continue };
            for group in missing {
                joining.entry(group.clone()).or_default().push((at, person.clone()));
            }
        }
        for (group, members) in joining {
            for some in members.chunks(MOST_MEMBERS) {
                let people: Vec<Person> = some.iter().map(|(_, person)| person.clone()).collect();
                if let Err(error) = self.put_into(&group, &people).await {
                    for (at, _) in some {
                        if let Some(Ok(settled)) = settled.get_mut(*at) {
                            settled.unjoined = Some(error.clone());
                        }
                    }
                }
            }
        }
    }

    async fn put_into(&self, group: &GroupId, people: &[Person]) -> Result<()> {
        let (provision, part) = (self.provision()?, self.part_of_groups()?);
        provision.change_members(&self.permit.narrow(), &part, group, MemberChange::Add, people).await
    }
}

impl Settled {
    fn told(self) -> Imported {
        if let Some(why) = self.unjoined {
            return Imported::Ungrouped(Box::new(self.imported), why);
        }
        let groups = || GROUPS.to_owned();
        match self.imported {
            Imported::Same if !self.missing.is_empty() => Imported::Changed(vec![groups()]),
            Imported::Changed(mut names) if !self.missing.is_empty() => {
                names.push(groups());
                Imported::Changed(names)
            }
            imported @ (Imported::Made | Imported::Changed(_) | Imported::Same | Imported::Ungrouped(..)) => imported,
        }
    }
}

/// Whether an account could not be made, and may be there. What cannot be said of a new account may be so of one that is
/// there, such as an address that it has.
fn is_refused(made: &Result<Option<Person>>) -> bool {
    matches!(made, Err(Error::Conflict | Error::Invalid { .. }))
}

/// What a dry run says of an account, in the words of making it.
fn as_if_made(taken: Result<bool>) -> Result<Option<Person>> {
    if taken? { Err(Error::Conflict) } else { Ok(None) }
}

/// Whether there are all groups of a row. Told by their places: a cell may have slipped, and hold a password.
fn check_groups(wanted: &Wanted, joinable: &BTreeMap<GroupId, Result<()>>) -> Result<()> {
    for (at, group) in wanted.groups.iter().enumerate() {
        match joinable.get(group) {
            Some(Err(Error::Invalid { what })) => {
                return Err(Error::invalid(format_args!("groups: number {}: {what}", at.saturating_add(1))));
            }
            Some(Err(error)) => return Err(error.clone()),
            Some(Ok(())) | None => {}
        }
    }
    Ok(())
}

/// The names of groups have no case in a directory (RFC 4519 §2.3).
fn same_group(one: &GroupId, other: &GroupId) -> bool {
    one.as_str().to_lowercase() == other.as_str().to_lowercase()
}

/// What of the file is not so in the directory. The values of an attribute have no order there.
fn difference(there: &Details, wanted: &Details) -> Details {
    let same = |held: Option<&Vec<String>>, wanted: &Vec<String>| {
        let set = |values: &[String]| values.iter().cloned().collect::<BTreeSet<_>>();
        set(held.map_or(&[], Vec::as_slice)) == set(wanted)
    };
    let fields = wanted.fields.iter().filter(|(field, values)| !same(there.fields.get(field), values));
    let held = |name: &str| there.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|it| it.1);
    let attributes = wanted.attributes.iter().filter(|(name, values)| !same(held(name), values));
    Details {
        fields: fields.map(|(field, values)| (*field, values.clone())).collect(),
        attributes: attributes.map(|(name, values)| (name.clone(), values.clone())).collect(),
    }
}
