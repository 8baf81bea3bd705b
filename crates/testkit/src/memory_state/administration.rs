//! What administration keeps, in memory: renames, the trail, calls, API clients, cards.

use super::{MemoryState, Tables, check_room, ready};
use passerelle_core::{
    Error, Result,
    ports::{
        Fut,
        state::{
            ApiClient, ApiClients, AuditLine, AuditQuery, AuditTrail, CALL_KEPT, CLIENT_NOTED_EVERY, CallKey, Calls,
            Card, CardText, Cards, Claim, LONGEST_ANSWER, Renames, SIGN_IN_NOTED_EVERY, StateEvent,
        },
    },
};
use passerelle_model::{Account, Grantee, GroupRef, InstitutionId, Target, Timestamp};

/// A call that was claimed.
#[derive(Debug, Clone)]
pub(super) struct KnownCall {
    pub(super) call: [u8; 32],
    pub(super) answer: Option<String>,
    pub(super) made: Timestamp,
}

/// A card, and whether its end was dealt with.
#[derive(Debug, Clone, Default)]
pub(super) struct KeptCard {
    pub(super) card: Card,
    pub(super) settled: bool,
}

impl Renames for MemoryState {
    fn renamed_account<'a>(&'a self, from: &'a Account, to: &'a Account) -> Fut<'a, ()> {
        if from.institution != to.institution {
            return ready(Err(Error::invalid("an account or group stays in its institution")));
        }
        if from != to {
            self.tables().rename_account(from, to);
            self.tell(StateEvent::GrantsChanged(from.clone()));
            self.tell(StateEvent::GrantsChanged(to.clone()));
        }
        ready(Ok(()))
    }

    fn renamed_group<'a>(&'a self, from: &'a GroupRef, to: &'a GroupRef) -> Fut<'a, ()> {
        if from.institution != to.institution {
            return ready(Err(Error::invalid("an account or group stays in its institution")));
        }
        if from != to {
            let mut tables = self.tables();
            if let Err(taken) = tables.rename_gateway_group(from, to) {
                return ready(Err(taken));
            }
            tables.rename_grantee(&Grantee::Group(from.clone()), &Grantee::Group(to.clone()));
        }
        ready(Ok(()))
    }

    fn dropped_group<'a>(&'a self, group: &'a GroupRef) -> Fut<'a, ()> {
        let gone = Grantee::Group(group.clone());
        let mut tables = self.tables();
        tables.drop_gateway_group(group);
        tables.grants.retain(|(_, to), _| *to != gone);
        ready(Ok(()))
    }
}

impl Tables {
    fn rename_account(&mut self, from: &Account, to: &Account) {
        let of = |target: &Target, account: &Account| {
            target.institution == account.institution && target.owner.as_ref() == Some(&account.id)
        };
        let moved = |target: &Target| Target { owner: Some(to.id.clone()), ..target.clone() };
        self.grants.retain(|(at, _), _| !of(at, to));
        self.links.retain(|_, link| !of(&link.target, to) && link.made_by != *to);
        self.locks.retain(|_, lock| !of(&lock.target, to) && lock.holder != *to);
        self.properties.retain(|(at, _), _| !of(at, to));
        self.app_passwords.retain(|_, row| row.account != *to);
        self.preferences.retain(|(owner, _), _| owner != to);
        self.preferences = std::mem::take(&mut self.preferences)
            .into_iter()
            .map(|((owner, name), value)| ((if owner == *from { to.clone() } else { owner }, name), value))
            .collect();
        for ((at, grantee), held) in self.grants.extract_if(.., |(at, _), _| of(at, from)).collect::<Vec<_>>() {
            self.grants.insert((moved(&at), grantee), held);
        }
        for link in self.links.values_mut() {
            if of(&link.target, from) {
                link.target = moved(&link.target);
            }
            if link.made_by == *from {
                link.made_by = to.clone();
            }
        }
        for lock in self.locks.values_mut() {
            if of(&lock.target, from) {
                lock.target = moved(&lock.target);
            }
            if lock.holder == *from {
                lock.holder = to.clone();
            }
        }
        for ((at, name), xml) in self.properties.extract_if(.., |(at, _), _| of(at, from)).collect::<Vec<_>>() {
            self.properties.insert((moved(&at), name), xml);
        }
        self.app_passwords.values_mut().filter(|row| row.account == *from).for_each(|row| row.account = to.clone());
        self.external.retain(|_, row| row.owner != *to);
        self.external.values_mut().filter(|row| row.owner == *from).for_each(|row| row.owner = to.clone());
        self.rename_member(from, to);
        self.cards.remove(to);
        if let Some(card) = self.cards.remove(from) {
            self.cards.insert(to.clone(), card);
        }
        self.rename_grantee(&Grantee::Account(from.clone()), &Grantee::Account(to.clone()));
    }

    fn rename_grantee(&mut self, from: &Grantee, to: &Grantee) {
        self.grants.retain(|(_, grantee), _| grantee != to);
        for ((at, _), held) in self.grants.extract_if(.., |(_, grantee), _| grantee == from).collect::<Vec<_>>() {
            self.grants.insert((at, to.clone()), held);
        }
    }
}

impl AuditTrail for MemoryState {
    fn audit<'a>(&'a self, lines: &'a [AuditLine]) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.audit.len()) {
            return ready(Err(full));
        }
        let key = |line: &AuditLine| (line.institution.clone(), line.at, line.id);
        if lines.iter().any(|line| tables.audit.contains_key(&key(line))) {
            return ready(Err(Error::Conflict));
        }
        tables.audit.extend(lines.iter().map(|line| (key(line), line.clone())));
        ready(Ok(()))
    }

    fn secure(&self) -> Fut<'_, ()> {
        ready(Ok(()))
    }

    fn audited<'a>(&'a self, query: AuditQuery<'a>) -> Fut<'a, Vec<AuditLine>> {
        let tables = self.tables();
        let wanted = |line: &&AuditLine| {
            line.institution == *query.institution
                && query.target.is_none_or(|target| line.target == target)
                && query.before.is_none_or(|before| (line.at, line.id) < before)
        };
        ready(Ok(tables.audit.values().rev().filter(wanted).take(query.limit).cloned().collect()))
    }
}

impl Calls for MemoryState {
    fn claim_call<'a>(&'a self, key: &'a CallKey, call: &'a [u8; 32], now: Timestamp) -> Fut<'a, Claim> {
        let mut tables = self.tables();
        if let Some(known) = tables.calls.get(key).filter(|known| known.made > now.plus(-CALL_KEPT)) {
            return ready(Ok(Claim::Known { call: known.call, answer: known.answer.clone() }));
        }
        if let Err(full) = check_room(tables.calls.len()) {
            return ready(Err(full));
        }
        tables.calls.insert(*key, KnownCall { call: *call, answer: None, made: now });
        ready(Ok(Claim::New))
    }

    fn settle_call<'a>(&'a self, key: &'a CallKey, answer: &'a str) -> Fut<'a, ()> {
        if answer.len() > LONGEST_ANSWER {
            return ready(Err(Error::invalid("an answer is too long to be kept")));
        }
        if let Some(known) = self.tables().calls.get_mut(key) {
            known.answer = Some(answer.to_owned());
        }
        ready(Ok(()))
    }

    fn release_call<'a>(&'a self, key: &'a CallKey) -> Fut<'a, ()> {
        let mut tables = self.tables();
        if tables.calls.get(key).is_some_and(|known| known.answer.is_none()) {
            tables.calls.remove(key);
        }
        ready(Ok(()))
    }
}

impl ApiClients for MemoryState {
    fn add_client<'a>(&'a self, client: &'a ApiClient) -> Fut<'a, ()> {
        let mut tables = self.tables();
        let added: Result<()> = if tables.clients.contains_key(&client.id) {
            Err(Error::Conflict)
        } else {
            check_room(tables.clients.len()).map(|()| drop(tables.clients.insert(client.id.clone(), client.clone())))
        };
        ready(added)
    }

    fn client<'a>(&'a self, id: &'a str) -> Fut<'a, Option<ApiClient>> {
        ready(Ok(self.tables().clients.get(id).cloned()))
    }

    fn clients(&self) -> Fut<'_, Vec<ApiClient>> {
        ready(Ok(self.tables().clients.values().cloned().collect()))
    }

    fn client_used<'a>(&'a self, id: &'a str, now: Timestamp) -> Fut<'a, ()> {
        let stale = |used: Option<Timestamp>| used.is_none_or(|used| used <= now.plus(-CLIENT_NOTED_EVERY));
        if let Some(client) = self.tables().clients.get_mut(id).filter(|client| stale(client.last_used)) {
            client.last_used = Some(now);
        }
        ready(Ok(()))
    }

    fn remove_client<'a>(&'a self, id: &'a str) -> Fut<'a, bool> {
        ready(Ok(self.tables().clients.remove(id).is_some()))
    }
}

impl Cards for MemoryState {
    fn card<'a>(&'a self, account: &'a Account) -> Fut<'a, Card> {
        ready(Ok(self.tables().cards.get(account).map(|kept| kept.card.clone()).unwrap_or_default()))
    }

    fn set_card<'a>(
        &'a self,
        account: &'a Account,
        before: &'a Card,
        text: &'a CardText,
        ends: Option<Timestamp>,
    ) -> Fut<'a, bool> {
        let mut tables = self.tables();
        let kept = tables.cards.entry(account.clone()).or_default();
        if (&kept.card.text, kept.card.ends) != (&before.text, before.ends) {
            return ready(Ok(false));
        }
        kept.settled = kept.settled && ends.is_some() && kept.card.ends == ends;
        kept.card.text = text.clone();
        kept.card.ends = ends;
        ready(Ok(true))
    }

    fn signed_in<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()> {
        let mut tables = self.tables();
        let card = &mut tables.cards.entry(account.clone()).or_default().card;
        if card.last_sign_in.is_none_or(|last| last <= now.plus(-SIGN_IN_NOTED_EVERY)) {
            card.sign_ins += 1;
            card.last_sign_in = Some(now);
        }
        ready(Ok(()))
    }

    fn signed_in_after<'a>(&'a self, institution: &'a InstitutionId, moments: &'a [Timestamp]) -> Fut<'a, Vec<u64>> {
        let tables = self.tables();
        let theirs = || tables.cards.iter().filter(|(account, _)| account.institution == *institution);
        let after = |moment: &Timestamp| {
            theirs()
                .filter(|(_, kept)| kept.card.last_sign_in.is_some_and(|at| at > *moment))
                .fold(0, |count, _| count + 1)
        };
        ready(Ok(moments.iter().map(after).collect()))
    }

    fn ended_cards(&self, now: Timestamp, limit: usize) -> Fut<'_, Vec<Account>> {
        let tables = self.tables();
        let due = tables.cards.iter().filter(|(_, kept)| !kept.settled);
        let mut due: Vec<(Timestamp, Account)> = due
            .filter_map(|(account, kept)| Some((kept.card.ends.filter(|ends| *ends <= now)?, account.clone())))
            .collect();
        due.sort();
        ready(Ok(due.into_iter().take(limit).map(|(_, account)| account).collect()))
    }

    fn settle_card<'a>(&'a self, account: &'a Account, now: Timestamp) -> Fut<'a, ()> {
        let mut tables = self.tables();
        let ended = |kept: &&mut KeptCard| kept.card.ends.is_some_and(|ends| ends <= now);
        if let Some(kept) = tables.cards.get_mut(account).filter(ended) {
            kept.settled = true;
        }
        ready(Ok(()))
    }
}
