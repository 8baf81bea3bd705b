//! What people have set for themselves, in memory.

use super::{MemoryState, Tables, check_room, dump::Line, ready};
use passerelle_core::ports::{Fut, state::Preferences};
use passerelle_model::Account;
use serde_json::{Value, json};

impl Preferences for MemoryState {
    fn preferences_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<(String, String)>> {
        let tables = self.tables();
        let theirs = tables.preferences.iter().filter(|((of, _), _)| of == owner);
        ready(Ok(theirs.map(|((_, name), value)| (name.clone(), value.clone())).collect()))
    }

    fn set_preference<'a>(&'a self, owner: &'a Account, name: &'a str, value: Option<&'a str>) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.preferences.len()) {
            return ready(Err(full));
        }
        let key = (owner.clone(), name.to_owned());
        match value {
            Some(value) => drop(tables.preferences.insert(key, value.to_owned())),
            None => drop(tables.preferences.remove(&key)),
        }
        ready(Ok(()))
    }
}

pub(super) fn dump(tables: &Tables, lines: &mut Vec<Value>) {
    for ((owner, name), value) in &tables.preferences {
        lines.push(json!(["preference", [owner.institution.as_str(), owner.id.as_str()], name, value]));
    }
}

/// Puts a line back; `None` for what is no line.
pub(super) fn add(tables: &mut Tables, line: &mut Line) -> Option<()> {
    let (owner, name, value) = (line.account()?, line.text()?, line.text()?);
    tables.preferences.insert((owner, name), value);
    Some(())
}
