//! Locks, leases and dead properties in memory.

use super::{MemoryState, check_room, is_below, ready, same_tree};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut,
        state::{
            LeaseToken, Leases, Lock, LockDepth, LockRequest, LockScope, Locks, Properties, Property, PropertyChange,
        },
    },
};
use passerelle_model::{Target, Timestamp};

/// Longest that a client may say of a lock's owner, in octets.
const LONGEST_OWNER: usize = 4096;
/// Largest property, in octets of XML.
const LARGEST_PROPERTY: usize = 64 * 1024;
/// Most properties of one target.
const MOST_PROPERTIES: usize = 64;

impl Locks for MemoryState {
    fn lock<'a>(&'a self, request: &'a LockRequest, now: Timestamp) -> Fut<'a, ()> {
        let mut tables = self.tables();
        tables.locks.retain(|_, held| held.expires > now || !touch(held, request));
        if request.owner.len() > LONGEST_OWNER {
            return ready(Err(Error::invalid("a lock's owner has at most 4 KiB")));
        }
        if let Err(full) = check_room(tables.locks.len()) {
            return ready(Err(full));
        }
        let shared = request.scope == LockScope::Shared;
        if tables.locks.values().any(|held| touch(held, request) && !(shared && held.scope == LockScope::Shared)) {
            return ready(Err(Error::Locked));
        }
        if tables.locks.contains_key(&request.token) {
            return ready(Err(Error::Conflict));
        }
        tables.locks.insert(request.token.clone(), request.clone());
        ready(Ok(()))
    }

    fn locks_on<'a>(&'a self, target: &'a Target, now: Timestamp) -> Fut<'a, Vec<Lock>> {
        let tables = self.tables();
        ready(Ok(tables.locks.values().filter(|held| held.expires > now && covers(held, target)).cloned().collect()))
    }

    fn locks_below<'a>(&'a self, target: &'a Target, now: Timestamp) -> Fut<'a, Vec<Lock>> {
        let tables = self.tables();
        let below = tables.locks.values().filter(|held| held.expires > now && is_below(&held.target, target));
        ready(Ok(below.cloned().collect()))
    }

    fn refresh<'a>(&'a self, token: &'a str, expires: Timestamp, now: Timestamp) -> Fut<'a, Option<Lock>> {
        let mut tables = self.tables();
        let held = tables.locks.get_mut(token).filter(|held| held.expires > now);
        ready(Ok(held.map(|held| {
            held.expires = expires;
            held.clone()
        })))
    }

    fn unlock<'a>(&'a self, token: &'a str) -> Fut<'a, bool> {
        ready(Ok(self.tables().locks.remove(token).is_some()))
    }
}

/// Whether a lock covers a target: its own, or one above with infinite depth (RFC 4918 §7.4).
fn covers(lock: &Lock, target: &Target) -> bool {
    lock.target == *target || (lock.depth == LockDepth::Infinity && is_below(target, &lock.target))
}

/// Whether two locks cover anything in common.
fn touch(one: &Lock, other: &Lock) -> bool {
    covers(one, &other.target) || covers(other, &one.target)
}

impl Leases for MemoryState {
    fn take_lease<'a>(&'a self, lease: &'a LeaseToken, until: Timestamp, now: Timestamp) -> Fut<'a, bool> {
        let mut tables = self.tables();
        if tables.leases.get(&lease.key).is_some_and(|(holder, ends)| *ends > now && *holder != lease.holder) {
            return ready(Ok(false));
        }
        if let Err(full) = check_room(tables.leases.len()) {
            return ready(Err(full));
        }
        tables.leases.insert(lease.key.clone(), (lease.holder, until));
        ready(Ok(true))
    }

    fn give_lease<'a>(&'a self, lease: &'a LeaseToken) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if tables.leases.get(&lease.key).is_some_and(|(holder, _)| *holder == lease.holder) {
            tables.leases.remove(&lease.key);
        }
        ready(Ok(()))
    }
}

impl Properties for MemoryState {
    fn properties<'a>(&'a self, target: &'a Target) -> Fut<'a, Vec<Property>> {
        let tables = self.tables();
        let here = tables.properties.iter().filter(|((at, _), _)| at == target);
        ready(Ok(here.map(|((_, name), xml)| Property { name: name.clone(), xml: xml.clone() }).collect()))
    }

    fn properties_in<'a>(&'a self, folder: &'a Target) -> Fut<'a, Vec<(String, Property)>> {
        let depth = if folder.path.is_empty() { 0 } else { folder.path.matches('/').count() + 1 };
        let tables = self.tables();
        let children = tables.properties.iter().filter(|((at, _), _)| {
            same_tree(at, folder) && is_below(at, folder) && at.path.matches('/').count() == depth
        });
        let found =
            children.map(|((at, name), xml)| (at.path.clone(), Property { name: name.clone(), xml: xml.clone() }));
        ready(Ok(found.collect()))
    }

    fn patch_properties<'a>(&'a self, target: &'a Target, changes: &'a [PropertyChange]) -> Fut<'a, ()> {
        ready(self.patch(target, changes))
    }
}

impl MemoryState {
    fn patch(&self, target: &Target, changes: &[PropertyChange]) -> Result<()> {
        let mut tables = self.tables();
        check_room(tables.properties.len())?;
        let mut here: std::collections::BTreeMap<_, _> = tables
            .properties
            .iter()
            .filter(|((at, _), _)| at == target)
            .map(|((_, name), xml)| (name.clone(), xml.clone()))
            .collect();
        for change in changes {
            match change {
                PropertyChange::Set(property) if property.xml.len() > LARGEST_PROPERTY => {
                    return Err(Error::OverQuota);
                }
                PropertyChange::Set(property) => here.insert(property.name.clone(), property.xml.clone()),
                PropertyChange::Remove(name) => here.remove(name),
            };
        }
        if here.len() > MOST_PROPERTIES {
            return Err(Error::OverQuota);
        }
        tables.properties.retain(|(at, _), _| at != target);
        tables.properties.extend(here.into_iter().map(|(name, xml)| ((target.clone(), name), xml)));
        Ok(())
    }
}
