//! Handles on an institution, for who manages it: accounts by a file. Nobody is locked or deleted because a file does not
//! have them.

use crate::{
    Allows, Authorized, Error, Manage, Result,
    ports::{Details, Field, NewAccount},
};
use passerelle_model::{AccountId, InstitutionRef, Secret};
use std::collections::BTreeSet;

/// What separates the values of a cell.
const VALUES: char = '|';

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// It is only told what would be.
    DryRun,
    /// It is done.
    Write,
}

/// What became of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// It is new.
    Made,
    /// It was there, and these fields and attributes were not as the file has them.
    Changed(Vec<String>),
    /// It was there as the file has it.
    Same,
}

/// What a file says of an account, gathered value by value. What is wrong is said in words, never with a value: it could be
/// a password.
#[derive(Debug, Default)]
pub struct Draft {
    login: String,
    details: Details,
    password: Option<Secret>,
}

impl Draft {
    /// The account of a row, whose cells the head names: `login`, fields, attributes, `password`. An empty cell says nothing.
    ///
    /// # Errors
    /// What is wrong.
    pub fn of_row(head: &[String], cells: Vec<String>) -> Result<NewAccount, String> {
        if cells.len() > head.len() {
            return Err(format!("{} cells, and {} columns", cells.len(), head.len()));
        }
        let mut draft = Self::default();
        for (name, cell) in head.iter().zip(cells) {
            if cell.trim().is_empty() {
                continue;
            }
            match name.as_str() {
                "login" => draft.login(cell.trim()),
                "password" => draft.password(Secret::new(cell)),
                name => {
                    let field = Field::ALL.into_iter().find(|field| field.as_str() == name);
                    draft.put(field, name, cell.split(VALUES).map(|value| value.trim().to_owned()).collect());
                }
            }
        }
        draft.finish()
    }

    /// Says the login.
    pub fn login(&mut self, login: &str) {
        login.clone_into(&mut self.login);
    }

    /// Says the password.
    pub fn password(&mut self, password: Secret) {
        self.password = Some(password);
    }

    /// Adds values to a field, or to an attribute by its own name.
    pub fn put(&mut self, field: Option<Field>, name: &str, values: Vec<String>) {
        match field {
            Some(field) => self.details.fields.entry(field).or_default().extend(values),
            None => self.details.attributes.entry(name.to_owned()).or_default().extend(values),
        }
    }

    /// Whether a field was said.
    pub fn has(&self, field: Field) -> bool {
        self.details.fields.contains_key(&field)
    }

    /// The account.
    ///
    /// # Errors
    /// That there is no login.
    pub fn finish(self) -> Result<NewAccount, String> {
        let id = AccountId::parse(&self.login).map_err(|_| "no login".to_owned())?;
        Ok(NewAccount { id, details: self.details, password: self.password })
    }
}

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// Makes an account as a file has it, or changes what differs. A password is set on a new account only.
    ///
    /// # Errors
    /// As [`Self::create_account`] and [`Self::change_account`]; `Invalid` for an account that was deleted.
    pub async fn import_account(&self, new: &NewAccount, mode: ImportMode) -> Result<Imported> {
        // Nearly all are new, and making one looks itself whether it is there.
        if mode == ImportMode::Write && self.check_account(new).is_ok() {
            match self.create_account(new).await {
                Ok(_) => return Ok(Imported::Made),
                Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        let Some(found) = self.account(&new.id).await? else {
            match mode {
                ImportMode::DryRun => self.check_account(new)?,
                ImportMode::Write => drop(self.create_account(new).await?),
            }
            return Ok(Imported::Made);
        };
        if found.disabled {
            return Err(Error::invalid("the account was deleted: unlock it first, or choose another login"));
        }
        let differs = difference(&self.details_of(&found.person), &new.details);
        if differs.is_empty() {
            return Ok(Imported::Same);
        }
        if mode == ImportMode::Write {
            self.change_account(&new.id, &differs).await?;
        }
        let names = differs.fields.keys().map(|field| field.as_str().to_owned());
        Ok(Imported::Changed(names.chain(differs.attributes.keys().cloned()).collect()))
    }
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
