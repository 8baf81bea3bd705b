//! A card written anew where it means something else now (RFC 9555 §3), and nowhere else.

use crate::{
    entry,
    line::{Cut, LABEL},
    media, name,
    normal::normal,
    parameters,
    reading::{Contact, PRONOUNS, Path, id_of, is_id, row_of},
    tables::{Form, ROWS, Row, SETS, SINGLES},
};
use passerelle_wire_ical::{CardVersion, Property, escaped, line, parameter_value};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt};

/// What a card cannot keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unkept {
    /// The properties of JSContact, each a name or `name/id`; none where it is the card itself.
    pub properties: Vec<String>,
    /// Why, for people. It tells no text of the card.
    pub what: String,
}

impl fmt::Display for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Unkept {}

/// A new card: of version 4.0, but for one with octets that 3.0 can say as well. Servers that write cards anew by the rules of 3.0, as
/// Radicale does, keep a picture in its form only: of a `data:` URI they drop what stands behind the comma.
///
/// # Errors
/// What no card has a place for.
pub fn made(wanted: &Map<String, Value>) -> Result<Vec<u8>, Unkept> {
    if has_octets(wanted)
        && let Ok(card) = made_as("3.0", wanted)
    {
        return Ok(card);
    }
    made_as("4.0", wanted)
}

/// Whether a picture, a sound or a key is in the card itself.
fn has_octets(wanted: &Map<String, Value>) -> bool {
    let is_octets =
        |entry: &Value| entry.get("uri").and_then(Value::as_str).is_some_and(|it| media::octets(it).is_some());
    let rows = ROWS.iter().filter(|row| row.form == Form::Octets);
    let mut entries = rows.filter_map(|row| wanted.get(row.top)?.as_object()).flat_map(Map::values);
    entries.any(is_octets)
}

fn made_as(version: &str, wanted: &Map<String, Value>) -> Result<Vec<u8>, Unkept> {
    let empty = format!("BEGIN:VCARD\r\nVERSION:{version}\r\nEND:VCARD\r\n");
    match Contact::read(empty.as_bytes()) {
        Ok(contact) => contact.changed(wanted),
        Err(wrong) => Err(Unkept { properties: Vec::new(), what: wrong.to_string() }),
    }
}

impl Contact<'_> {
    /// The card as it is to be. Lines that mean the same stay octet for octet.
    ///
    /// # Errors
    /// What the card has no place for; then nothing is made of it.
    pub fn changed(&self, wanted: &Map<String, Value>) -> Result<Vec<u8>, Unkept> {
        let cannot = |what: &str| Unkept { properties: Vec::new(), what: what.to_owned() };
        let version = match self.card.version() {
            Some(version @ (CardVersion::V3 | CardVersion::V4)) => version,
            Some(CardVersion::V2) | None => return Err(cannot("cards of version 3.0 and 4.0 are written")),
        };
        let cut = Cut::of(self.octets, &self.card).ok_or_else(|| cannot("a card in a card is not written"))?;
        let (before, after) = (normal(self.json()), normal(wanted));
        let properties = &self.card.component().properties;
        let groups = properties.iter().filter_map(|it| it.group().map(str::to_ascii_lowercase)).collect();
        let writer = Writer { contact: self, wanted: &after, version, groups };
        let changed: BTreeSet<Path> = paths(&before)
            .union(&paths(&after))
            .filter(|path| at(&before, path) != at(&after, path))
            .cloned()
            .collect();
        let mut out = cut.head.to_vec();
        let (mut left, mut unwritten) = (changed.clone(), Vec::new());
        // All that a line said along with what has changed is written again.
        for says in self.says.iter().filter(|says| says.iter().any(|path| changed.contains(path))) {
            left.extend(says.iter().cloned());
        }
        for ((says, octets), property) in self.says.iter().zip(&cut.lines).zip(&self.card.component().properties) {
            if !says.iter().any(|path| changed.contains(path)) {
                out.extend_from_slice(octets);
                continue;
            }
            for path in says.iter().filter(|path| left.remove(*path)) {
                writer.write(path, Some(property), &mut out, &mut unwritten);
            }
        }
        for path in &left {
            writer.write(path, None, &mut out, &mut unwritten);
        }
        writer.complete(&mut out);
        out.extend_from_slice(cut.tail);
        // Nothing is lost in silence: what was written is read again.
        let read = Contact::read(&out).map_err(|wrong| cannot(&wrong.what))?;
        let read = normal(read.json());
        unwritten
            .extend(paths(&read).union(&paths(&after)).filter(|path| at(&read, path) != at(&after, path)).cloned());
        if unwritten.is_empty() {
            return Ok(out);
        }
        unwritten.sort();
        unwritten.dedup();
        let name = |(top, id): Path| id.map_or_else(|| top.clone(), |id| format!("{top}/{id}"));
        let what = "a card has no place for a part of it".to_owned();
        Err(Unkept { properties: unwritten.into_iter().map(name).collect(), what })
    }
}

/// What has to be compared: each entry of what has entries, and everything else as a whole.
fn paths(card: &Map<String, Value>) -> BTreeSet<Path> {
    let has_entries = |top: &str| top == "members" || top == "relatedTo" || ROWS.iter().any(|row| row.top == top);
    let mut all = BTreeSet::new();
    for (top, value) in card {
        match value {
            Value::Object(entries) if has_entries(top) => {
                all.extend(entries.keys().map(|id| (top.clone(), Some(id.clone()))));
            }
            _ => drop(all.insert((top.clone(), None))),
        }
    }
    all
}

fn at<'v>(card: &'v Map<String, Value>, (top, id): &Path) -> Option<&'v Value> {
    let value = card.get(top)?;
    match id {
        Some(id) => value.as_object()?.get(id),
        None => Some(value),
    }
}

struct Writer<'w> {
    contact: &'w Contact<'w>,
    wanted: &'w Map<String, Value>,
    version: CardVersion,
    /// The groups that lines are in.
    groups: BTreeSet<String>,
}

impl Writer<'_> {
    /// Writes what is wanted there, if anything; `before` is the line that said it.
    fn write(&self, path: &Path, before: Option<&Property<'_>>, out: &mut Vec<u8>, unwritten: &mut Vec<Path>) {
        let Some(value) = at(self.wanted, path) else { return };
        match self.lines(path, value, before.filter(|it| !it.is(LABEL))) {
            Some(lines) => lines.iter().for_each(|text| put(text, out)),
            None => unwritten.push(path.clone()),
        }
    }

    fn lines(&self, path: &Path, value: &Value, before: Option<&Property<'_>>) -> Option<Vec<String>> {
        let (top, id) = path;
        let one = |names: &[&'static str]| match self.version {
            CardVersion::V3 => names.last().copied(),
            CardVersion::V2 | CardVersion::V4 => names.first().copied(),
        };
        let kept = parameters::others(before, top);
        if let Some((names, _)) = SINGLES.iter().find(|(_, known)| known == top) {
            let text = value.as_str()?;
            let is_moment = matches!(top.as_str(), "created" | "updated");
            let text = if is_moment { text.replace(['-', ':'], "") } else { escaped(text) };
            return Some(vec![format!("{}{kept}:{text}", one(names)?)]);
        }
        if let Some((names, _)) = SETS.iter().find(|(_, known)| known == top) {
            let text = match id {
                Some(uri) => uri.clone(),
                None => value.as_object()?.keys().map(|it| escaped(it)).collect::<Vec<_>>().join(","),
            };
            return Some(vec![format!("{}{kept}:{text}", one(names)?)]);
        }
        match (top.as_str(), id) {
            ("name", _) => {
                let first = |name: &str| self.contact.card.component().property(name);
                name::written(value.as_object()?, first("N"), first("FN"))
            }
            ("relatedTo", Some(uri)) => {
                let kinds = value.get("relation").and_then(Value::as_object).into_iter().flatten();
                let kinds: String = kinds.map(|(kind, _)| format!(";TYPE={}", parameter_value(kind))).collect();
                Some(vec![format!("RELATED{kinds}{kept}:{uri}")])
            }
            ("speakToAs", _) => self.speaking(value.as_object()?),
            (_, Some(id)) => self.entry(top, id, value.as_object()?, before),
            _ => None,
        }
    }

    fn speaking(&self, value: &Map<String, Value>) -> Option<Vec<String>> {
        let gender = value.get("grammaticalGender").and_then(Value::as_str);
        let mut all: Vec<String> =
            gender.map(|it| format!("GRAMGENDER:{}", escaped(&it.to_ascii_uppercase()))).into_iter().collect();
        for (id, entry) in value.get("pronouns").and_then(Value::as_object).into_iter().flatten() {
            let (more, text) = entry::written(&PRONOUNS, entry.as_object()?, None, self.version)?;
            let named = if id_of(PRONOUNS.name, &text) == *id { String::new() } else { format!(";PROP-ID={id}") };
            all.push(format!("PRONOUNS{named}{more}:{text}"));
        }
        Some(all)
    }

    fn entry(
        &self,
        top: &str,
        id: &str,
        entry: &Map<String, Value>,
        before: Option<&Property<'_>>,
    ) -> Option<Vec<String>> {
        let row = row_for(top, entry, before)?;
        let before = before.filter(|it| it.is(row.name));
        let (more, value) = entry::written(row, entry, before, self.version)?;
        let named = if id_of(row.name, &value) == id {
            String::new()
        } else if is_id(id) {
            format!(";PROP-ID={id}")
        } else {
            return None;
        };
        let label = entry.get("label").and_then(Value::as_str);
        let group = match (before.and_then(Property::group), label) {
            (Some(group), _) => Some(group.to_owned()),
            (None, Some(_)) => Some(self.fresh_group(id)),
            (None, None) => None,
        };
        let group = group.map(|group| format!("{group}.")).unwrap_or_default();
        let mut all = vec![format!("{group}{}{named}{more}:{value}", row.name)];
        all.extend(label.map(|label| format!("{group}X-ABLabel:{}", escaped(label))));
        Some(all)
    }

    /// A group that no line is in. Entries have different ids, and so have theirs.
    fn fresh_group(&self, id: &str) -> String {
        let mut group = format!("item{}", crate::line::digest(id));
        while self.groups.contains(&group) {
            group.push('x');
        }
        group
    }

    /// What a card must have: a name to show, in 3.0 its parts as well, for which many programs ask in 4.0 too.
    fn complete(&self, out: &mut Vec<u8>) {
        let text = String::from_utf8_lossy(out).to_ascii_uppercase();
        let has = |name: &str| {
            text.lines().any(|line| {
                let name_of = line.split([':', ';']).next().unwrap_or_default();
                name_of.rsplit('.').next() == Some(name)
            })
        };
        let is_new = self.contact.says.len() <= 1;
        if !has("N") && (is_new || self.version == CardVersion::V3) {
            put("N:;;;;", out);
        }
        if !has("FN") {
            put(&format!("FN;DERIVED=TRUE:{}", escaped(&self.shown())), out);
        }
    }

    /// What somebody without a name is shown as.
    fn shown(&self) -> String {
        let first = |top: &str, member: &str| {
            let entries = self.wanted.get(top)?.as_object()?;
            entries.values().find_map(|it| it.get(member)?.as_str().filter(|it| !it.is_empty())).map(str::to_owned)
        };
        let uid = || self.wanted.get("uid").and_then(Value::as_str).map(str::to_owned);
        first("nicknames", "name")
            .or_else(|| first("organizations", "name"))
            .or_else(|| first("emails", "address"))
            .or_else(|| first("phones", "number"))
            .or_else(uid)
            .unwrap_or_else(|| "-".to_owned())
    }
}

/// Which property an entry is written as: the one that it was, as long as its kind is that.
fn row_for(top: &str, entry: &Map<String, Value>, before: Option<&Property<'_>>) -> Option<&'static Row> {
    let said = |member: &str| entry.get(member).and_then(Value::as_str);
    let is_impp = said("vCardName").is_some_and(|it| it.eq_ignore_ascii_case("impp"));
    let fits = |row: &&Row| {
        let is_kind = row.kind == said("kind") || (row.name == "TITLE" && said("kind").is_none());
        row.top == top && is_kind && (top != "onlineServices" || is_impp == (row.name == "IMPP"))
    };
    before.and_then(row_of).filter(fits).or_else(|| ROWS.iter().find(fits))
}

fn put(text: &str, out: &mut Vec<u8>) {
    let mut folded = String::new();
    line(text, &mut folded);
    out.extend_from_slice(folded.as_bytes());
}
