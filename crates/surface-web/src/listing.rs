//! A folder as the home page shows it.

use crate::{
    face::Face,
    words::{say, say_with},
};
use futures::StreamExt;
use passerelle_core::{
    Error, Read, Result, Session,
    ports::{FileTime, Node, NodeKind},
};
use passerelle_model::{Account, NodePath, NodeRef, Rights};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Most entries of a page.
const MOST_ENTRIES: usize = 500;
/// What stays as it is in a segment of a path (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) own: bool,
    pub(crate) owner: String,
    pub(crate) folder: String,
    /// The folder's own name; empty for the root.
    pub(crate) name: String,
    /// The way here: the folders above, the root first. Empty in the root.
    pub(crate) above: Vec<Above>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) more: bool,
    pub(crate) may_add: bool,
    /// The query that leads here.
    pub(crate) here: String,
    /// Why there is no listing: a message's key.
    pub(crate) problem: Option<&'static str>,
    /// The person's institution has no files at all, which is no problem.
    pub(crate) absent: bool,
}

/// A folder on the way.
#[derive(Debug)]
pub(crate) struct Above {
    /// Empty for the root.
    pub(crate) name: String,
    pub(crate) link: String,
}

/// A file or folder.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) link: String,
    pub(crate) size: String,
    pub(crate) changed: Day,
    pub(crate) folder: bool,
}

/// A civil date, for machines and for people.
#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) iso: String,
    pub(crate) text: String,
}

/// What a page's query asks for: `owner=...&folder=...`, one's own root without.
pub(crate) fn asked(session: &Session, query: Option<&str>) -> Result<NodeRef> {
    let query = query.unwrap_or_default();
    let field = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let owner = match field("owner").filter(|owner| !owner.is_empty()) {
        Some(name) => session.account_named(&name).ok_or(Error::NotFound)?,
        None => session.principal()?.account().clone(),
    };
    let root = session.home_of(&owner).ok_or(Error::NotFound)?;
    let path = NodePath::parse(&field("folder").unwrap_or_default()).map_err(|_| Error::NotFound)?;
    Ok(NodeRef { path, ..root })
}

/// Reads a folder. What is not there for this person is `NotFound`; a store that cannot be reached is told on the page.
pub(crate) async fn read(session: &Session, node: NodeRef, face: &Face) -> Result<Folder> {
    let me = session.principal()?.account().clone();
    let mut folder = Folder {
        own: node.owner == me,
        owner: session.name_of(&node.owner),
        folder: node.path.as_str().to_owned(),
        name: node.path.name().unwrap_or_default().to_owned(),
        above: above(session, &node),
        here: query(session, &node.owner, node.path.as_str()),
        ..Folder::default()
    };
    let opened = match session.open::<_, Read>(node).await {
        Ok(opened) => opened,
        Err(Error::Unavailable { .. }) => return Ok(Folder { problem: Some("files-unavailable"), ..folder }),
        Err(error) => return Err(error),
    };
    folder.may_add = opened.rights().contains(Rights::ADD);
    let listed = async {
        let mut nodes = Vec::new();
        let mut batches = opened.list().await?;
        while let Some(batch) = batches.next().await {
            nodes.extend(batch?);
            if nodes.len() > MOST_ENTRIES {
                break;
            }
        }
        Ok(nodes)
    };
    match listed.await {
        Ok(nodes) => {
            folder.more = nodes.len() > MOST_ENTRIES;
            let owner = &opened.target().owner;
            folder.entries = nodes.iter().map(|node| entry(session, owner, &folder.folder, node, face)).collect();
            folder.entries.sort_by_cached_key(|entry| (!entry.folder, entry.name.to_lowercase()));
            folder.entries.truncate(MOST_ENTRIES);
            Ok(folder)
        }
        Err(Error::Unavailable { .. }) => Ok(Folder { problem: Some("files-unavailable"), ..folder }),
        Err(error) => Err(error),
    }
}

/// The query of a folder.
pub(crate) fn query(session: &Session, owner: &Account, folder: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("owner", &session.name_of(owner)).append_pair("folder", folder);
    query.finish()
}

fn entry(session: &Session, owner: &Account, above: &str, node: &Node, face: &Face) -> Entry {
    let path = if above.is_empty() { node.name.clone() } else { format!("{above}/{}", node.name) };
    let is_folder = node.kind == NodeKind::Folder;
    let link = if is_folder {
        format!("/?{}", query(session, owner, &path))
    } else {
        let encoded: Vec<String> = std::iter::once(session.name_of(owner).as_str())
            .chain(path.split('/'))
            .map(|segment| utf8_percent_encode(segment, SEGMENT).to_string())
            .collect();
        format!("/dav/files/{}", encoded.join("/"))
    };
    Entry {
        name: node.name.clone(),
        link,
        size: if is_folder { face.say("entry-folder") } else { octets(face.language, node.size) },
        changed: day(face.language, node.modified),
        folder: is_folder,
    }
}

fn above(session: &Session, node: &NodeRef) -> Vec<Above> {
    let mut above: Vec<Above> = std::iter::successors(node.path.parent(), NodePath::parent)
        .map(|path| Above {
            name: path.name().unwrap_or_default().to_owned(),
            link: format!("/?{}", query(session, &node.owner, path.as_str())),
        })
        .collect();
    above.reverse();
    above
}

/// `12 B`, `3.4 kB`, `1,2 Mo`: powers of ten, as file managers show them, in the reader's language.
fn octets(language: &str, size: u64) -> String {
    let steps = [("size-gb", 1_000_000_000_u64), ("size-mb", 1_000_000), ("size-kb", 1_000)];
    match steps.iter().find(|(_, step)| size >= *step) {
        Some((key, step)) => {
            let tenths = size.saturating_mul(10).checked_div(*step).unwrap_or_default();
            let number = format!("{}{}{}", tenths / 10, say(language, "decimal-mark", &[]), tenths % 10);
            say_with(language, key, &[("number", &number)])
        }
        None => say_with(language, "size-b", &[("number", &size.to_string())]),
    }
}

/// The day of a moment, UTC, in the reader's language.
pub(crate) fn day_of(language: &str, at: passerelle_model::Timestamp) -> Day {
    day(language, FileTime { seconds: at.0, nanos: 0 })
}

fn day(language: &str, time: FileTime) -> Day {
    let (year, month, day) = civil(time);
    let months = say(language, "months", &[]);
    let name = months.split_whitespace().nth(month.saturating_sub(1)).unwrap_or_default();
    Day {
        iso: format!("{year:04}-{month:02}-{day:02}"),
        text: say_with(language, "day", &[("day", &day.to_string()), ("month", name), ("year", &year.to_string())]),
    }
}

/// Year, month and day of a moment, UTC (the days-to-civil algorithm in its usual form, era by era).
fn civil(time: FileTime) -> (i64, usize, i64) {
    let days = time.seconds.div_euclid(86_400).saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era.saturating_add(era.saturating_mul(400)).saturating_add(i64::from(month <= 2));
    (year, usize::try_from(month).unwrap_or(1), day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_the_readers_language() {
        assert_eq!(octets("en", 999), "999\u{a0}B");
        assert_eq!(octets("en", 1_234), "1.2\u{a0}kB");
        assert_eq!(octets("fr", 5_000_000_000), "5,0\u{a0}Go");
    }

    #[test]
    fn days_in_the_readers_language() {
        let at = |seconds| day("en", FileTime { seconds, nanos: 0 });
        assert_eq!(at(0).iso, "1970-01-01");
        assert_eq!(at(951_782_400).iso, "2000-02-29");
        assert_eq!(at(1_795_478_400).iso, "2026-11-24");
        assert_eq!(at(-1).iso, "1969-12-31");
        assert_eq!(at(-1).text, "31\u{a0}Dec\u{a0}1969");
        assert_eq!(day("fr", FileTime { seconds: 0, nanos: 0 }).text, "1\u{a0}janv.\u{a0}1970");
    }

    #[test]
    fn every_language_has_twelve_months() {
        for (language, _) in crate::words::LANGUAGES {
            assert_eq!(say(language, "months", &[]).split_whitespace().count(), 12, "{language}");
        }
    }
}
