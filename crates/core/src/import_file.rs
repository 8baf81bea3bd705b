//! What a file of accounts says, by rows of a table or by entries of a directory. What is wrong is said in words, never
//! with a value: it could be a password.

use crate::ports::{Details, Field, NewAccount};
use passerelle_model::{AccountId, GroupId, Secret};
use std::collections::BTreeSet;

/// What separates the values of a cell.
const VALUES: char = '|';
/// Most groups of one account.
const MOST_GROUPS: usize = 64;

/// LDIF's attributes with the field that each is (RFC 2798, eduPerson); what else stands there is taken by its own name.
const ATTRIBUTES: [(&str, Field); 8] = [
    ("displayname", Field::Name),
    ("cn", Field::Name),
    ("givenname", Field::GivenName),
    ("sn", Field::Surname),
    ("mail", Field::Mails),
    ("telephonenumber", Field::Phone),
    ("preferredlanguage", Field::Language),
    ("edupersonaffiliation", Field::Affiliations),
];

/// An account as a file wants it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The account.
    pub account: NewAccount,
    /// Static groups of the directory that it is to be in, beside those that it is in already.
    pub groups: Vec<GroupId>,
}

/// A row of a file: what it says of an account, or what is wrong there.
#[derive(Debug)]
pub struct ImportRow {
    /// The line that it begins at, from 1.
    pub line: usize,
    /// What it says.
    pub wanted: Result<Wanted, String>,
}

impl ImportRow {
    /// The login that it is about; empty where it says none that can be one.
    pub fn login(&self) -> &str {
        self.wanted.as_ref().map_or("", |wanted| wanted.account.id.as_str())
    }

    /// Rows of a table, each with its line; the head names the columns: `login`, fields, attributes, `groups`, `password`.
    /// An empty cell says nothing.
    ///
    /// # Errors
    /// That no column is `login`.
    pub fn of_table(
        head: &[String],
        records: impl IntoIterator<Item = (usize, Vec<String>)>,
    ) -> Result<Vec<Self>, &'static str> {
        let head: Vec<String> = head.iter().map(|cell| cell.trim().to_owned()).collect();
        if !head.iter().any(|name| name == "login") {
            return Err("the first line names the columns, and one of them is login");
        }
        let row = |(line, cells)| Self { line, wanted: of_cells(&head, cells) };
        Ok(told_apart(records.into_iter().map(row)))
    }

    /// Entries of a directory, each with its line; an entry that has no login, such as a branch, is none. `group_of` tells
    /// the name of a group by its distinguished name, which `memberOf` has.
    pub fn of_entries(
        entries: impl IntoIterator<Item = (usize, Vec<(String, Vec<u8>)>)>,
        group_of: impl Fn(&str) -> Option<String>,
    ) -> Vec<Self> {
        let row = |(line, attributes)| Some(Self { line, wanted: of_entry(attributes, &group_of)? });
        told_apart(entries.into_iter().filter_map(row))
    }
}

/// Refuses all but the first row of one login or address. Which of them is meant nobody can tell.
fn told_apart(rows: impl Iterator<Item = ImportRow>) -> Vec<ImportRow> {
    let (mut logins, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    let look = |mut row: ImportRow| {
        let Ok(wanted) = &row.wanted else { return row };
        let mails = wanted.account.details.fields.get(&Field::Mails);
        let mails: BTreeSet<String> = mails.into_iter().flatten().map(|mail| mail.to_lowercase()).collect();
        if !logins.insert(wanted.account.id.as_str().to_lowercase()) {
            row.wanted = Err("the login stands in the file twice".to_owned());
        } else if !mails.is_disjoint(&addresses) {
            row.wanted = Err("an address stands in the file twice".to_owned());
        } else {
            addresses.extend(mails);
        }
        row
    };
    rows.map(look).collect()
}

fn of_cells(head: &[String], cells: Vec<String>) -> Result<Wanted, String> {
    if cells.len() > head.len() {
        return Err(format!("{} cells, and {} columns", cells.len(), head.len()));
    }
    let mut draft = Draft::default();
    for (name, cell) in head.iter().zip(cells) {
        if cell.trim().is_empty() {
            continue;
        }
        match name.as_str() {
            "login" => cell.trim().clone_into(&mut draft.login),
            "password" => draft.password = Some(Secret::new(cell)),
            name => {
                let values = cell.split(VALUES).map(|value| value.trim().to_owned());
                if name == "groups" {
                    draft.groups.extend(values.filter(|value| !value.is_empty()));
                    continue;
                }
                let field = Field::ALL.into_iter().find(|field| field.as_str() == name);
                draft.put(field, name, values.collect());
            }
        }
    }
    draft.finish()
}

fn of_entry(
    attributes: Vec<(String, Vec<u8>)>,
    group_of: &impl Fn(&str) -> Option<String>,
) -> Option<Result<Wanted, String>> {
    let (mut login, mut draft, mut wrong) = (None, Draft::default(), None);
    for (name, value) in attributes {
        let lower = name.to_ascii_lowercase();
        let Ok(text) = String::from_utf8(value) else {
            wrong = Some(format!("{name} is no text"));
            continue;
        };
        match lower.as_str() {
            "uid" => login = login.or(Some(text)),
            "objectclass" => {}
            "userpassword" if text.starts_with('{') => {
                wrong = Some("userPassword is hashed: only one in clear can be set".to_owned());
            }
            "userpassword" => draft.password = Some(Secret::new(text)),
            "memberof" => match group_of(&text) {
                Some(group) => draft.groups.push(group),
                None => wrong = Some("memberOf is no name of a group by its cn".to_owned()),
            },
            _ => {
                let known = ATTRIBUTES.iter().find(|(known, _)| *known == lower).map(|(_, field)| *field);
                // displayName says what cn says; the first of them counts.
                if known == Some(Field::Name) && draft.details.fields.contains_key(&Field::Name) {
                    continue;
                }
                draft.put(known, &name, vec![text]);
            }
        }
    }
    draft.login = login?;
    Some(wrong.map_or_else(|| draft.finish(), Err))
}

/// What is said of an account, gathered value by value.
#[derive(Default)]
struct Draft {
    login: String,
    details: Details,
    password: Option<Secret>,
    groups: Vec<String>,
}

impl Draft {
    /// Adds values to a field, or to an attribute by its own name.
    fn put(&mut self, field: Option<Field>, name: &str, values: Vec<String>) {
        match field {
            Some(field) => self.details.fields.entry(field).or_default().extend(values),
            None => self.details.attributes.entry(name.to_owned()).or_default().extend(values),
        }
    }

    fn finish(self) -> Result<Wanted, String> {
        let id = AccountId::parse(&self.login).map_err(|_| "no login".to_owned())?;
        if self.groups.len() > MOST_GROUPS {
            return Err(format!("groups: at most {MOST_GROUPS} of one account"));
        }
        let groups = self.groups.iter().map(|name| GroupId::parse(name)).collect::<Result<_, _>>();
        let groups = groups.map_err(|_| "groups: one of them is no name of a group".to_owned())?;
        Ok(Wanted { account: NewAccount { id, details: self.details, password: self.password }, groups })
    }
}
