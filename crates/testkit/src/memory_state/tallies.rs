//! How often what happened, in memory.

use super::{MemoryState, Tables, check_room, dump::Line, ready};
use passerelle_core::ports::{
    Fut,
    state::{Tallies, Tally},
};
use passerelle_model::{InstitutionId, Timestamp};
use serde_json::{Value, json};

impl Tallies for MemoryState {
    fn tally<'a>(&'a self, tallies: &'a [Tally]) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.tallies.len()) {
            return ready(Err(full));
        }
        for Tally { institution, hour, what, count } in tallies {
            *tables.tallies.entry((institution.clone(), *hour, what.clone())).or_default() += count;
        }
        ready(Ok(()))
    }

    fn tallies<'a>(&'a self, institution: &'a InstitutionId, since: Timestamp) -> Fut<'a, Vec<Tally>> {
        let tables = self.tables();
        let theirs = tables.tallies.iter().filter(|((of, hour, _), _)| of == institution && *hour >= since);
        ready(Ok(theirs.map(tally).collect()))
    }
}

fn tally(((institution, hour, what), count): (&(InstitutionId, Timestamp, String), &u64)) -> Tally {
    Tally { institution: institution.clone(), hour: *hour, what: what.clone(), count: *count }
}

pub(super) fn dump(tables: &Tables, lines: &mut Vec<Value>) {
    for ((institution, hour, what), count) in &tables.tallies {
        lines.push(json!(["tally", institution.as_str(), hour.0, what, count]));
    }
}

/// Puts a line back; `None` for what is no line.
pub(super) fn add(tables: &mut Tables, line: &mut Line) -> Option<()> {
    let institution = InstitutionId::parse(&line.text()?).ok()?;
    let (hour, what) = (Timestamp(line.int()?), line.text()?);
    tables.tallies.insert((institution, hour, what), u64::try_from(line.int()?).ok()?);
    Some(())
}
