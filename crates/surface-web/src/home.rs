//! The home page: who you are, what is new, your files, your app passwords.

use crate::{
    face::Face,
    listing::{self, Folder},
    respond,
};
use askama::Template;
use http::StatusCode;
use passerelle_core::{
    Error, Manage, Read, Result, Session,
    ports::state::{AppPassword, Granted, Scope},
};
use passerelle_model::{Account, AccountRef, MailboxRef, Person, Secret};
use passerelle_net::http::Response;

/// What a form adds to the page that answers it.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    pub(crate) notice: Option<Notice>,
    pub(crate) made: Option<(String, Secret)>,
    pub(crate) status: StatusCode,
}

/// A line about what was just done.
#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) good: bool,
    pub(crate) text: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'a> {
    face: &'a Face,
    person: &'a Person,
    token: String,
    notice: Option<Notice>,
    mail: String,
    files: Folder,
    shared: Vec<Shared>,
    app_passwords: Vec<Row>,
    made: Option<Made<'a>>,
}

struct Shared {
    name: String,
    link: String,
}

struct Row {
    id: String,
    name: String,
    scope: &'static str,
    used: String,
}

struct Made<'a> {
    name: &'a String,
    text: &'a str,
}

/// Renders the page. A back-end that is down is told in its own card; the others stand.
pub(crate) async fn page(session: &Session, face: &Face, query: Option<&str>, extra: Extra) -> Result<Response> {
    let principal = session.principal()?;
    let account = principal.account();
    let own = session.open::<_, Manage>(AccountRef(account.clone())).await?;
    let files = match listing::asked(session, query) {
        Ok(node) => listing::read(session, node, &face.say("entry-folder")).await?,
        // An institution without files still has a home page; a folder that is not there is missing.
        Err(Error::NotFound) if session.home_of(account).is_none() => {
            Folder { own: true, problem: Some("files-none"), ..Folder::default() }
        }
        Err(error) => return Err(error),
    };
    let Extra { notice, made, status } = extra;
    let page = Page {
        face,
        person: principal.person(),
        token: session.form_token(),
        notice,
        mail: mail(session, face, account).await?,
        files,
        shared: session.shared_with_me().await?.iter().filter_map(|granted| shared(session, granted)).collect(),
        app_passwords: own.app_passwords().await?.into_iter().map(|row| self::row(face, row)).collect(),
        made: made.as_ref().and_then(|(name, text)| text.expose_str().map(|text| Made { name, text })),
    };
    Ok(respond::page(status, &page, face))
}

/// The unread count, or why there is none: a count that cannot be had is never 0.
async fn mail(session: &Session, face: &Face, account: &Account) -> Result<String> {
    let inbox = MailboxRef { owner: account.clone(), name: "INBOX".to_owned() };
    let counted = async { session.open::<_, Read>(inbox).await?.status().await };
    match counted.await {
        Ok(status) => Ok(face.say_number("unread", status.unseen)),
        Err(Error::Unsupported { .. }) => Ok(face.say("mail-none")),
        Err(error @ (Error::Unavailable { .. } | Error::NotFound | Error::Invalid { .. })) => {
            passerelle_observe::emit(passerelle_observe::BackendFault {
                surface: crate::NAME,
                chain: &error.chain(),
                request: "",
            });
            Ok(face.say("mail-unavailable"))
        }
        Err(error) => Err(error),
    }
}

fn shared(session: &Session, granted: &Granted) -> Option<Shared> {
    let target = &granted.target;
    let owner = Account { institution: target.institution.clone(), id: target.owner.clone()? };
    let name = if target.path.is_empty() {
        session.name_of(&owner)
    } else {
        format!("{} – {}", target.path, session.name_of(&owner))
    };
    Some(Shared { name, link: format!("/?{}", listing::query(session, &owner, &target.path)) })
}

fn row(face: &Face, row: AppPassword) -> Row {
    let used = row.last_used.map_or_else(|| face.say("used-never"), listing::day_of);
    let scope = match row.scope {
        Scope::All => "scope-all",
        Scope::Mail => "scope-mail",
        Scope::Files => "scope-files",
    };
    Row { id: row.id, name: row.name, scope, used }
}
