//! Sharing one file or folder: with people, groups and whole institutions, and by links. For whoever manages it.

use crate::{
    face::Face,
    form::Form,
    giving::{self, KeptLink, Standing},
    home::Notice,
    listing::{self, Day, Tree},
    respond,
};
use askama::Template;
use http::StatusCode;
use passerelle_core::{
    Authorized, Error, LinkUse, Manage, NewLink, Result, SHORTEST_LINK_PASSWORD, Session,
    ports::{NodeKind, state::Granted},
};
use passerelle_model::{Grant, Grantee, LinkId, NodePath, NodeRef, Rights, Secret};
use passerelle_net::http::{Exchange, Response, link_path};

#[derive(Template)]
#[template(path = "sharing.html")]
struct Page<'a> {
    face: &'a Face,
    token: String,
    notice: Option<Notice>,
    /// The name of what is shared; empty for somebody's whole tree.
    name: String,
    /// The page of the folder that it is in, or that it is.
    back: String,
    query: String,
    /// Whether nothing is there any more.
    gone: bool,
    folder: bool,
    grants: Vec<Row>,
    institutions: Vec<Choice>,
    typed: Typed,
    offers_links: bool,
    links: Vec<LinkRow>,
    longest_days: Option<u32>,
    shortest_password: usize,
    /// The address of the link that was made just now.
    made: Option<String>,
}

/// A grant.
struct Row {
    /// The grantee as the form names it.
    to: String,
    /// ... and as people read it.
    who: String,
    what: String,
    ends: Option<Day>,
    over: bool,
    /// The page of the folder above that it is inherited from; `None` for one that hangs here.
    from: Option<String>,
    /// Whether it is the settings' own.
    settled: bool,
}

struct LinkRow {
    id: String,
    label: String,
    what: String,
    ends: Option<Day>,
    over: bool,
    /// Who made it, where it leads nowhere because they may not share this any more.
    fallen: Option<String>,
    /// Whether it leads anywhere is not known just now.
    unknown: bool,
    password: bool,
    downloads: Option<String>,
}

struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

/// What was typed, to be corrected.
#[derive(Default)]
struct Typed {
    kind: String,
    who: String,
    at: String,
}

/// What a form leaves on the page that answers it.
#[derive(Default)]
struct Extra {
    status: StatusCode,
    notice: Option<Notice>,
    typed: Typed,
    made: Option<String>,
}

/// The page.
pub(crate) async fn page(session: &Session, exchange: &Exchange, face: &Face) -> Result<Response> {
    let place = open(session, exchange.uri().query()).await?;
    shown(session, face, &place, Extra::default()).await
}

/// Gives somebody rights.
pub(crate) async fn share(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query().map(str::to_owned);
    let form = Form::read_own(exchange.body, session).await?;
    let place = open(session, query.as_deref()).await?;
    let text = |name: &str| form.text(name).trim().to_owned();
    let typed = Typed { kind: text("kind"), who: text("who"), at: text("at") };
    let refused = |typed, status, key: &str| {
        let notice = Some(Notice { good: false, text: face.say(key) });
        Extra { status, notice, typed, made: None }
    };
    let rights = giving::rights(form.text("what")).ok_or(Error::invalid("no such use"))?;
    let extra = match giving::named(session, &typed.kind, &typed.who, &typed.at).await? {
        Some(to) => match place.share(&Grant { to, rights, until: form.end_of_day("until")? }).await {
            Ok(()) => {
                let text = face.say_with("sharing-given", "name", &typed.who);
                Extra { status: StatusCode::CREATED, notice: Some(Notice { good: true, text }), ..Extra::default() }
            }
            Err(Error::Invalid { .. }) => refused(typed, StatusCode::UNPROCESSABLE_ENTITY, "sharing-nobody"),
            Err(error) => return Err(error),
        },
        None => refused(typed, StatusCode::UNPROCESSABLE_ENTITY, "sharing-nobody"),
    };
    shown(session, face, &place, extra).await
}

/// Takes a grant back.
pub(crate) async fn unshare(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query().map(str::to_owned);
    let form = Form::read_own(exchange.body, session).await?;
    let place = open(session, query.as_deref()).await?;
    let to = giving::read(form.text("to")).ok_or(Error::NotFound)?;
    if !place.unshare(&to).await? {
        return Err(Error::NotFound);
    }
    // Who took their own right to manage away sees this page no more.
    match open(session, query.as_deref()).await {
        Ok(place) => done(session, face, &place, "sharing-taken").await,
        Err(Error::NotFound | Error::Forbidden) => Ok(respond::see_other("/basic")),
        Err(error) => Err(error),
    }
}

/// Makes a link and shows its address, this once.
pub(crate) async fn make_link(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query().map(str::to_owned);
    let origin = exchange.origin().unwrap_or_default();
    let form = Form::read_own(exchange.body, session).await?;
    let place = open(session, query.as_deref()).await?;
    let most_downloads = match form.text("downloads").trim() {
        "" => None,
        number => Some(number.parse().map_err(|_| Error::invalid("this is no number of downloads"))?),
    };
    let password: Secret = form.secret("password");
    let new = NewLink {
        label: form.text("label").to_owned(),
        what: LinkUse::parse(form.text("what")).ok_or_else(|| Error::invalid("no such use"))?,
        until: form.end_of_day("until")?,
        password: (!password.expose().is_empty()).then_some(password),
        most_downloads,
    };
    let extra = match place.make_link(new).await {
        Ok(made) => {
            let address = made.token.expose_str().map(|token| format!("{origin}{}", link_path(token)));
            Extra { status: StatusCode::CREATED, made: address, ..Extra::default() }
        }
        Err(error) => {
            let (status, key) = match error {
                Error::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "link-odd"),
                Error::OverQuota => (StatusCode::CONFLICT, "link-full"),
                Error::NotFound => (StatusCode::NOT_FOUND, "sharing-gone"),
                error => return Err(error),
            };
            Extra { status, notice: Some(Notice { good: false, text: face.say(key) }), ..Extra::default() }
        }
    };
    shown(session, face, &place, extra).await
}

/// Takes a link over from whoever made it.
pub(crate) async fn take_link(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query().map(str::to_owned);
    let form = Form::read_own(exchange.body, session).await?;
    let place = open(session, query.as_deref()).await?;
    let id = LinkId::parse(form.text("id")).map_err(|_| Error::NotFound)?;
    if !place.take_link(&id).await? {
        return Err(Error::NotFound);
    }
    done(session, face, &place, "link-taken").await
}

/// Withdraws a link.
pub(crate) async fn remove_link(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let query = exchange.uri().query().map(str::to_owned);
    let form = Form::read_own(exchange.body, session).await?;
    let place = open(session, query.as_deref()).await?;
    let id = LinkId::parse(form.text("id")).map_err(|_| Error::NotFound)?;
    if !place.remove_link(&id).await? {
        return Err(Error::NotFound);
    }
    done(session, face, &place, "link-removed").await
}

async fn open(session: &Session, query: Option<&str>) -> Result<Authorized<NodeRef, Manage>> {
    session.open(listing::asked(session, query)?).await
}

async fn done(session: &Session, face: &Face, place: &Authorized<NodeRef, Manage>, key: &str) -> Result<Response> {
    let notice = Some(Notice { good: true, text: face.say(key) });
    shown(session, face, place, Extra { notice, ..Extra::default() }).await
}

async fn shown(session: &Session, face: &Face, place: &Authorized<NodeRef, Manage>, extra: Extra) -> Result<Response> {
    let Extra { status, notice, typed, made } = extra;
    let node = place.target();
    let kind = match place.stat().await {
        Ok(found) => Some(found.kind),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let now = place.now();
    let grants = place.grants().await?;
    let folder = if kind == Some(NodeKind::File) { node.path.parent() } else { Some(node.path.clone()) };
    let folder = NodeRef { path: folder.unwrap_or_else(NodePath::root), ..node.clone() };
    let links = giving::links(place, &grants, now).await?;
    let institutions = session.may_share_with()?.into_iter().map(|it| Choice {
        id: it.id.to_string(),
        name: it.name_in(face.language).to_owned(),
        chosen: typed.at == it.id.as_str(),
    });
    let page = Page {
        face,
        token: session.form_token(),
        notice,
        name: node.path.name().unwrap_or_default().to_owned(),
        back: Tree::Account(session).folder(&folder),
        query: listing::query(session, &node.owner, node.path.as_str()),
        gone: kind.is_none(),
        folder: kind == Some(NodeKind::Folder),
        grants: rows(session, face, node, &grants, now),
        institutions: institutions.collect(),
        offers_links: place.offers_links(),
        links: links.into_iter().map(|kept| link_row(session, face, kept)).collect(),
        longest_days: place.longest_link_days(),
        shortest_password: SHORTEST_LINK_PASSWORD,
        typed,
        made,
    };
    Ok(respond::page(status, &page, face))
}

/// What the settings give in a space, and what was granted here and above.
fn rows(
    session: &Session,
    face: &Face,
    node: &NodeRef,
    granted: &[Granted],
    now: passerelle_model::Timestamp,
) -> Vec<Row> {
    let settled = session.settled_on(node).into_iter().filter_map(|grant| {
        let row = row(session, face, node, &Granted { target: node.target(), grant }, now)?;
        Some(Row { settled: true, ..row })
    });
    settled.chain(granted.iter().filter_map(|granted| row(session, face, node, granted, now))).collect()
}

fn row(
    session: &Session,
    face: &Face,
    node: &NodeRef,
    granted: &Granted,
    now: passerelle_model::Timestamp,
) -> Option<Row> {
    let Granted { target, grant } = granted;
    let from = (target.path != node.path.as_str())
        .then(|| NodePath::parse(&target.path).ok())
        .flatten()
        .map(|path| listing::sharing(session, &NodeRef { path, ..node.clone() }));
    Some(Row {
        to: giving::written(&grant.to)?,
        who: who(session, face, &grant.to),
        what: what(face, grant.rights),
        ends: grant.until.map(|until| listing::last_day(face.language, until)),
        over: grant.until.is_some_and(|until| until <= now),
        from,
        settled: false,
    })
}

fn link_row(session: &Session, face: &Face, kept: KeptLink) -> LinkRow {
    let KeptLink { link, rights, is_over, standing } = kept;
    LinkRow {
        id: link.id.to_string(),
        label: if link.label.is_empty() { link.id.to_string() } else { link.label },
        what: rights.map_or_else(|| face.say("given-nothing"), |rights| what(face, rights)),
        ends: link.until.map(|until| listing::last_day(face.language, until)),
        over: is_over,
        fallen: (standing == Standing::Fallen).then(|| session.name_of(&link.made_by)),
        unknown: standing == Standing::Unknown,
        password: link.password.is_some(),
        downloads: link.most_downloads.map(|most| format!("{} / {most}", link.downloads)),
    }
}

/// A grantee as people read it; a link has a table of its own.
pub(crate) fn who(session: &Session, face: &Face, to: &Grantee) -> String {
    match to {
        Grantee::Account(account) => session.name_of(account),
        Grantee::Group(group) => {
            let own = session.institution().is_ok_and(|own| own.id == group.institution);
            let name = if own { group.id.to_string() } else { format!("{} ({})", group.id, group.institution) };
            face.say_with("sharing-group-of", "name", &name)
        }
        Grantee::Institution(_) => face.say("sharing-everybody"),
        Grantee::Link(link) => link.to_string(),
    }
}

/// Rights in words.
pub(crate) fn what(face: &Face, rights: Rights) -> String {
    match giving::word(rights) {
        Some(word) => face.say(&format!("given-{word}")),
        None => rights.names().collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::words::{LANGUAGES, say};

    #[test]
    fn what_is_given_has_its_words() {
        for (language, _) in LANGUAGES {
            for (word, _) in giving::GIVEN {
                let key = format!("given-{word}");
                assert_ne!(say(language, &key, &[]), key);
            }
        }
    }
}
