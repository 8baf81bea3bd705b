//! Filter scripts in memory, which sort nothing: every text is a script but `nono;`.

use passerelle_core::{
    Edit, Error, Permit, Read, Result,
    ports::{FilterPowers, FilterScript, Filters, Fut, Health, Leg, Legs, ScriptName, Verdict},
};
use passerelle_model::{Account, AccountRef};
use std::{
    collections::{BTreeMap, HashMap},
    future::{Future, ready},
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What somebody has.
#[derive(Debug, Default)]
struct Kept {
    texts: BTreeMap<ScriptName, Vec<u8>>,
    active: Option<ScriptName>,
}

/// The store.
#[derive(Debug, Default)]
pub struct MemoryFilters(Mutex<HashMap<Account, Kept>>);

impl MemoryFilters {
    fn all(&self) -> MutexGuard<'_, HashMap<Account, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of<T>(&self, owner: &AccountRef, then: impl FnOnce(&mut Kept) -> T) -> T {
        then(self.all().entry(owner.0.clone()).or_default())
    }
}

fn understood(script: &[u8]) -> Result<()> {
    if script.starts_with(b"nono") { Err(Error::invalid("line 1: nono is no command")) } else { Ok(()) }
}

impl Filters for MemoryFilters {
    fn list<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, Vec<FilterScript>> {
        let listed = self.of(at.target(), |kept| {
            let of =
                |name: &ScriptName| FilterScript { name: name.clone(), active: kept.active.as_ref() == Some(name) };
            kept.texts.keys().map(of).collect()
        });
        Box::pin(ready(Ok(listed)))
    }

    fn read<'a>(&'a self, at: &'a Permit<AccountRef, Read>, name: &'a ScriptName) -> Fut<'a, Vec<u8>> {
        let found = self.of(at.target(), |kept| kept.texts.get(name).cloned());
        Box::pin(ready(found.ok_or(Error::NotFound)))
    }

    fn read_all<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, Vec<(FilterScript, Vec<u8>)>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for script in self.list(at).await? {
                let text = self.read(at, &script.name).await?;
                all.push((script, text));
            }
            Ok(all)
        })
    }

    fn check<'a>(&'a self, _at: &'a Permit<AccountRef, Read>, script: &'a [u8]) -> Fut<'a, ()> {
        Box::pin(ready(understood(script)))
    }

    fn powers(&self) -> Fut<'_, FilterPowers> {
        let extensions = ["fileinto", "vacation", "date", "relational", "include"].map(str::to_owned).into();
        let powers = FilterPowers { program: "in memory".to_owned(), extensions, ..FilterPowers::default() };
        Box::pin(ready(Ok(powers)))
    }

    fn put<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: &'a ScriptName, script: &'a [u8]) -> Fut<'a, ()> {
        let outcome = understood(script).map(|()| {
            self.of(at.target(), |kept| kept.texts.insert(name.clone(), script.to_vec()));
        });
        Box::pin(ready(outcome))
    }

    fn activate<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: Option<&'a ScriptName>) -> Fut<'a, ()> {
        let outcome = self.of(at.target(), |kept| {
            if name.is_some_and(|name| !kept.texts.contains_key(name)) {
                return Err(Error::NotFound);
            }
            kept.active = name.cloned();
            Ok(())
        });
        Box::pin(ready(outcome))
    }

    fn remove<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, name: &'a ScriptName) -> Fut<'a, ()> {
        let outcome = self.of(at.target(), |kept| match kept.active.as_ref() == Some(name) {
            true => Err(Error::Conflict),
            false => kept.texts.remove(name).map(drop).ok_or(Error::NotFound),
        });
        Box::pin(ready(outcome))
    }

    fn examine_as<'a>(&'a self, _at: &'a Permit<AccountRef, Read>) -> Legs<'a> {
        Box::pin(ready(Vec::new()))
    }
}

impl Health for MemoryFilters {
    fn name(&self) -> &'static str {
        "filters in memory"
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(ready(vec![Leg { name: "memory", verdict: Verdict::Works("in memory".to_owned()) }]))
    }
}
