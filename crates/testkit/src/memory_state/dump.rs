//! The dump of a state in memory: one JSON array a line, its first element the table. It can be restored here only.

use super::{Tables, dump_administration, external_accounts, preferences, tallies};
use passerelle_core::{
    Error, Result,
    ports::state::{AppPassword, Link, Lock, LockDepth, LockScope, OverlayChange, PropertyName, Revocation, Scope},
};
use passerelle_model::{
    Account, AccountId, Grantee, GroupId, GroupRef, InstitutionId, LinkId, ResourceKind, Rights, Target, Timestamp,
};
use serde_json::{Value, json};

pub(super) fn dump(tables: &Tables) -> Vec<String> {
    let until = |until: Option<Timestamp>| until.map(|until| until.0);
    let mut lines: Vec<Value> = Vec::new();
    for ((at, to), (rights, end)) in &tables.grants {
        lines.push(json!(["grant", target(at), grantee(to), rights.bits(), until(*end)]));
    }
    for link in tables.links.values() {
        let made_by = account(&link.made_by);
        let (id, at) = (link.id.as_str(), target(&link.target));
        let password = link.password.map(Vec::from);
        let kept = json!([link.label, password, link.most_downloads, link.downloads]);
        lines.push(json!(["link", id, at, made_by, until(link.until), link.token_hash, kept]));
    }
    for row in tables.app_passwords.values() {
        let (of, scope) = (account(&row.account), row.scope.as_str());
        let times = [Some(row.made.0), until(row.until), until(row.last_used)];
        lines.push(json!(["app-password", row.id, of, row.hash, row.name, scope, times]));
    }
    external_accounts::dump(tables, &mut lines);
    preferences::dump(tables, &mut lines);
    tallies::dump(tables, &mut lines);
    for revocation in tables.revoked(Timestamp(i64::MIN)) {
        lines.push(match revocation {
            Revocation::Session { id, expires } => json!(["session", id, expires.0]),
            Revocation::Account { account: of, before, expires } => {
                json!(["account", account(&of), before.0, expires.0])
            }
        });
    }
    for lock in tables.locks.values() {
        let (deep, shared) = (lock.depth == LockDepth::Infinity, lock.scope == LockScope::Shared);
        let (at, holder) = (target(&lock.target), account(&lock.holder));
        lines.push(json!(["lock", lock.token, at, deep, shared, holder, lock.owner, lock.expires.0]));
    }
    for ((at, name), xml) in &tables.properties {
        lines.push(json!(["property", target(at), name.namespace, name.name, xml]));
    }
    for ((institution, version), OverlayChange { by, at, values, .. }) in &tables.overlay {
        lines.push(json!(["overlay", institution.as_str(), version, by, at.0, values]));
    }
    dump_administration::dump(tables, &mut lines);
    lines.iter().map(Value::to_string).collect()
}

pub(super) fn restore(lines: &[String]) -> Result<Tables> {
    let mut tables = Tables::default();
    for line in lines {
        let values = serde_json::from_str::<Vec<Value>>(line).ok();
        values
            .and_then(|values| add(&mut tables, values))
            .ok_or_else(|| Error::invalid(format!("no line of a dump: {line}")))?;
    }
    Ok(tables)
}

fn add(tables: &mut Tables, line: Vec<Value>) -> Option<()> {
    let mut line = Line(line.into_iter());
    match line.text()?.as_str() {
        "grant" => {
            let key = (line.target()?, line.grantee()?);
            let rights = Rights::from_bits(u8::try_from(line.int()?).ok()?);
            tables.grants.insert(key, (rights, line.until()?));
        }
        "link" => {
            let id = LinkId::parse(&line.text()?).ok()?;
            let (target, made_by, until) = (line.target()?, line.account()?, line.until()?);
            let token_hash = line.octets()?;
            let (label, password, most_downloads, downloads) = serde_json::from_value(line.next()?).ok()?;
            let password: Option<Vec<u8>> = password;
            let password = password.and_then(|octets| octets.try_into().ok());
            let link = Link {
                until,
                label,
                password,
                most_downloads,
                downloads,
                ..Link::new(id.clone(), target, made_by, token_hash)
            };
            tables.links.insert(id, link);
        }
        "app-password" => {
            let (id, account, hash, name) = (line.text()?, line.account()?, line.octets()?, line.text()?);
            let scope = Scope::parse(&line.text()?)?;
            let mut times = Line(line.next()?.as_array()?.clone().into_iter());
            let (made, until, last_used) = (Timestamp(times.int()?), times.until()?, times.until()?);
            let row = AppPassword { id: id.clone(), account, hash, name, scope, made, until, last_used };
            tables.app_passwords.insert(id, row);
        }
        "external" => external_accounts::add(tables, &mut line)?,
        "preference" => preferences::add(tables, &mut line)?,
        "tally" => tallies::add(tables, &mut line)?,
        "session" => {
            tables.sessions.insert(line.octets()?, Timestamp(line.int()?));
        }
        "account" => {
            tables.accounts.insert(line.account()?, (Timestamp(line.int()?), Timestamp(line.int()?)));
        }
        "lock" => {
            let (token, target) = (line.text()?, line.target()?);
            let depth = if line.next()?.as_bool()? { LockDepth::Infinity } else { LockDepth::Zero };
            let scope = if line.next()?.as_bool()? { LockScope::Shared } else { LockScope::Exclusive };
            let (holder, owner, expires) = (line.account()?, line.text()?, Timestamp(line.int()?));
            tables.locks.insert(token.clone(), Lock { token, target, depth, scope, holder, owner, expires });
        }
        "property" => {
            let target = line.target()?;
            let name = PropertyName { namespace: line.text()?, name: line.text()? };
            tables.properties.insert((target, name), line.text()?);
        }
        "overlay" => {
            let (institution, version) = (InstitutionId::parse(&line.text()?).ok()?, line.next()?.as_u64()?);
            let (by, at) = (line.text()?, Timestamp(line.int()?));
            let values = serde_json::from_value(line.next()?).ok()?;
            tables.overlay.insert((institution, version), OverlayChange { version, by, at, values });
        }
        kind => return dump_administration::add(tables, kind, &mut line),
    }
    Some(())
}

/// The rest of a line, read from the left.
pub(super) struct Line(std::vec::IntoIter<Value>);

impl Line {
    pub(super) fn next(&mut self) -> Option<Value> {
        self.0.next()
    }

    pub(super) fn text(&mut self) -> Option<String> {
        self.next()?.as_str().map(str::to_owned)
    }

    pub(super) fn int(&mut self) -> Option<i64> {
        self.next()?.as_i64()
    }

    #[allow(clippy::option_option, reason = "a line that ends too soon is not a grant without an end")]
    pub(super) fn until(&mut self) -> Option<Option<Timestamp>> {
        match self.next()? {
            Value::Null => Some(None),
            value => Some(Some(Timestamp(value.as_i64()?))),
        }
    }

    pub(super) fn octets<const N: usize>(&mut self) -> Option<[u8; N]> {
        let octets: Option<Vec<u8>> =
            self.next()?.as_array()?.iter().map(|octet| u8::try_from(octet.as_u64()?).ok()).collect();
        octets?.try_into().ok()
    }

    /// An array in the line.
    pub(super) fn part(&mut self) -> Option<Self> {
        Some(Self(self.next()?.as_array()?.clone().into_iter()))
    }

    pub(super) fn texts(&mut self) -> Option<Vec<String>> {
        self.part()?.0.map(|text| text.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn account(&mut self) -> Option<Account> {
        let mut parts = Line(self.next()?.as_array()?.clone().into_iter());
        Some(Account {
            institution: InstitutionId::parse(&parts.text()?).ok()?,
            id: AccountId::parse(&parts.text()?).ok()?,
        })
    }

    fn grantee(&mut self) -> Option<Grantee> {
        let mut parts = Line(self.next()?.as_array()?.clone().into_iter());
        Some(match (parts.text()?.as_str(), parts.text()?) {
            ("account", institution) => Grantee::Account(Account {
                institution: InstitutionId::parse(&institution).ok()?,
                id: AccountId::parse(&parts.text()?).ok()?,
            }),
            ("group", institution) => Grantee::Group(GroupRef {
                institution: InstitutionId::parse(&institution).ok()?,
                id: GroupId::parse(&parts.text()?).ok()?,
            }),
            ("institution", institution) => Grantee::Institution(InstitutionId::parse(&institution).ok()?),
            ("link", id) => Grantee::Link(LinkId::parse(&id).ok()?),
            _ => return None,
        })
    }

    fn target(&mut self) -> Option<Target> {
        let mut parts = Line(self.next()?.as_array()?.clone().into_iter());
        let institution = InstitutionId::parse(&parts.text()?).ok()?;
        let owner = match parts.text()?.as_str() {
            "" => None,
            id => Some(AccountId::parse(id).ok()?),
        };
        let kind = ResourceKind::parse(&parts.text()?)?;
        Some(Target { institution, owner, kind, tree: parts.text()?, path: parts.text()? })
    }
}

pub(super) fn account(account: &Account) -> Value {
    json!([account.institution.as_str(), account.id.as_str()])
}

fn grantee(grantee: &Grantee) -> Value {
    match grantee {
        Grantee::Account(account) => json!(["account", account.institution.as_str(), account.id.as_str()]),
        Grantee::Group(group) => json!(["group", group.institution.as_str(), group.id.as_str()]),
        Grantee::Institution(institution) => json!(["institution", institution.as_str()]),
        Grantee::Link(id) => json!(["link", id.as_str()]),
    }
}

fn target(target: &Target) -> Value {
    let owner = target.owner.as_ref().map_or("", AccountId::as_str);
    json!([target.institution.as_str(), owner, target.kind.as_str(), target.tree, target.path])
}
