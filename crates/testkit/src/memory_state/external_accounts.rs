//! External accounts in memory.

use super::{MemoryState, Tables, check_room, dump::Line, ready};
use passerelle_core::{
    Error,
    ports::{
        ExternalFault, ExternalProtocol, ExternalServer, ExternalTls, Fut,
        state::{ExternalAccount, ExternalAccounts, FoldersNoted, StateEvent},
    },
};
use passerelle_model::{Account, ExternalId, Timestamp};
use serde_json::{Value, json};
use std::ops::Bound;

impl ExternalAccounts for MemoryState {
    fn add_external<'a>(&'a self, row: &'a ExternalAccount) -> Fut<'a, ()> {
        let mut tables = self.tables();
        let is_there = |it: &ExternalAccount| it.id == row.id || it.owner == row.owner && it.label == row.label;
        if tables.external.values().any(is_there) {
            return ready(Err(Error::Conflict));
        }
        let room = check_room(tables.external.len());
        if room.is_ok() {
            tables.external.insert(row.id.clone(), row.clone());
        }
        ready(room)
    }

    fn external<'a>(&'a self, owner: &'a Account, id: &'a ExternalId) -> Fut<'a, Option<ExternalAccount>> {
        ready(Ok(self.tables().external.get(id).filter(|row| row.owner == *owner).cloned()))
    }

    fn externals_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<ExternalAccount>> {
        let mut theirs: Vec<_> = self.tables().external.values().filter(|row| row.owner == *owner).cloned().collect();
        theirs.sort_by(|a, b| a.label.cmp(&b.label));
        ready(Ok(theirs))
    }

    fn remove_external<'a>(&'a self, owner: &'a Account, id: &'a ExternalId) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let is_there = tables.external.get(id).is_some_and(|row| row.owner == *owner);
        if is_there {
            tables.external.remove(id);
            self.tell(StateEvent::GrantsChanged(owner.clone()));
        }
        ready(Ok(is_there))
    }

    fn note_external_fault<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        fault: Option<(ExternalFault, Timestamp)>,
    ) -> Fut<'a, ()> {
        if let Some(row) = self.tables().external.get_mut(id).filter(|row| row.owner == *owner) {
            row.fault = fault;
        }
        ready(Ok(()))
    }

    fn note_external_folders<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        folders: Option<FoldersNoted<'a>>,
    ) -> Fut<'a, ()> {
        if let Some(row) = self.tables().external.get_mut(id).filter(|row| row.owner == *owner) {
            row.folders = folders.map(|noted| (noted.sealed.to_owned(), noted.listed));
        }
        ready(Ok(()))
    }

    fn reseal_external<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        from: &'a str,
        to: &'a str,
    ) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let row = tables.external.get_mut(id).filter(|row| row.owner == *owner && row.sealed == from);
        let is_there = row.is_some();
        if let Some(row) = row {
            to.clone_into(&mut row.sealed);
            row.fault = None;
        }
        ready(Ok(is_there))
    }

    fn note_external_uids<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        from: Option<&'a str>,
        to: &'a str,
    ) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let is_it = |row: &&mut ExternalAccount| row.owner == *owner && row.uids.as_deref() == from;
        let row = tables.external.get_mut(id).filter(is_it);
        let is_there = row.is_some();
        if let Some(row) = row {
            row.uids = Some(to.to_owned());
        }
        ready(Ok(is_there))
    }

    fn externals_after<'a>(&'a self, id: &'a str, limit: usize) -> Fut<'a, Vec<ExternalAccount>> {
        let tables = self.tables();
        let after = ExternalId::parse(id).map_or(Bound::Unbounded, Bound::Excluded);
        ready(Ok(tables.external.range((after, Bound::Unbounded)).take(limit).map(|(_, row)| row.clone()).collect()))
    }
}

pub(super) fn dump(tables: &Tables, lines: &mut Vec<Value>) {
    for row in tables.external.values() {
        let ExternalAccount { id, owner, label, server, sealed, made, fault, folders, uids } = row;
        let owner = json!([owner.institution.as_str(), owner.id.as_str()]);
        let server =
            json!([server.host(), server.port(), server.tls().as_str(), server.login(), server.protocol().as_str()]);
        let fault = json!(fault.map(|(fault, at)| (fault.as_str(), at.0)));
        let folders = json!(folders.as_ref().map(|(kept, at)| (kept, at.0)));
        lines.push(json!(["external", id.as_str(), owner, label, server, sealed, made.0, fault, folders, uids]));
    }
}

/// Puts a line back; `None` for what is no line.
pub(super) fn add(tables: &mut Tables, line: &mut Line) -> Option<()> {
    let (id, owner, label) = (ExternalId::parse(&line.text()?).ok()?, line.account()?, line.text()?);
    let mut server = line.part()?;
    let (host, port, tls) = (server.text()?, u16::try_from(server.int()?).ok()?, ExternalTls::parse(&server.text()?)?);
    let (login, protocol) = (server.text()?, ExternalProtocol::parse(&server.text()?)?);
    let server = ExternalServer::parse(&host, port, tls, &login).ok()?.speaking(protocol);
    let (sealed, made) = (line.text()?, Timestamp(line.int()?));
    let fault = match line.next()? {
        Value::Null => None,
        told => Some((ExternalFault::parse(told.get(0)?.as_str()?)?, Timestamp(told.get(1)?.as_i64()?))),
    };
    let folders = match line.next()? {
        Value::Null => None,
        told => Some((told.get(0)?.as_str()?.to_owned(), Timestamp(told.get(1)?.as_i64()?))),
    };
    let uids = match line.next()? {
        Value::Null => None,
        told => Some(told.as_str()?.to_owned()),
    };
    let row = ExternalAccount { id: id.clone(), owner, label, server, sealed, made, fault, folders, uids };
    tables.external.insert(id, row);
    Some(())
}
