//! The lines of a dump in memory that administration keeps.

use super::{
    Tables,
    administration::{KeptCard, KnownCall},
    dump::{Line, account},
};
use passerelle_core::ports::state::{ApiClient, ApiProof, AuditLine, Card, CardText};
use passerelle_model::{GroupId, GroupRef, InstitutionId, Timestamp};
use serde_json::{Value, json};

pub(super) fn dump(tables: &Tables, lines: &mut Vec<Value>) {
    let until = |until: Option<Timestamp>| until.map(|until| until.0);
    for line in tables.audit.values() {
        let AuditLine { at, id, institution, who, from, method, target, outcome, change } = line;
        lines.push(json!(["audit", institution.as_str(), at.0, id, who, from, method, target, outcome, change]));
    }
    for (key, known) in &tables.calls {
        lines.push(json!(["call", key, known.call, known.answer, known.made.0]));
    }
    for client in tables.clients.values() {
        let (kind, hash) = match client.proof {
            ApiProof::Token(hash) => ("token", hash),
            ApiProof::Certificate(hash) => ("certificate", hash),
        };
        let institutions: Vec<&str> = client.institutions.iter().map(InstitutionId::as_str).collect();
        let times = [Some(client.made.0), until(client.until), until(client.last_used)];
        lines.push(json!(["client", client.id, kind, hash, client.name, institutions, client.methods, times]));
    }
    for (of, kept) in &tables.cards {
        let CardText { owner, customer, country, subscription, state, external_address, comment } = &kept.card.text;
        let texts = [owner, customer, country, subscription, state, external_address, comment];
        let card = &kept.card;
        let rest = json!([until(card.ends), kept.settled, card.sign_ins, until(card.last_sign_in)]);
        lines.push(json!(["card", account(of), texts, rest]));
    }
    for (group, text) in &tables.gateway_groups {
        lines.push(json!(["gateway-group", group.institution.as_str(), group.id.as_str(), text]));
    }
    for (group, member) in &tables.gateway_members {
        lines.push(json!(["gateway-member", group.institution.as_str(), group.id.as_str(), account(member)]));
    }
}

/// Puts a line back; `None` for what is no line.
pub(super) fn add(tables: &mut Tables, kind: &str, line: &mut Line) -> Option<()> {
    match kind {
        "audit" => {
            let (institution, at, id) =
                (InstitutionId::parse(&line.text()?).ok()?, Timestamp(line.int()?), line.octets()?);
            let mut text = || line.text();
            let (who, from, method, target) = (text()?, text()?, text()?, text()?);
            let (outcome, change) = (text()?, text()?);
            let row =
                AuditLine { at, id, institution: institution.clone(), who, from, method, target, outcome, change };
            tables.audit.insert((institution, at, id), row);
        }
        "call" => {
            let (key, call) = (line.octets()?, line.octets()?);
            let answer = line.next()?.as_str().map(str::to_owned);
            tables.calls.insert(key, KnownCall { call, answer, made: Timestamp(line.int()?) });
        }
        "client" => {
            let (id, kind, hash, name) = (line.text()?, line.text()?, line.octets()?, line.text()?);
            let proof = if kind == "token" { ApiProof::Token(hash) } else { ApiProof::Certificate(hash) };
            let institutions = line.texts()?.iter().map(|it| InstitutionId::parse(it).ok()).collect::<Option<_>>()?;
            let methods = line.texts()?;
            let mut times = line.part()?;
            let (made, until, last_used) = (Timestamp(times.int()?), times.until()?, times.until()?);
            let client = ApiClient { id: id.clone(), proof, name, institutions, methods, made, until, last_used };
            tables.clients.insert(id, client);
        }
        "card" => {
            let of = line.account()?;
            let mut texts = line.part()?;
            let mut text = || texts.text();
            let (owner, customer, country, subscription) = (text()?, text()?, text()?, text()?);
            let (state, external_address, comment) = (text()?, text()?, text()?);
            let text = CardText { owner, customer, country, subscription, state, external_address, comment };
            let mut rest = line.part()?;
            let (ends, settled) = (rest.until()?, rest.next()?.as_bool()?);
            let card = Card { text, ends, sign_ins: rest.next()?.as_u64()?, last_sign_in: rest.until()? };
            tables.cards.insert(of, KeptCard { card, settled });
        }
        "gateway-group" => {
            let group = group(line)?;
            tables.gateway_groups.insert(group, line.text()?);
        }
        "gateway-member" => {
            let group = group(line)?;
            tables.gateway_members.insert((group, line.account()?));
        }
        _ => return None,
    }
    Some(())
}

fn group(line: &mut Line) -> Option<GroupRef> {
    Some(GroupRef { institution: InstitutionId::parse(&line.text()?).ok()?, id: GroupId::parse(&line.text()?).ok()? })
}
