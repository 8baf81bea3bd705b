//! With whom something is shared (RFC 9670 §4): the grants of the gate on it. What a right of JMAP is here is a table for each kind of
//! thing; rights that are the same here are given together.

use crate::{desk::Desk, error::SetError, methods::principal};
use passerelle_core::{Authorized, Error, Manage, Result as CoreResult, ports::state::Granted};
use passerelle_model::{CollectionFamily, CollectionRef, Grant, Grantee, MailboxRef, Rights};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What each of JMAP's rights on a thing is here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) rights: &'static [(&'static str, Rights)],
    /// The one that nobody is given.
    pub(crate) never: Option<&'static str>,
}

/// A thing that is shared, of the account that the call is about.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Mailbox(String),
    Collection(CollectionFamily, String),
}

/// The same, open for who manages it.
#[derive(Debug)]
pub(crate) enum Managed {
    Mailbox(Authorized<MailboxRef, Manage>),
    Collection(Authorized<CollectionRef, Manage>),
}

impl Place {
    pub(crate) async fn open(&self, desk: &mut Desk<'_>) -> CoreResult<Managed> {
        Ok(match self {
            Self::Mailbox(name) => Managed::Mailbox(desk.handle::<Manage>(name).await?),
            Self::Collection(family, name) => Managed::Collection(desk.collection::<Manage>(*family, name).await?),
        })
    }

    /// The same for who manages it; `None` for anybody else.
    pub(crate) async fn managed(&self, desk: &mut Desk<'_>) -> CoreResult<Option<Managed>> {
        match self.open(desk).await {
            Ok(handle) => Ok(Some(handle)),
            Err(Error::Forbidden | Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `shareWith`: who has which rights on it; null for who does not manage it.
    pub(crate) async fn share_with(&self, desk: &mut Desk<'_>, table: Table) -> CoreResult<Value> {
        let Some(handle) = self.managed(desk).await? else { return Ok(Value::Null) };
        let grants = handle.on().await?;
        Ok(shown(grants.iter().map(|it| (&it.grant.to, it.grant.rights)), table))
    }
}

impl Managed {
    /// The grants on the thing itself.
    pub(crate) async fn on(&self) -> CoreResult<Vec<Granted>> {
        match self {
            Self::Mailbox(handle) => handle.own_grants().await,
            Self::Collection(handle) => handle.own_grants().await,
        }
    }

    async fn put(&self, grant: &Grant) -> CoreResult<()> {
        match self {
            Self::Mailbox(handle) if grant.rights.is_empty() => handle.unshare(&grant.to).await.map(drop),
            Self::Mailbox(handle) => handle.share(grant).await,
            Self::Collection(handle) if grant.rights.is_empty() => handle.unshare(&grant.to).await.map(drop),
            Self::Collection(handle) => handle.share(grant).await,
        }
    }
}

/// Rights as a client reads them.
pub(crate) fn told(held: Rights, table: Table) -> Map<String, Value> {
    let all = table.rights.iter().map(|(name, right)| ((*name).to_owned(), json!(held.contains(*right))));
    all.chain(table.never.map(|name| (name.to_owned(), json!(false)))).collect()
}

/// Rights as a client says them.
fn read(said: &Map<String, Value>, table: Table) -> Result<Rights, SetError> {
    let wrong = |why: &str| SetError::properties(&["shareWith"], why);
    let mut held = Rights::NONE;
    for (name, value) in said {
        let wanted = value.as_bool().ok_or_else(|| wrong("a right is true or false"))?;
        let known = table.rights.iter().find(|(known, _)| known == name);
        let is_never = table.never == Some(name.as_str());
        match (known, wanted) {
            (Some((_, right)), true) => held = held.union(*right),
            (None, true) if is_never => return Err(wrong("this right nobody is given")),
            (None, _) if !is_never => return Err(wrong("there is no such right")),
            (Some(_) | None, _) => {}
        }
    }
    // What goes together cannot be given apart: who may rename, may all else.
    let meant = told(held, table);
    let is_so = meant.iter().all(|(name, value)| said.get(name).and_then(Value::as_bool).unwrap_or(false) == *value);
    if is_so { Ok(held) } else { Err(wrong(&format!("these rights go together here: {}", Value::Object(meant)))) }
}

/// A change of who has what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// These and nobody else.
    all: Option<Map<String, Value>>,
    /// Of single ones: all rights, or none.
    each: BTreeMap<String, Value>,
    /// Single rights of single ones.
    rights: BTreeMap<String, Map<String, Value>>,
}

impl Change {
    /// Takes what a patch says of it (RFC 8620 §5.3); `false` for what is of something else.
    pub(crate) fn take(&mut self, path: &str, value: &Value) -> Result<bool, SetError> {
        let mut words = path.split('/');
        if words.next() != Some("shareWith") {
            return Ok(false);
        }
        match (words.next(), words.next(), words.next()) {
            (None, ..) => {
                let all = if value.is_null() { Some(Map::new()) } else { value.as_object().cloned() };
                self.all = Some(all.ok_or_else(|| SetError::new("invalidPatch"))?);
            }
            (Some(who), None, _) => drop(self.each.insert(who.to_owned(), value.clone())),
            (Some(who), Some(right), None) => {
                self.rights.entry(who.to_owned()).or_default().insert(right.to_owned(), value.clone());
            }
            (Some(_), Some(_), Some(_)) => return Err(SetError::new("invalidPatch")),
        }
        Ok(true)
    }

    fn is_none(&self) -> bool {
        self.all.is_none() && self.each.is_empty() && self.rights.is_empty()
    }

    /// Who is to have what, where these have something now; whoever is to have nothing has no rights.
    fn wanted(&self, had: &BTreeMap<Grantee, Rights>, table: Table) -> Result<BTreeMap<Grantee, Rights>, SetError> {
        let meant = |id: &String| {
            let nobody = || SetError::properties(&["shareWith"], "there is no such principal");
            principal::meant(id).ok_or_else(nobody)
        };
        let rights = |value: &Value| match value {
            Value::Null => Ok(Rights::NONE),
            value => read(value.as_object().ok_or_else(|| SetError::new("invalidPatch"))?, table),
        };
        if self.all.is_some() && !(self.each.is_empty() && self.rights.is_empty()) {
            return Err(SetError::new("invalidPatch"));
        }
        let mut wanted = BTreeMap::new();
        if let Some(all) = &self.all {
            // Whoever reaches it by a link was told to nobody here.
            let others = had.keys().filter(|to| principal::id_of(to).is_some());
            wanted.extend(others.map(|to| (to.clone(), Rights::NONE)));
            for (id, value) in all {
                wanted.insert(meant(id)?, rights(value)?);
            }
        }
        for (id, value) in &self.each {
            wanted.insert(meant(id)?, rights(value)?);
        }
        for (id, changes) in &self.rights {
            let to = meant(id)?;
            let Some(before) = had.get(&to).filter(|_| !wanted.contains_key(&to)) else {
                return Err(SetError::new("invalidPatch"));
            };
            let mut said = told(*before, table);
            said.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
            wanted.insert(to, read(&said, table)?);
        }
        Ok(wanted)
    }

    /// What it comes to for a thing, before anything is done with that: whom it means, which rights, and that they may have them.
    pub(crate) async fn resolve(&self, desk: &mut Desk<'_>, place: &Place, table: Table) -> Result<Wanted, SetError> {
        if self.is_none() {
            return Ok(Wanted::default());
        }
        let handle = place.open(desk).await?;
        let had: BTreeMap<Grantee, Grant> =
            handle.on().await?.into_iter().map(|it| (it.grant.to.clone(), it.grant)).collect();
        let rights = had.iter().map(|(to, grant)| (to.clone(), grant.rights)).collect();
        let mut steps = Vec::new();
        for (to, rights) in self.wanted(&rights, table)? {
            let before = had.get(&to);
            // Who has it already keeps it, also once the directory does not know them any more.
            if before.is_some_and(|it| it.rights == rights) {
                continue;
            }
            if !rights.is_empty() && desk.is_own() {
                principal::check_may_have(desk.session, &to).await?;
            }
            steps.push(Grant { rights, until: before.and_then(|it| it.until), to });
        }
        Ok(Wanted { steps, had: had.into_values().collect() })
    }
}

/// Who is to have what on a thing, and who has what before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// One by one; no rights take a grant back.
    steps: Vec<Grant>,
    had: Vec<Grant>,
}

/// What was not put in force, and whether anything was.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) why: SetError,
    /// `shareWith` as it is now, where anything of the thing may have changed.
    pub(crate) now: Option<Value>,
}

impl Wanted {
    /// Puts it in force. `is_begun` says that the thing has been changed already by the same patch.
    pub(crate) async fn apply(
        self,
        desk: &mut Desk<'_>,
        place: &Place,
        table: Table,
        is_begun: bool,
    ) -> Result<(), Stopped> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let mut held: BTreeMap<Grantee, Rights> = self.had.into_iter().map(|it| (it.to, it.rights)).collect();
        let mut is_begun = is_begun;
        // One handle for all: who takes their own rights away may do so together with the rest.
        let outcome = match place.open(desk).await {
            Ok(handle) => put_in_force(&handle, self.steps, &mut held, &mut is_begun).await,
            Err(error) => Err(error),
        };
        let Err(error) = outcome else { return Ok(()) };
        let why = SetError::from(error).partly();
        if !is_begun {
            return Err(Stopped { why, now: None });
        }
        // Where nobody can say it, it is told as it was left.
        let now = match place.share_with(desk, table).await {
            Ok(now) => now,
            Err(_) => shown(held.iter().map(|(to, rights)| (to, *rights)), table),
        };
        Err(Stopped { why, now: Some(now) })
    }
}

async fn put_in_force(
    handle: &Managed,
    steps: Vec<Grant>,
    held: &mut BTreeMap<Grantee, Rights>,
    is_begun: &mut bool,
) -> CoreResult<()> {
    for grant in steps {
        handle.put(&grant).await?;
        *is_begun = true;
        held.insert(grant.to, grant.rights);
    }
    Ok(())
}

/// Who has which rights, as a client reads it; null for nobody.
pub(crate) fn shown<'a>(held: impl Iterator<Item = (&'a Grantee, Rights)>, table: Table) -> Value {
    let held = held.filter(|(_, rights)| !rights.is_empty());
    let all: Map<String, Value> =
        held.filter_map(|(to, rights)| Some((principal::id_of(to)?, Value::Object(told(rights, table))))).collect();
    if all.is_empty() { Value::Null } else { Value::Object(all) }
}
