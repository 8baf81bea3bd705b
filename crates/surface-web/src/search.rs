//! Finding files by name: one's own and what others share, or one folder and what is below it.

use crate::{
    face::Face,
    listing::{self, Day, Tree},
    respond,
};
use askama::Template;
use http::StatusCode;
use passerelle_core::{Error, NameHit, Read, Result, SearchStop, Session, ports::NodeKind};
use passerelle_model::{Account, NodeRef};
use passerelle_net::http::{Exchange, Response};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// How many searches are under way at once, over the process; and of one person.
const AT_ONCE: usize = 16;
const OF_ONE: usize = 2;
/// When whoever is turned away may try again, in seconds.
const RETRY: u64 = 5;

/// The searches that are under way.
pub(crate) struct Searches {
    places: Semaphore,
    people: Mutex<HashMap<Account, usize>>,
}

impl Searches {
    pub(crate) fn new() -> Self {
        Self { places: Semaphore::new(AT_ONCE), people: Mutex::new(HashMap::new()) }
    }

    /// Looks for names, in one folder or in all that the person may look through.
    ///
    /// # Errors
    /// `Invalid` when there is no word, or too much of them; `TooMany` when too many search.
    pub(crate) async fn find(&self, session: &Session, root: Option<NodeRef>, words: &str) -> Result<Found> {
        let _turn = self.turn(session.principal()?.account())?;
        let Ok(_place) = self.places.try_acquire() else { return Err(Error::TooMany { seconds: RETRY }) };
        let roots = match root {
            Some(root) => vec![root],
            None => session.searched_roots().await?,
        };
        let mut search = session.search_names(roots, words)?;
        let mut hits = Vec::new();
        while let Some(found) = search.next().await? {
            hits.push(found);
        }
        Ok(Found { hits, stopped: search.stopped(), away: search.away().to_vec() })
    }

    /// A turn of this person's own.
    fn turn(&self, account: &Account) -> Result<Turn<'_>> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let own = people.entry(account.clone()).or_default();
        if *own >= OF_ONE {
            return Err(Error::TooMany { seconds: RETRY });
        }
        *own = own.saturating_add(1);
        Ok(Turn { searches: self, account: account.clone() })
    }
}

/// What a search found.
pub(crate) struct Found {
    pub(crate) hits: Vec<NameHit>,
    /// Why these are not all.
    pub(crate) stopped: Option<SearchStop>,
    /// Whose files were out of reach.
    pub(crate) away: Vec<Account>,
}

struct Turn<'s> {
    searches: &'s Searches,
    account: Account,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut people = self.searches.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = people.get_mut(&self.account) {
            *own = own.saturating_sub(1);
        }
        people.retain(|_, own| *own > 0);
    }
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page<'a> {
    face: &'a Face,
    token: String,
    words: String,
    /// The folder that is searched, where it is one.
    within: Option<Within>,
    /// Why nothing was searched: a message's key.
    problem: Option<&'static str>,
    searched: bool,
    hits: Vec<Hit>,
    has_pictures: bool,
    /// Why the hits are not all: a message's key.
    stopped: Option<&'static str>,
    /// Whose files were out of reach; empty where all could be looked into.
    away: String,
}

struct Within {
    owner: String,
    folder: String,
    name: String,
}

struct Hit {
    name: String,
    link: String,
    folder: bool,
    picture: Option<String>,
    size: String,
    changed: Day,
    /// The folder that it is in, and where that is.
    place: String,
    above: String,
}

/// The page: `q=` the words, and `owner=` and `folder=` as the other pages have them.
pub(crate) async fn page(searches: &Searches, session: &Session, exchange: &Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query();
    let field = |wanted: &str| {
        let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let root = match field("folder") {
        Some(_) => {
            let root = listing::asked(session, query)?;
            // A folder that the person may not read is none, also for who looks for nothing in it.
            session.open::<_, Read>(root.clone()).await?;
            Some(root)
        }
        None => None,
    };
    let mut page = Page {
        face,
        token: session.form_token(),
        words: field("q").unwrap_or_default(),
        within: root.as_ref().map(|root| within(session, face, root)),
        problem: None,
        searched: false,
        hits: Vec::new(),
        has_pictures: false,
        stopped: None,
        away: String::new(),
    };
    if page.words.is_empty() {
        return Ok(respond::page(StatusCode::OK, &page, face));
    }
    let found = match searches.find(session, root, &page.words).await {
        Ok(found) => found,
        Err(Error::Invalid { .. }) => {
            page.problem = Some("search-bad");
            return Ok(respond::page(StatusCode::UNPROCESSABLE_ENTITY, &page, face));
        }
        Err(error) => return Err(error),
    };
    page.hits = found.hits.into_iter().map(|found| hit(session, face, found)).collect();
    page.searched = true;
    page.has_pictures = page.hits.iter().any(|hit| hit.picture.is_some());
    let away: Vec<String> = found.away.iter().map(|owner| whose(session, face, owner)).collect();
    page.away = away.join(", ");
    page.stopped = found.stopped.and_then(|why| match why {
        SearchStop::Hits => Some("search-stopped-hits"),
        SearchStop::Size => Some("search-stopped-size"),
        SearchStop::Time => Some("search-stopped-time"),
        // Whose files these are is told beside it.
        SearchStop::Unavailable => None,
    });
    Ok(respond::page(StatusCode::OK, &page, face))
}

fn within(session: &Session, face: &Face, root: &NodeRef) -> Within {
    Within {
        owner: session.name_of(&root.owner),
        folder: root.path.as_str().to_owned(),
        name: root.path.name().map_or_else(|| whole(session, face, root), str::to_owned),
    }
}

/// What the whole of a tree is called.
fn whole(session: &Session, face: &Face, node: &NodeRef) -> String {
    session.space_name(&node.owner, face.language).unwrap_or_else(|| face.say("files"))
}

/// Whose files: a space's name, one's own, or a colleague's login.
pub(crate) fn whose(session: &Session, face: &Face, owner: &Account) -> String {
    match session.space_name(owner, face.language) {
        Some(name) => name,
        None if session.actor().account() == Some(owner) => face.say("files"),
        None => session.name_of(owner),
    }
}

fn hit(session: &Session, face: &Face, NameHit { at, node }: NameHit) -> Hit {
    let tree = Tree::Account(session);
    let folder = node.kind == NodeKind::Folder;
    let above = at.parent().unwrap_or_else(|| at.clone());
    let inside = if above.path.is_root() { whole(session, face, &at) } else { above.path.as_str().to_owned() };
    let own = session.actor().account() == Some(&at.owner);
    Hit {
        link: if folder { tree.folder(&at) } else { tree.file(&at) },
        folder,
        picture: tree.picture(&at, &node),
        size: if folder { face.say("entry-folder") } else { listing::octets(face.language, node.size) },
        changed: listing::day(face.language, node.modified),
        place: if own { inside } else { format!("{} – {inside}", session.name_of(&at.owner)) },
        above: tree.folder(&above),
        name: at.path.name().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};

    #[test]
    fn two_of_each_and_a_place_comes_back() {
        let account = |id: &str| Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: AccountId::parse(id).unwrap(),
        };
        let searches = Searches::new();
        let first = searches.turn(&account("a")).unwrap();
        let _second = searches.turn(&account("a")).unwrap();
        assert!(matches!(searches.turn(&account("a")), Err(Error::TooMany { .. })));
        let _other = searches.turn(&account("b")).unwrap();
        drop(first);
        assert!(searches.turn(&account("a")).is_ok());
    }
}
