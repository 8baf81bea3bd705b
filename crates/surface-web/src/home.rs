//! The home page: who you are, what is new, your files, your app passwords.

use crate::{
    admin,
    face::Face,
    listing::{self, Folder, Tree},
    respond,
};
use askama::Template;
use http::StatusCode;
use passerelle_core::{
    Error, Manage, Read, Result, Session, Tool,
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
    initials: String,
    mail: Mail,
    files: Folder,
    tools: Shown,
    administers: bool,
    external: bool,
    spaces: Vec<Shared>,
    shared: Vec<Shared>,
    app_passwords: Vec<Row>,
    made: Option<Made<'a>>,
}

/// The tools that the person's institution gives; of the others nothing is shown.
struct Shown {
    mail: bool,
    files: bool,
    app_passwords: bool,
}

/// What is new in the mail.
struct Mail {
    text: String,
    unread: bool,
}

struct Shared {
    name: String,
    owner: String,
    link: String,
}

struct Row {
    id: String,
    name: String,
    scope: &'static str,
    used: Used,
    ends: Option<listing::Day>,
}

struct Used {
    iso: Option<String>,
    text: String,
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
        Ok(node) => listing::read(session, Tree::Account(session), node, face).await?,
        // An institution without files still has a home page; a folder that is not there is missing.
        Err(Error::NotFound) if session.home_of(account).is_none() => {
            Folder { own: true, absent: true, ..Folder::default() }
        }
        Err(error) => return Err(error),
    };
    let Extra { notice, made, status } = extra;
    let tools = &session.institution()?.tools;
    let page = Page {
        face,
        person: principal.person(),
        initials: initials(&principal.person().display_name),
        token: session.form_token(),
        notice,
        mail: mail(session, face, account).await?,
        files,
        administers: admin::administers(session).await,
        external: own.offers_external(),
        tools: Shown {
            mail: tools.has(Tool::Mail),
            files: tools.has(Tool::Files),
            app_passwords: tools.has(Tool::AppPasswords),
        },
        spaces: session.spaces().await?.iter().map(|owner| space(session, face, owner)).collect(),
        shared: session.shared_with_me().await?.iter().filter_map(|granted| shared(session, face, granted)).collect(),
        app_passwords: own.app_passwords().await?.into_iter().map(|row| self::row(face, row)).collect(),
        made: made.as_ref().and_then(|(name, text)| text.expose_str().map(|text| Made { name, text })),
    };
    Ok(respond::page(status, &page, face))
}

/// The unread count, or why there is none: a count that cannot be had is never 0.
async fn mail(session: &Session, face: &Face, account: &Account) -> Result<Mail> {
    let inbox = MailboxRef { owner: account.clone(), name: "INBOX".to_owned() };
    let counted = async { session.open::<_, Read>(inbox).await?.status().await };
    let quiet = |key| Mail { text: face.say(key), unread: false };
    match counted.await {
        Ok(status) => Ok(Mail { text: face.say_number("unread", status.unseen), unread: status.unseen > 0 }),
        Err(Error::Unsupported { .. }) => Ok(quiet("mail-none")),
        Err(error @ (Error::Unavailable { .. } | Error::NotFound | Error::Invalid { .. })) => {
            passerelle_observe::emit(passerelle_observe::BackendFault {
                surface: crate::NAME,
                chain: &error.chain(),
                request: "",
            });
            Ok(quiet("mail-unavailable"))
        }
        Err(error) => Err(error),
    }
}

fn shared(session: &Session, face: &Face, granted: &Granted) -> Option<Shared> {
    let target = &granted.target;
    let account = Account { institution: target.institution.clone(), id: target.owner.clone()? };
    let owner = listing::owner(session, face, &account);
    let name = match target.path.rsplit('/').next().filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => face.say("files"),
    };
    Some(Shared { name, owner, link: format!("/basic?{}", listing::query(session, &account, &target.path)) })
}

fn space(session: &Session, face: &Face, owner: &Account) -> Shared {
    let link = format!("/basic?{}", listing::query(session, owner, ""));
    Shared { name: listing::owner(session, face, owner), owner: String::new(), link }
}

/// The first letters of the first and the last word of a name, for the round beside it.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    words.next().into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

fn row(face: &Face, row: AppPassword) -> Row {
    let used = match row.last_used {
        Some(at) => {
            let day = listing::day_of(face.language, at);
            Used { iso: Some(day.iso), text: day.text }
        }
        None => Used { iso: None, text: face.say("used-never") },
    };
    let scope = match row.scope {
        Scope::All => "scope-all",
        Scope::Mail => "scope-mail",
        Scope::Files => "scope-files",
        Scope::AllReading => "scope-all-reading",
        Scope::MailReading => "scope-mail-reading",
        Scope::FilesReading => "scope-files-reading",
    };
    let ends = row.until.map(|until| listing::last_day(face.language, until));
    Row { id: row.id, name: row.name, scope, used, ends }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_names() {
        for (name, expected) in [
            ("Noël Ivanov", "NI"),
            ("Inès Ó-Briain", "IÓ"),
            ("ada", "A"),
            ("Jean de la Tour", "JT"),
            ("", ""),
            ("(x) 陳", "X陳"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
