//! A folder as the home page shows it.

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
    pub(crate) up: Option<String>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) more: bool,
    pub(crate) may_add: bool,
    /// The query that leads here.
    pub(crate) here: String,
    /// Why there is no listing: a message's key.
    pub(crate) problem: Option<&'static str>,
}

/// A file or folder.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) link: String,
    pub(crate) size: String,
    pub(crate) changed: String,
    folder: bool,
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
pub(crate) async fn read(session: &Session, node: NodeRef, folder_word: &str) -> Result<Folder> {
    let me = session.principal()?.account().clone();
    let mut folder = Folder {
        own: node.owner == me,
        owner: session.name_of(&node.owner),
        folder: node.path.as_str().to_owned(),
        up: node.path.parent().map(|path| format!("/?{}", query(session, &node.owner, path.as_str()))),
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
            folder.entries =
                nodes.iter().map(|node| entry(session, owner, &folder.folder, node, folder_word)).collect();
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

fn entry(session: &Session, owner: &Account, above: &str, node: &Node, folder_word: &str) -> Entry {
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
        size: if is_folder { folder_word.to_owned() } else { octets(node.size) },
        changed: day(node.modified),
        folder: is_folder,
    }
}

/// `12 B`, `3.4 kB`, `1.2 MB`: powers of ten, as file managers show them.
fn octets(size: u64) -> String {
    let steps = [("GB", 1_000_000_000_u64), ("MB", 1_000_000), ("kB", 1_000)];
    match steps.iter().find(|(_, step)| size >= *step) {
        Some((unit, step)) => {
            let tenths = size.saturating_mul(10).checked_div(*step).unwrap_or_default();
            format!("{}.{} {unit}", tenths / 10, tenths % 10)
        }
        None => format!("{size} B"),
    }
}

/// The civil date of a moment.
pub(crate) fn day_of(at: passerelle_model::Timestamp) -> String {
    day(FileTime { seconds: at.0, nanos: 0 })
}

/// `2026-11-23`: the civil date of a moment, UTC (the days-to-civil algorithm in its usual form, era by era).
fn day(time: FileTime) -> String {
    let days = time.seconds.div_euclid(86_400).saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era.saturating_add(era.saturating_mul(400)).saturating_add(i64::from(month <= 2));
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_days() {
        assert_eq!(octets(999), "999 B");
        assert_eq!(octets(1_234), "1.2 kB");
        assert_eq!(octets(5_000_000_000), "5.0 GB");
        let at = |seconds| day(FileTime { seconds, nanos: 0 });
        assert_eq!(at(0), "1970-01-01");
        assert_eq!(at(951_782_400), "2000-02-29");
        assert_eq!(at(1_795_478_400), "2026-11-24");
        assert_eq!(at(-1), "1969-12-31");
    }
}
