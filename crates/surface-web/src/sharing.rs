//! Sharing one file or folder: with people, groups and whole institutions, and by links. For whoever manages it.

use crate::{
    face::Face,
    form::Form,
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
use passerelle_model::{Grant, Grantee, GroupId, GroupRef, InstitutionId, LinkId, NodePath, NodeRef, Rights, Secret};
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

/// What people may be given, the least first.
const GIVEN: [(&str, Rights); 4] = [
    ("read", LinkUse::Read.rights()),
    ("upload", LinkUse::Upload.rights()),
    ("write", LinkUse::Write.rights()),
    ("manage", Rights::MANAGE),
];

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
    let Some((_, rights)) = GIVEN.into_iter().find(|(word, _)| *word == form.text("what")) else {
        return Err(Error::invalid("no such use"));
    };
    let extra = match grantee(session, &typed).await? {
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
    let to = read_grantee(form.text("to")).ok_or(Error::NotFound)?;
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
        links: links(session, face, place, &grants).await?,
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
        to: written_grantee(&grant.to)?,
        who: who(session, face, &grant.to),
        what: what(face, grant.rights),
        ends: grant.until.map(|until| listing::last_day(face.language, until)),
        over: grant.until.is_some_and(|until| until <= now),
        from,
        settled: false,
    })
}

async fn links(
    session: &Session,
    face: &Face,
    place: &Authorized<NodeRef, Manage>,
    grants: &[Granted],
) -> Result<Vec<LinkRow>> {
    let (mut rows, now) = (Vec::new(), place.now());
    for link in place.links().await? {
        let (fallen, unknown) = match place.link_stands(&link).await {
            Ok(true) => (None, false),
            Ok(false) => (Some(session.name_of(&link.made_by)), false),
            // Whoever could say of its maker is away: the other rows, and the way to remove this one, stay.
            Err(Error::Unavailable { .. }) => (None, true),
            Err(error) => return Err(error),
        };
        let its = grants.iter().find(|it| it.grant.to == Grantee::Link(link.id.clone()));
        let over = link.until.is_some_and(|until| until <= now)
            || link.most_downloads.is_some_and(|most| link.downloads >= most);
        rows.push(LinkRow {
            id: link.id.to_string(),
            label: if link.label.is_empty() { link.id.to_string() } else { link.label },
            what: its.map_or_else(|| face.say("given-nothing"), |it| what(face, it.grant.rights)),
            ends: link.until.map(|until| listing::last_day(face.language, until)),
            over,
            fallen,
            unknown,
            password: link.password.is_some(),
            downloads: link.most_downloads.map(|most| format!("{} / {most}", link.downloads)),
        });
    }
    Ok(rows)
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
    match GIVEN.iter().find(|(_, known)| *known == rights) {
        Some((word, _)) => face.say(&format!("given-{word}")),
        None => rights.names().collect::<Vec<_>>().join(", "),
    }
}

/// Who is meant; `None` when nobody is, or it cannot be told who.
async fn grantee(session: &Session, typed: &Typed) -> Result<Option<Grantee>> {
    let own = session.institution()?.id.clone();
    let at = if typed.at.is_empty() { own.clone() } else { InstitutionId::parse(&typed.at).map_err(Error::invalid)? };
    Ok(match typed.kind.as_str() {
        "person" => session.person_named(&typed.who, &at).await?.map(Grantee::Account),
        "group" => GroupId::parse(&typed.who).ok().map(|id| Grantee::Group(GroupRef { institution: at, id })),
        "everybody" => Some(Grantee::Institution(own)),
        _ => None,
    })
}

/// A grantee as a form carries it; links are handled by their ids.
fn written_grantee(to: &Grantee) -> Option<String> {
    match to {
        Grantee::Account(account) => Some(format!("person/{}/{}", account.institution, account.id)),
        Grantee::Group(group) => Some(format!("group/{}/{}", group.institution, group.id)),
        Grantee::Institution(id) => Some(format!("everybody/{id}/")),
        Grantee::Link(_) => None,
    }
}

fn read_grantee(text: &str) -> Option<Grantee> {
    let (kind, rest) = text.split_once('/')?;
    let (institution, id) = rest.split_once('/')?;
    let institution = InstitutionId::parse(institution).ok()?;
    match kind {
        "person" => {
            let id = passerelle_model::AccountId::parse(id).ok()?;
            Some(Grantee::Account(passerelle_model::Account { institution, id }))
        }
        "group" => Some(Grantee::Group(GroupRef { institution, id: GroupId::parse(id).ok()? })),
        "everybody" => Some(Grantee::Institution(institution)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::words::{LANGUAGES, say};

    #[test]
    fn grantees_come_back_as_they_went() {
        for text in ["person/garonne/u00001", "group/autan/staff", "everybody/garonne/"] {
            assert_eq!(written_grantee(&read_grantee(text).unwrap()).as_deref(), Some(text));
        }
        for text in ["", "person", "person/garonne", "link/garonne/x", "person//u1"] {
            assert!(read_grantee(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_given_has_its_words() {
        for (language, _) in LANGUAGES {
            for (word, _) in GIVEN {
                let key = format!("given-{word}");
                assert_ne!(say(language, &key, &[]), key);
            }
        }
    }
}
