//! The page of a share link, for people without an account: a file, a folder, a place to put something, or a calendar.
//!
//! What it leads to is had from `/s/<token>/files/`, which is WebDAV's, a calendar from `/s/<token>/calendar.ics`. A link that is not there, has ended or was withdrawn
//! answers as any address that is none.

mod calendar;
mod calendar_feed;
mod feed;
mod month;

pub(crate) use calendar_feed::calendar;

use crate::{
    face::Face,
    form::Form,
    home::Notice,
    listing::{self, Day, Folder, Tree},
    respond,
    upload::{self, take},
};
use askama::Template;
use http::{StatusCode, header};
use passerelle_core::{
    Door, Error, LinkRoot, Lookup, Result, Session,
    ports::{Node, NodeKind},
};
use passerelle_model::{CollectionRef, NodeRef, Rights};
use passerelle_net::http::{Exchange, Response, link_cookie_for, link_path};

#[derive(Template)]
#[template(path = "link.html")]
struct Page<'a> {
    face: &'a Face,
    /// What the link's maker calls it, else the name of what it leads to.
    title: String,
    notice: Option<Notice>,
    /// The path of the page.
    address: String,
    file: Option<File>,
    folder: Option<Folder>,
    /// The query of the folder that takes uploads.
    upload: Option<String>,
    /// Whether there is something to be heard or seen here, which a feed tells of.
    feed: Option<String>,
    ends: Option<Day>,
}

struct File {
    name: String,
    size: String,
    changed: Day,
    address: String,
    /// A picture of it, for images, where it may be read.
    picture: Option<String>,
}

#[derive(Template)]
#[template(path = "link_password.html")]
struct Asking<'a> {
    face: &'a Face,
    address: String,
    problem: Option<&'static str>,
}

/// The page.
pub(crate) async fn page(door: &Door, exchange: Exchange, face: &Face) -> Response {
    let shown = async {
        let token = token_of(&exchange)?;
        match exchange.link_session(door, token, None).await {
            Ok(session) => {
                let face = face.of_session(&session)?;
                match calendar_of(&session) {
                    Some(at) => calendar::page(&session, &face, &exchange, token, at).await,
                    None => shown(&session, &face, token, exchange.uri().query(), None, StatusCode::OK).await,
                }
            }
            Err(Error::Unauthenticated) => Ok(asking(face, token, StatusCode::OK, None)),
            Err(error) => Err(error),
        }
    };
    shown.await.unwrap_or_else(|error| respond::failed(face, &exchange.id, &error))
}

/// Takes the password, and lets the browser keep a proof of it.
pub(crate) async fn enter(door: &Door, mut exchange: Exchange, face: &Face) -> Response {
    let body = exchange.body.take();
    let entered = async {
        let token = token_of(&exchange)?;
        if !exchange.is_same_origin() {
            return Err(Error::Forbidden);
        }
        let typed = Form::read(body).await?.secret("password");
        match exchange.link_session(door, token, Some(&typed)).await {
            Ok(session) => {
                let mut response = respond::see_other(&link_path(token));
                let proof = session.link().and_then(|link| link.proof());
                let cookie = proof.and_then(|proof| link_cookie_for(token, proof));
                response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
                Ok(response)
            }
            Err(Error::Unauthenticated) => {
                Ok(asking(face, token, StatusCode::UNAUTHORIZED, Some("link-password-wrong")))
            }
            Err(Error::TooMany { seconds }) => {
                let mut response = asking(face, token, StatusCode::TOO_MANY_REQUESTS, Some("sign-in-wait"));
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                Ok(response)
            }
            Err(error) => Err(error),
        }
    };
    entered.await.unwrap_or_else(|error| respond::failed(face, &exchange.id, &error))
}

/// Takes a file.
pub(crate) async fn upload(door: &Door, exchange: Exchange, face: &Face) -> Response {
    let id = exchange.id.clone();
    let taken = async {
        let token = token_of(&exchange)?.to_owned();
        let session = exchange.link_session(door, &token, None).await?;
        let face = face.of_session(&session)?;
        let query = exchange.uri().query().map(str::to_owned);
        let folder = listing::asked_below(root(&session)?, query.as_deref())?;
        let (good, status, text) = match take(&session, exchange, folder, upload::Form::OfLink).await {
            Ok(name) => (true, StatusCode::OK, face.say_with("upload-done", "name", &name)),
            Err(refused) => {
                let (status, text) = refused.told(&face)?;
                (false, status, text)
            }
        };
        shown(&session, &face, &token, query.as_deref(), Some(Notice { good, text }), status).await
    };
    taken.await.unwrap_or_else(|error| respond::failed(face, &id, &error))
}

/// What there is to be heard and seen in a folder, as a podcast.
pub(crate) async fn feed(door: &Door, exchange: Exchange, face: &Face) -> Response {
    let told = async {
        let token = token_of(&exchange)?;
        let session = exchange.link_session(door, token, None).await?;
        let face = face.of_session(&session)?;
        let origin = exchange.origin().unwrap_or_default();
        let folder = listing::asked_below(root(&session)?, exchange.uri().query())?;
        feed::feed(&session, &face, &origin, token, folder).await
    };
    match told.await {
        Ok(response) => response,
        // A program that plays podcasts asks for the password so.
        Err(Error::Unauthenticated) => passerelle_net::http::challenge(&face.name),
        Err(error) => respond::failed(face, &exchange.id, &error),
    }
}

async fn shown(
    session: &Session,
    face: &Face,
    token: &str,
    query: Option<&str>,
    notice: Option<Notice>,
    status: StatusCode,
) -> Result<Response> {
    let root = root(session)?;
    let node = listing::asked_below(root, query)?;
    let opened = session.open::<_, Lookup>(node.clone()).await?;
    let found = opened.stat().await?;
    let (held, tree) = (opened.rights(), Tree::Link(token, root));
    let file = (found.kind == NodeKind::File).then(|| file(face, tree, &node, &found, held));
    let mut folder = None;
    if file.is_none() && held.contains(Rights::READ) {
        folder = Some(listing::read(session, tree, node.clone(), face).await?);
    }
    let is_heard = |folder: &Folder| folder.entries.iter().any(|entry| feed::is_heard(&entry.name));
    let link = session.link();
    let label = link.map(|link| link.label()).filter(|label| !label.is_empty() && node == *root);
    let page = Page {
        face,
        title: label.or(node.path.name()).map_or_else(|| face.say("files"), str::to_owned),
        notice,
        address: link_path(token),
        upload: (file.is_none() && held.contains(Rights::ADD)).then(|| listing::query_below(root, &node.path)),
        feed: folder.as_ref().filter(|it| is_heard(it)).map(|it| format!("{}/feed.xml?{}", link_path(token), it.here)),
        file,
        folder,
        ends: link.and_then(|link| link.until()).map(|until| listing::last_day(face.language, until)),
    };
    Ok(respond::page(status, &page, face))
}

fn file(face: &Face, tree: Tree<'_>, node: &NodeRef, found: &Node, held: Rights) -> File {
    let picture = held.contains(Rights::READ).then(|| tree.picture(node, found)).flatten();
    File {
        name: found.name.clone(),
        size: listing::octets(face.language, found.size),
        changed: listing::day(face.language, found.modified),
        address: tree.file(node),
        picture: picture.map(|small| small.replace("&size=96", "&size=1024")),
    }
}

fn asking(face: &Face, token: &str, status: StatusCode, problem: Option<&'static str>) -> Response {
    respond::page(status, &Asking { face, address: link_path(token), problem }, face)
}

pub(crate) fn root(session: &Session) -> Result<&NodeRef> {
    session.link().and_then(|link| link.root().node()).ok_or(Error::NotFound)
}

/// The calendar that a link leads to.
fn calendar_of(session: &Session) -> Option<&CollectionRef> {
    match session.link()?.root() {
        LinkRoot::Calendar(calendar) => Some(calendar),
        LinkRoot::Node(_) => None,
    }
}

/// `/s/<token>...`
pub(crate) fn token_of(exchange: &Exchange) -> Result<&str> {
    exchange
        .uri()
        .path()
        .split('/')
        .nth(2)
        .filter(|token| token.bytes().all(|it| it.is_ascii_alphanumeric()))
        .ok_or(Error::NotFound)
}
