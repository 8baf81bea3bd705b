//! A folder as the pages show it: the home page, and that of a share link.

use crate::{
    face::Face,
    words::{say, say_with, within},
};
use futures::StreamExt;
use passerelle_core::{
    Authorized, Error, Read, Result, Session,
    ports::{FileTime, Node, NodeKind},
};
use passerelle_draw::LARGEST_FILE;
use passerelle_model::{Account, NodePath, NodeRef, Rights};
use passerelle_net::http::{link_path, media_type};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Most entries of a page.
const MOST_ENTRIES: usize = 500;
/// What stays as it is in a segment of a path (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) own: bool,
    /// The account as addresses name it.
    pub(crate) account: String,
    /// Whose it is, or what the space is called.
    pub(crate) owner: String,
    pub(crate) is_space: bool,
    /// The folder's own name; empty for the root.
    pub(crate) name: String,
    /// Its path in the owner's tree.
    pub(crate) path: String,
    /// The way here: the folders above, the root first. Empty in the root.
    pub(crate) above: Vec<Above>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) more: bool,
    pub(crate) may_add: bool,
    /// Where this folder is shared, for who may.
    pub(crate) share: Option<String>,
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
    /// Where a small picture of it is; for images.
    pub(crate) picture: Option<String>,
    /// Where it is shared, for who may.
    pub(crate) share: Option<String>,
}

impl Folder {
    /// Whether small pictures stand beside the names.
    pub(crate) fn has_pictures(&self) -> bool {
        self.entries.iter().any(|entry| entry.picture.is_some())
    }
}

/// Whose addresses a listing has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tree<'a> {
    /// An account's, for somebody who has signed in.
    Account(&'a Session),
    /// What a link of this token leads to: its holder sees nothing further up.
    Link(&'a str, &'a NodeRef),
}

impl Tree<'_> {
    /// A folder's page.
    pub(crate) fn folder(self, node: &NodeRef) -> String {
        match self {
            Self::Account(session) => format!("/basic?{}", query(session, &node.owner, node.path.as_str())),
            Self::Link(token, root) if node.path == root.path => link_path(token),
            Self::Link(token, root) => format!("{}?{}", link_path(token), query_below(root, &node.path)),
        }
    }

    /// A file's content.
    pub(crate) fn file(self, node: &NodeRef) -> String {
        let (mut address, path) = match self {
            Self::Account(session) => {
                let owner = session.name_of(&node.owner);
                (format!("/dav/files/{}", utf8_percent_encode(&owner, SEGMENT)), node.path.as_str())
            }
            Self::Link(token, root) => (format!("{}/files", link_path(token)), below(root, &node.path)),
        };
        for name in path.split('/').filter(|name| !name.is_empty()) {
            address.push('/');
            address.extend(utf8_percent_encode(name, SEGMENT));
        }
        address
    }

    /// A small picture of a file, where its name is an image's: twice as many pixels as it is shown with, for fine screens.
    pub(crate) fn picture(self, at: &NodeRef, node: &Node) -> Option<String> {
        let drawn = matches!(media_type(&node.name), "image/jpeg" | "image/png" | "image/gif" | "image/webp");
        if node.kind != NodeKind::File || node.size > LARGEST_FILE || !drawn {
            return None;
        }
        Some(match self {
            Self::Account(session) => format!("/preview?{}&size=96", query(session, &at.owner, at.path.as_str())),
            Self::Link(token, root) => format!("{}/preview?{}&size=96", link_path(token), query_below(root, &at.path)),
        })
    }

    /// The folders above, the highest first.
    fn above(self, node: &NodeRef) -> Vec<Above> {
        let highest = match self {
            Self::Account(_) => NodePath::root(),
            Self::Link(_, root) => root.path.clone(),
        };
        let paths = std::iter::successors(node.path.parent(), NodePath::parent);
        let mut above: Vec<Above> = paths
            .take_while(|path| path.is_within(&highest))
            .map(|path| {
                let node = NodeRef { path, ..node.clone() };
                Above { name: node.path.name().unwrap_or_default().to_owned(), link: self.folder(&node) }
            })
            .collect();
        above.reverse();
        above
    }
}

/// A place below what a link leads to.
fn below<'p>(root: &NodeRef, path: &'p NodePath) -> &'p str {
    path.as_str().strip_prefix(root.path.as_str()).unwrap_or_default().trim_start_matches('/')
}

/// The query of a folder below what a link leads to.
pub(crate) fn query_below(root: &NodeRef, path: &NodePath) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("folder", below(root, path)).finish()
}

/// The folder that the query of a link's page names: the link's own without.
pub(crate) fn asked_below(root: &NodeRef, query: Option<&str>) -> Result<NodeRef> {
    let fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let folder = fields.into_iter().find(|(name, _)| name == "folder").map(|(_, value)| value.into_owned());
    let folder = NodePath::parse(&folder.unwrap_or_default()).map_err(|_| Error::NotFound)?;
    Ok(NodeRef { path: root.path.join_path(&folder).map_err(|_| Error::NotFound)?, ..root.clone() })
}

/// A civil date, for machines and for people.
#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) iso: String,
    pub(crate) text: String,
}

/// Whose something is, as people read it; what is in a space is the space's.
pub(crate) fn owner(session: &Session, face: &Face, owner: &Account) -> String {
    session.space_name(owner, face.language).unwrap_or_else(|| session.name_of(owner))
}

/// What a page's query asks for: `owner=...&folder=...`, one's own root without.
pub(crate) fn asked(session: &Session, query: Option<&str>) -> Result<NodeRef> {
    let query = query.unwrap_or_default();
    let field = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    place(session, &field("owner").unwrap_or_default(), &field("folder").unwrap_or_default())
}

/// A place by its owner as the person names them, nobody being oneself, and its path.
pub(crate) fn place(session: &Session, owner: &str, path: &str) -> Result<NodeRef> {
    let owner = match owner {
        "" => session.principal()?.account().clone(),
        name => session.account_named(name).ok_or(Error::NotFound)?,
    };
    let root = session.home_of(&owner).ok_or(Error::NotFound)?;
    let path = NodePath::parse(path).map_err(|_| Error::NotFound)?;
    Ok(NodeRef { path, ..root })
}

/// Reads a folder. What is not there for this person is `NotFound`; a store that cannot be reached is told on the page.
pub(crate) async fn read(session: &Session, tree: Tree<'_>, node: NodeRef, face: &Face) -> Result<Folder> {
    let mut folder = Folder {
        own: session.actor().account() == Some(&node.owner),
        account: session.name_of(&node.owner),
        owner: owner(session, face, &node.owner),
        is_space: node.owner.id.space().is_some(),
        name: node.path.name().unwrap_or_default().to_owned(),
        path: node.path.as_str().to_owned(),
        above: tree.above(&node),
        here: match tree {
            Tree::Account(session) => query(session, &node.owner, node.path.as_str()),
            Tree::Link(_, root) => query_below(root, &node.path),
        },
        ..Folder::default()
    };
    let opened = match session.open::<_, Read>(node).await {
        Ok(opened) => opened,
        Err(Error::Unavailable { .. }) => return Ok(Folder { problem: Some("files-unavailable"), ..folder }),
        Err(error) => return Err(error),
    };
    folder.may_add = opened.rights().contains(Rights::ADD);
    let shares = |node: &NodeRef| opened.rights().contains(Rights::MANAGE).then(|| sharing(session, node));
    folder.share = shares(opened.target());
    match first(&opened, MOST_ENTRIES).await {
        Ok((nodes, more)) => {
            folder.more = more;
            for node in nodes {
                // What no path can be is not reached by one.
                let Ok(path) = opened.target().path.join(&node.name) else { continue };
                let at = NodeRef { path, ..opened.target().clone() };
                let is_folder = node.kind == NodeKind::Folder;
                folder.entries.push(Entry {
                    link: if is_folder { tree.folder(&at) } else { tree.file(&at) },
                    size: if is_folder { face.say("entry-folder") } else { octets(face.language, node.size) },
                    changed: day(face.language, node.modified),
                    folder: is_folder,
                    picture: tree.picture(&at, &node),
                    share: shares(&at),
                    name: node.name,
                });
            }
            folder.entries.sort_by_cached_key(|entry| (!entry.folder, entry.name.to_lowercase()));
            Ok(folder)
        }
        Err(Error::Unavailable { .. }) => Ok(Folder { problem: Some("files-unavailable"), ..folder }),
        Err(error) => Err(error),
    }
}

/// The first entries of a folder, as the store lists them, and whether there are more.
pub(crate) async fn first(folder: &Authorized<NodeRef, Read>, most: usize) -> Result<(Vec<Node>, bool)> {
    let (mut nodes, mut batches) = (Vec::new(), folder.list().await?);
    while let Some(batch) = batches.next().await {
        nodes.extend(batch?);
        if nodes.len() > most {
            nodes.truncate(most);
            return Ok((nodes, true));
        }
    }
    Ok((nodes, false))
}

/// The page on which a place is shared.
pub(crate) fn sharing(session: &Session, node: &NodeRef) -> String {
    format!("/share?{}", query(session, &node.owner, node.path.as_str()))
}

/// The query of a folder.
pub(crate) fn query(session: &Session, owner: &Account, folder: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("owner", &session.name_of(owner)).append_pair("folder", folder);
    query.finish()
}

/// `12 B`, `3.4 kB`, `1,2 Mo`: powers of ten, as file managers show them, in the reader's language.
pub(crate) fn octets(language: &str, size: u64) -> String {
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

/// The last day of what ends at a moment.
pub(crate) fn last_day(language: &str, until: passerelle_model::Timestamp) -> Day {
    day_of(language, until.plus(-1))
}

/// The day of a moment, UTC, in the reader's language.
pub(crate) fn day_of(language: &str, at: passerelle_model::Timestamp) -> Day {
    day(language, FileTime { seconds: at.0, nanos: 0 })
}

pub(crate) fn day(language: &str, time: FileTime) -> Day {
    let (year, month, day) = civil(time);
    let months = say(language, "months", &[]);
    let name = months.split_whitespace().nth(month.saturating_sub(1)).unwrap_or_default();
    let text = say_with(language, "day", &[("day", &day.to_string()), ("month", name), ("year", &year.to_string())]);
    Day { iso: format!("{year:04}-{month:02}-{day:02}"), text: within(&text) }
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
