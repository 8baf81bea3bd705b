//! What hangs on places, in memory.

use super::{MemoryState, Tables, carried, check_apart, is_below, is_within, ready};
use passerelle_core::{
    Error,
    ports::{
        Fut,
        state::{Places, Sharing},
    },
};
use passerelle_model::Target;

impl Places for MemoryState {
    fn made<'a>(&'a self, target: &'a Target) -> Fut<'a, ()> {
        let mut tables = self.tables();
        let shared = tables.end_sharing(target);
        tables.properties.retain(|(at, _), _| !is_within(at, target));
        self.tell_changed(&[(target, shared)]);
        ready(Ok(()))
    }

    fn gone<'a>(&'a self, target: &'a Target) -> Fut<'a, ()> {
        let shared = self.tables().clear(target);
        self.tell_changed(&[(target, shared)]);
        ready(Ok(()))
    }

    fn moved<'a>(&'a self, from: &'a Target, to: &'a Target, sharing: Sharing) -> Fut<'a, ()> {
        if from == to {
            return ready(Ok(()));
        }
        if let Err(error) = check_apart(from, to) {
            return ready(Err(error));
        }
        let mut tables = self.tables();
        let replaced = tables.clear(to);
        let shared = match sharing {
            Sharing::Carried => tables.carry_sharing(from, to),
            Sharing::Ended => tables.end_sharing(from),
        };
        let moved: Vec<_> = tables.properties.extract_if(.., |(at, _), _| is_within(at, from)).collect();
        tables.properties.extend(moved.into_iter().map(|((at, name), xml)| ((carried(&at, from, to), name), xml)));
        tables.locks.retain(|_, held| !is_within(&held.target, from));
        self.tell_changed(&[(from, shared), (to, replaced || (shared && sharing == Sharing::Carried))]);
        ready(Ok(()))
    }

    fn copied<'a>(&'a self, from: &'a Target, to: &'a Target, deep: bool) -> Fut<'a, ()> {
        if from == to {
            return ready(Ok(()));
        }
        if is_below(from, to) {
            return ready(Err(Error::invalid("a place cannot be copied onto what holds it")));
        }
        let mut tables = self.tables();
        let replaced = tables.clear(to);
        let meant = |at: &Target| at == from || (deep && is_below(at, from));
        let copied: Vec<_> = tables
            .properties
            .iter()
            .filter(|((at, _), _)| meant(at))
            .map(|((at, name), xml)| ((carried(at, from, to), name.clone()), xml.clone()))
            .collect();
        tables.properties.extend(copied);
        self.tell_changed(&[(to, replaced)]);
        ready(Ok(()))
    }
}

impl MemoryState {
    fn tell_changed(&self, places: &[(&Target, bool)]) {
        for (target, _) in places.iter().filter(|(_, changed)| *changed) {
            self.tell_grants_changed(target);
        }
    }
}

impl Tables {
    /// Everything that hangs on a place ends; whether somebody held a grant or a link there.
    fn clear(&mut self, target: &Target) -> bool {
        self.properties.retain(|(at, _), _| !is_within(at, target));
        self.locks.retain(|_, held| !is_within(&held.target, target));
        self.end_sharing(target)
    }

    fn end_sharing(&mut self, target: &Target) -> bool {
        let before = self.grants.len() + self.links.len();
        self.grants.retain(|(at, _), _| !is_within(at, target));
        self.links.retain(|_, link| !is_within(&link.target, target));
        before != self.grants.len() + self.links.len()
    }

    fn carry_sharing(&mut self, from: &Target, to: &Target) -> bool {
        let moved: Vec<_> = self.grants.extract_if(.., |(at, _), _| is_within(at, from)).collect();
        let mut any = !moved.is_empty();
        for ((at, grantee), held) in moved {
            self.grants.insert((carried(&at, from, to), grantee), held);
        }
        for link in self.links.values_mut().filter(|link| is_within(&link.target, from)) {
            link.target = carried(&link.target, from, to);
            any = true;
        }
        any
    }
}
