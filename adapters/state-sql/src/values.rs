//! Rows to values and back. What a row cannot say is [`Corrupt`], never a guess.

use crate::database::{Corrupt, Row};
use passerelle_core::{
    Error, Result,
    ports::{
        ExternalFault, ExternalProtocol, ExternalServer, ExternalTls,
        state::{
            ApiClient, ApiProof, AppPassword, AuditLine, Card, CardText, ExternalAccount, GatewayGroup, Granted, Link,
            Lock, LockDepth, LockScope, OverlayValue, Property, PropertyName, Revocation, Scope, Tally,
        },
    },
};
use passerelle_model::{
    Account, AccountId, ExternalId, Grant, Grantee, GroupId, GroupRef, InstitutionId, LinkId, ResourceKind, Rights,
    Target, Timestamp,
};

/// `institution/owner/kind/tree`, and `/path` below the root of the tree. An institution's own target has an empty owner.
pub(crate) fn target_text(target: &Target) -> Result<String> {
    let root = tree_text(target)?;
    Ok(if target.path.is_empty() { root } else { format!("{root}/{}", target.path) })
}

/// The target's tree as text: its root.
pub(crate) fn tree_text(target: &Target) -> Result<String> {
    let Target { institution, owner, kind, tree, path: _ } = target;
    if tree.contains('/') {
        return Err(Error::invalid("the name of a tree has no / in it"));
    }
    Ok(format!("{institution}/{}/{}/{tree}", owner.as_ref().map_or("", AccountId::as_str), kind.as_str()))
}

/// The target and all above it in its tree.
pub(crate) fn target_and_above(target: &Target) -> Result<Vec<String>> {
    let root = tree_text(target)?;
    Ok(target.and_above().map(|path| if path.is_empty() { root.clone() } else { format!("{root}/{path}") }).collect())
}

pub(crate) fn parse_target(text: &str) -> Result<Target, Corrupt> {
    let parse = || {
        let mut parts = text.splitn(5, '/');
        let institution = InstitutionId::parse(parts.next()?).ok()?;
        let owner = match parts.next()? {
            "" => None,
            id => Some(AccountId::parse(id).ok()?),
        };
        let kind = ResourceKind::parse(parts.next()?)?;
        let tree = parts.next()?.to_owned();
        let path = parts.next().unwrap_or_default().to_owned();
        Some(Target { institution, owner, kind, tree, path })
    };
    parse().ok_or(Corrupt("target"))
}

/// `account:institution/login`, `group:institution/name`, `institution:institution` or `link:id`.
pub(crate) fn grantee_text(grantee: &Grantee) -> String {
    match grantee {
        Grantee::Account(account) => format!("account:{account}"),
        Grantee::Group(group) => format!("group:{}", group_text(group)),
        Grantee::Institution(institution) => format!("institution:{institution}"),
        Grantee::Link(link) => format!("link:{link}"),
    }
}

/// What every group of an institution lies below, as a range.
pub(crate) fn groups_of(institution: &InstitutionId) -> String {
    format!("group:{institution}")
}

pub(crate) fn parse_grantee(text: &str) -> Result<Grantee, Corrupt> {
    let parse = || {
        let (kind, rest) = text.split_once(':')?;
        Some(match kind {
            "account" => Grantee::Account(parse_account(rest).ok()?),
            "group" => Grantee::Group(parse_group(rest).ok()?),
            "institution" => Grantee::Institution(InstitutionId::parse(rest).ok()?),
            "link" => Grantee::Link(LinkId::parse(rest).ok()?),
            _ => return None,
        })
    };
    parse().ok_or(Corrupt("grantee"))
}

/// `institution/login`.
pub(crate) fn account_text(account: &Account) -> String {
    account.to_string()
}

/// `institution/name`.
pub(crate) fn group_text(group: &GroupRef) -> String {
    format!("{}/{}", group.institution, group.id)
}

pub(crate) fn parse_group(text: &str) -> Result<GroupRef, Corrupt> {
    let parse = || {
        let (institution, id) = text.split_once('/')?;
        Some(GroupRef { institution: InstitutionId::parse(institution).ok()?, id: GroupId::parse(id).ok()? })
    };
    parse().ok_or(Corrupt("group"))
}

/// `name, description`
pub(crate) fn gateway_group(mut row: Row) -> Result<GatewayGroup, Corrupt> {
    Ok(GatewayGroup { group: parse_group(&row.text("group")?)?, description: row.text("description")? })
}

/// `member, name`
pub(crate) fn gateway_member(mut row: Row) -> Result<(Account, GroupRef), Corrupt> {
    Ok((parse_account(&row.text("member")?)?, parse_group(&row.text("group")?)?))
}

/// The owner of a target, where it has one.
pub(crate) fn owner_text(target: &Target) -> Option<String> {
    target.owner.as_ref().map(|owner| format!("{}/{owner}", target.institution))
}

pub(crate) fn parse_account(text: &str) -> Result<Account, Corrupt> {
    let parse = || {
        let (institution, id) = text.split_once('/')?;
        Some(Account { institution: InstitutionId::parse(institution).ok()?, id: AccountId::parse(id).ok()? })
    };
    parse().ok_or(Corrupt("account"))
}

pub(crate) fn parse_institution(text: &str) -> Result<InstitutionId, Corrupt> {
    InstitutionId::parse(text).map_err(|_| Corrupt("institution"))
}

/// `target, grantee, rights, ends`
pub(crate) fn granted(mut row: Row) -> Result<Granted, Corrupt> {
    Ok(Granted {
        target: parse_target(&row.text("target")?)?,
        grant: Grant {
            to: parse_grantee(&row.text("grantee")?)?,
            rights: Rights::from_bits(u8::try_from(row.int("rights")?).map_err(|_| Corrupt("rights"))?),
            until: row.maybe_int("ends")?.map(Timestamp),
        },
    })
}

/// `id, target, made_by, ends, token_hash, label, password, most_downloads, downloads`
pub(crate) fn link(mut row: Row) -> Result<Link, Corrupt> {
    Ok(Link {
        id: LinkId::parse(&row.text("link id")?).map_err(|_| Corrupt("link id"))?,
        target: parse_target(&row.text("target")?)?,
        made_by: parse_account(&row.text("account")?)?,
        until: row.maybe_int("ends")?.map(Timestamp),
        token_hash: row.blob("token hash")?,
        label: row.text("label")?,
        password: match row.maybe_text("password")? {
            Some(digits) => Some(unhex(&digits).and_then(|it| it.try_into().ok()).ok_or(Corrupt("password"))?),
            None => None,
        },
        most_downloads: match row.maybe_int("most downloads")? {
            Some(most) => Some(u32::try_from(most).map_err(|_| Corrupt("most downloads"))?),
            None => None,
        },
        downloads: u32::try_from(row.int("downloads")?).unwrap_or(u32::MAX),
    })
}

/// `id, account, hash, name, scope, made, ends, last_used`
pub(crate) fn app_password(mut row: Row) -> Result<AppPassword, Corrupt> {
    Ok(AppPassword {
        id: row.text("id")?,
        account: parse_account(&row.text("account")?)?,
        hash: row.blob("hash")?,
        name: row.text("name")?,
        scope: Scope::parse(&row.text("scope")?).ok_or(Corrupt("scope"))?,
        made: Timestamp(row.int("made")?),
        until: row.maybe_int("ends")?.map(Timestamp),
        last_used: row.maybe_int("last_used")?.map(Timestamp),
    })
}

/// `id, account, label, host, port, tls, login, sealed, made, fault, fault_at, folders, listed, protocol, uids`
/// A preference without whose it is: its name and its text.
pub(crate) fn preference(mut row: Row) -> Result<(String, String), Corrupt> {
    parse_account(&row.text("account")?)?;
    Ok((row.text("name")?, row.text("value")?))
}

/// `institution, hour, what, count`
pub(crate) fn tally(mut row: Row) -> Result<Tally, Corrupt> {
    let institution = InstitutionId::parse(&row.text("institution")?).map_err(|_| Corrupt("institution"))?;
    let (hour, what) = (Timestamp(row.int("hour")?), row.text("what")?);
    Ok(Tally { institution, hour, what, count: u64::try_from(row.int("count")?).map_err(|_| Corrupt("count"))? })
}

pub(crate) fn external_account(mut row: Row) -> Result<ExternalAccount, Corrupt> {
    let id = ExternalId::parse(&row.text("id")?).map_err(|_| Corrupt("id"))?;
    let (owner, label) = (parse_account(&row.text("account")?)?, row.text("label")?);
    let (host, port) = (row.text("host")?, u16::try_from(row.int("port")?).map_err(|_| Corrupt("port"))?);
    let tls = ExternalTls::parse(&row.text("tls")?).ok_or(Corrupt("tls"))?;
    let server = ExternalServer::parse(&host, port, tls, &row.text("login")?).map_err(|_| Corrupt("server"))?;
    let (sealed, made) = (row.text("sealed")?, Timestamp(row.int("made")?));
    let fault = match (row.maybe_text("fault")?, row.maybe_int("fault_at")?) {
        (Some(word), Some(at)) => Some((ExternalFault::parse(&word).ok_or(Corrupt("fault"))?, Timestamp(at))),
        (None, None) => None,
        _ => return Err(Corrupt("fault")),
    };
    let folders = match (row.maybe_text("folders")?, row.maybe_int("listed")?) {
        (Some(kept), Some(listed)) => Some((kept, Timestamp(listed))),
        (None, None) => None,
        _ => return Err(Corrupt("folders")),
    };
    let protocol = ExternalProtocol::parse(&row.text("protocol")?).ok_or(Corrupt("protocol"))?;
    let (server, uids) = (server.speaking(protocol), row.maybe_text("uids")?);
    Ok(ExternalAccount { id, owner, label, server, sealed, made, fault, folders, uids })
}

/// The kind, subject and moment of a revocation.
pub(crate) fn revocation_parts(revocation: &Revocation) -> (&'static str, String, Option<i64>, i64) {
    match revocation {
        Revocation::Session { id, expires } => ("session", hex(id), None, expires.0),
        Revocation::Account { account, before, expires } => {
            ("account", account_text(account), Some(before.0), expires.0)
        }
    }
}

/// `kind, subject, up_to, expires`
pub(crate) fn revocation(mut row: Row) -> Result<Revocation, Corrupt> {
    let (kind, subject) = (row.text("kind")?, row.text("subject")?);
    let (up_to, expires) = (row.maybe_int("up_to")?, Timestamp(row.int("expires")?));
    match (kind.as_str(), up_to) {
        ("session", None) => {
            let id = unhex(&subject).and_then(|id| id.try_into().ok()).ok_or(Corrupt("session id"))?;
            Ok(Revocation::Session { id, expires })
        }
        ("account", Some(before)) => {
            Ok(Revocation::Account { account: parse_account(&subject)?, before: Timestamp(before), expires })
        }
        _ => Err(Corrupt("revocation")),
    }
}

pub(crate) const fn depth_text(depth: LockDepth) -> &'static str {
    match depth {
        LockDepth::Zero => "0",
        LockDepth::Infinity => "infinity",
    }
}

pub(crate) const fn scope_text(scope: LockScope) -> &'static str {
    match scope {
        LockScope::Exclusive => "exclusive",
        LockScope::Shared => "shared",
    }
}

/// `token, target, depth, scope, holder, owner, expires`
pub(crate) fn lock(mut row: Row) -> Result<Lock, Corrupt> {
    Ok(Lock {
        token: row.text("token")?,
        target: parse_target(&row.text("target")?)?,
        depth: match row.text("depth")?.as_str() {
            "0" => LockDepth::Zero,
            "infinity" => LockDepth::Infinity,
            _ => return Err(Corrupt("depth")),
        },
        scope: match row.text("scope")?.as_str() {
            "exclusive" => LockScope::Exclusive,
            "shared" => LockScope::Shared,
            _ => return Err(Corrupt("scope")),
        },
        holder: parse_account(&row.text("holder")?)?,
        owner: row.text("owner")?,
        expires: Timestamp(row.int("expires")?),
    })
}

/// `target, namespace, name, xml`
pub(crate) fn property(mut row: Row) -> Result<(Target, Property), Corrupt> {
    let target = parse_target(&row.text("target")?)?;
    let name = PropertyName { namespace: row.text("namespace")?, name: row.text("name")? };
    Ok((target, Property { name, xml: row.text("xml")? }))
}

/// `institution, name, version, value, author, made`
pub(crate) fn overlay_value(mut row: Row) -> Result<OverlayValue, Corrupt> {
    parse_institution(&row.text("institution")?)?;
    Ok(OverlayValue {
        name: row.text("name")?,
        version: u64::try_from(row.int("version")?).map_err(|_| Corrupt("version"))?,
        value: row.maybe_text("value")?,
        by: row.text("author")?,
        at: Timestamp(row.int("made")?),
    })
}

/// `institution, made, id, who, address, method, target, outcome, change`
pub(crate) fn audit_line(mut row: Row) -> Result<AuditLine, Corrupt> {
    Ok(AuditLine {
        institution: parse_institution(&row.text("institution")?)?,
        at: Timestamp(row.int("made")?),
        id: row.blob("id")?,
        who: row.text("who")?,
        from: row.text("address")?,
        method: row.text("method")?,
        target: row.text("target")?,
        outcome: row.text("outcome")?,
        change: row.text("change")?,
    })
}

/// `key, call, answer, made`, of which call and answer are wanted.
pub(crate) fn known_call(mut row: Row) -> Result<([u8; 32], Option<String>), Corrupt> {
    row.blob::<32>("key")?;
    let known = (row.blob("call")?, row.maybe_text("answer")?);
    row.int("made")?;
    Ok(known)
}

pub(crate) const fn proof_parts(proof: ApiProof) -> (&'static str, [u8; 32]) {
    match proof {
        ApiProof::Token(hash) => ("token", hash),
        ApiProof::Certificate(hash) => ("certificate", hash),
    }
}

/// `id, proof, hash, name, institutions, methods, made, ends, last_used`
pub(crate) fn api_client(mut row: Row) -> Result<ApiClient, Corrupt> {
    let (id, proof, hash) = (row.text("id")?, row.text("proof")?, row.blob("hash")?);
    let (name, institutions) = (row.text("name")?, row.text("institutions")?);
    let institutions = institutions.split_whitespace().map(InstitutionId::parse).collect::<Result<Vec<_>, _>>();
    Ok(ApiClient {
        id,
        proof: match proof.as_str() {
            "token" => ApiProof::Token(hash),
            "certificate" => ApiProof::Certificate(hash),
            _ => return Err(Corrupt("proof")),
        },
        name,
        institutions: institutions.map_err(|_| Corrupt("institutions"))?,
        methods: row.text("methods")?.split_whitespace().map(str::to_owned).collect(),
        made: Timestamp(row.int("made")?),
        until: row.maybe_int("ends")?.map(Timestamp),
        last_used: row.maybe_int("last_used")?.map(Timestamp),
    })
}

/// `account, owner, customer, country, subscription, state, external_address, comment, ends, settled, sign_ins,
/// last_sign_in`
pub(crate) fn card(mut row: Row) -> Result<Card, Corrupt> {
    parse_account(&row.text("account")?)?;
    let text = CardText {
        owner: row.text("owner")?,
        customer: row.text("customer")?,
        country: row.text("country")?,
        subscription: row.text("subscription")?,
        state: row.text("state")?,
        external_address: row.text("external_address")?,
        comment: row.text("comment")?,
    };
    let ends = row.maybe_int("ends")?.map(Timestamp);
    row.int("settled")?;
    let sign_ins = u64::try_from(row.int("sign_ins")?).map_err(|_| Corrupt("sign_ins"))?;
    Ok(Card { text, ends, sign_ins, last_sign_in: row.maybe_int("last_sign_in")?.map(Timestamp) })
}

pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|it| u8::try_from(it).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn target(owner: Option<&str>, tree: &str, path: &str) -> Target {
        Target {
            institution: InstitutionId::parse("garonne").unwrap(),
            owner: owner.map(|id| AccountId::parse(id).unwrap()),
            kind: if owner.is_some() { ResourceKind::Node } else { ResourceKind::Institution },
            tree: tree.into(),
            path: path.into(),
        }
    }

    #[test]
    fn a_target_comes_back() {
        for (target, text) in [
            (target(Some("u1"), "home", ""), "garonne/u1/file/home"),
            (target(Some("u1"), "home", "a/b c%_\\/é"), "garonne/u1/file/home/a/b c%_\\/é"),
            (target(Some("u1"), "", "/odd//"), "garonne/u1/file///odd//"),
            (target(None, "", ""), "garonne//institution/"),
        ] {
            assert_eq!(target_text(&target).unwrap(), text);
            assert_eq!(parse_target(text).unwrap(), target);
        }
        assert!(target_text(&target(Some("u1"), "a/b", "")).is_err());
    }

    #[test]
    fn a_grantee_comes_back() {
        let institution = InstitutionId::parse("garonne").unwrap();
        for grantee in [
            Grantee::Account(parse_account("garonne/Zoë: 1").unwrap()),
            Grantee::Group(GroupRef { institution: institution.clone(), id: GroupId::parse("a:b").unwrap() }),
            Grantee::Institution(institution),
            Grantee::Link(LinkId::parse("abc").unwrap()),
        ] {
            assert_eq!(parse_grantee(&grantee_text(&grantee)).unwrap(), grantee);
        }
    }

    #[test]
    fn what_cannot_be_is_said() {
        for text in ["", "garonne", "garonne/u1/file", "garonne/u1/dir/home", "Garonne/u1/file/home"] {
            assert!(parse_target(text).is_err(), "{text}");
        }
        for text in ["", "account:garonne", "somebody:garonne/u1", "institution:"] {
            assert!(parse_grantee(text).is_err(), "{text}");
        }
    }

    #[test]
    fn octets_come_back() {
        assert_eq!(hex(&[0, 0x7f, 0xff]), "007fff");
        assert_eq!(unhex("007fff").unwrap(), [0, 0x7f, 0xff]);
        assert!(unhex("0").is_none() && unhex("zz").is_none());
    }
}
