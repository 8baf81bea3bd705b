//! `GET /api/admin/usage`: how much the institution is used, and how its back-ends fared, from what all nodes have counted.

use super::{Admin, Answer, health::plain, told};
use crate::api::moment;
use passerelle_core::{ACTIVE_WITHIN, ports::state::Tally};
use passerelle_model::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const DAY: i64 = 86_400;
/// Hours that the health of back-ends is told of.
const HOURS: i64 = 48;

/// What a series is called in the answer, and by which label of its metric its parts are told apart.
const SERIES: [(&str, &str, &str); 2] =
    [("logins", "passerelle_logins_total", "surface"), ("messages", "passerelle_messages_total", "result")];
const EXAMINED: &str = "passerelle_back_ends_examined_total";

/// Counts of a part, by when its day or hour began.
type Counts = BTreeMap<i64, u64>;

pub(super) async fn show(admin: &Admin<'_>) -> Answer {
    let active = admin.of.active_accounts().await?;
    let active: Vec<Value> =
        ACTIVE_WITHIN.iter().zip(active).map(|(days, count)| json!({ "days": days, "accounts": count })).collect();
    let tallies = admin.of.tallies().await?;
    let mut answer = Map::from_iter([("active".to_owned(), json!(active))]);
    for (series, metric, label) in SERIES {
        let mut parts: BTreeMap<String, Counts> = BTreeMap::new();
        for (tally, part) in parted(&tallies, metric, label) {
            let day = tally.hour.0.saturating_sub(tally.hour.0.rem_euclid(DAY));
            add(&mut parts, part, day, tally.count);
        }
        answer.insert(series.to_owned(), shown(parts));
    }
    let since = admin.of.now().0.saturating_sub(HOURS * 3600);
    let lately: Vec<Tally> = tallies.into_iter().filter(|it| it.hour.0 > since).collect();
    let mut health: BTreeMap<String, BTreeMap<String, Counts>> = BTreeMap::new();
    for (tally, back_end) in parted(&lately, EXAMINED, "back_end") {
        let result = labelled(&tally.what, "result").unwrap_or_default();
        add(health.entry(plain(&back_end).to_owned()).or_default(), result, tally.hour.0, tally.count);
    }
    let health: Map<String, Value> = health.into_iter().map(|(back_end, parts)| (back_end, shown(parts))).collect();
    answer.insert("health".to_owned(), json!(health));
    told(&Value::Object(answer))
}

/// The tallies of a metric with a label's value.
fn parted<'t>(tallies: &'t [Tally], metric: &str, label: &str) -> Vec<(&'t Tally, String)> {
    let ours = tallies.iter().filter(|it| it.what.split(' ').next() == Some(metric));
    ours.filter_map(|it| Some((it, labelled(&it.what, label)?))).collect()
}

/// The value of a label, which goes on to the next ` name=`: it may have spaces.
fn labelled(what: &str, label: &str) -> Option<String> {
    let (_, rest) = what.split_once(&format!(" {label}="))?;
    let next = rest.match_indices(' ').find(|(at, _)| {
        let word = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let name = word.split('=').next().unwrap_or_default();
        word.contains('=') && !name.is_empty() && name.chars().all(|it| it.is_ascii_lowercase() || it == '_')
    });
    Some(next.map_or(rest, |(at, _)| rest.get(..at).unwrap_or(rest)).to_owned())
}

fn add(parts: &mut BTreeMap<String, Counts>, part: String, at: i64, count: u64) {
    let sum = parts.entry(part).or_default().entry(at).or_default();
    *sum = sum.saturating_add(count);
}

fn shown(parts: BTreeMap<String, Counts>) -> Value {
    let counts = |counts: Counts| {
        let each = counts.into_iter().filter_map(|(at, count)| Some(json!([moment(Timestamp(at))?, count])));
        each.collect::<Vec<_>>()
    };
    Value::Object(parts.into_iter().map(|(part, it)| (part, json!(counts(it)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read() {
        for (what, label, expected) in [
            ("passerelle_logins_total result=accepted surface=imap", "surface", Some("imap")),
            ("passerelle_logins_total result=accepted surface=imap", "result", Some("accepted")),
            ("x back_end=garonne.mail (imap://a, b) result=works", "back_end", Some("garonne.mail (imap://a, b)")),
            ("x back_end=a", "result", None),
        ] {
            assert_eq!(labelled(what, label).as_deref(), expected, "{what}");
        }
    }
}
