//! A person's mail accounts elsewhere: added once they were tried, given another password, removed. No password is ever
//! shown again.

use crate::{face::Face, form::Form, home::Notice, respond};
use askama::Template;
use http::StatusCode;
use passerelle_core::{
    Authorized, Error, ExternalRefused, Manage, Result, Session,
    ports::{ExternalProtocol, ExternalServer, ExternalTls, state::ExternalAccount},
};
use passerelle_model::{AccountRef, ExternalId};
use passerelle_net::http::{Exchange, Response};

#[derive(Template)]
#[template(path = "external_mail.html")]
struct Page<'a> {
    face: &'a Face,
    token: String,
    notice: Option<Notice>,
    rows: Vec<Row>,
    typed: Typed,
    takes_clear: bool,
}

struct Row {
    id: String,
    label: String,
    /// `login at host:port`, and what is spoken where that is not IMAP.
    place: String,
    state: String,
}

/// What was typed, to be corrected; never a password.
struct Typed {
    label: String,
    protocol: &'static str,
    host: String,
    port: String,
    tls: &'static str,
    login: String,
}

impl Default for Typed {
    fn default() -> Self {
        let nothing = String::new;
        Self {
            label: nothing(),
            protocol: "imap",
            host: nothing(),
            port: "993".to_owned(),
            tls: "implicit",
            login: nothing(),
        }
    }
}

/// The page.
pub(crate) async fn page(session: &Session, face: &Face) -> Result<Response> {
    let own = own(session).await?;
    shown(session, face, &own, StatusCode::OK, None, Typed::default()).await
}

/// Adds one, once its server has let us in.
pub(crate) async fn add(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    let own = own(session).await?;
    let text = |name: &str| form.text(name).trim().to_owned();
    let typed = Typed {
        label: text("label"),
        protocol: ExternalProtocol::parse(form.text("protocol")).unwrap_or_default().as_str(),
        host: text("host"),
        port: text("port"),
        tls: ExternalTls::parse(form.text("tls")).map_or("implicit", ExternalTls::as_str),
        login: text("login"),
    };
    let added = async {
        let port = typed.port.parse().map_err(|_| Error::invalid("this is no port"))?;
        let server = server(&typed.host, port, form.text("tls"), typed.protocol, &typed.login)?;
        own.add_external(&typed.label, server, &form.secret("password")).await
    };
    match added.await {
        Ok(row) => {
            let text = face.say_with("external-mail-added", "name", &row.label);
            let notice = Some(Notice { good: true, text });
            shown(session, face, &own, StatusCode::CREATED, notice, Typed::default()).await
        }
        Err(refused) => {
            let (status, text) = told(face, refused)?;
            shown(session, face, &own, status, Some(Notice { good: false, text }), typed).await
        }
    }
}

/// Gives one another password.
pub(crate) async fn renew(session: &Session, exchange: Exchange, face: &Face) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    let own = own(session).await?;
    let id = ExternalId::parse(form.text("id")).map_err(|_| Error::NotFound)?;
    let (status, notice) = match own.renew_external(&id, &form.secret("password")).await {
        Ok(()) => (StatusCode::OK, Notice { good: true, text: face.say("external-mail-renewed") }),
        Err(refused) => {
            let (status, text) = told(face, refused)?;
            (status, Notice { good: false, text })
        }
    };
    shown(session, face, &own, status, Some(notice), Typed::default()).await
}

/// Removes one.
pub(crate) async fn remove(session: &Session, exchange: Exchange) -> Result<Response> {
    let form = Form::read_own(exchange.body, session).await?;
    let own = own(session).await?;
    let id = ExternalId::parse(form.text("id")).map_err(|_| Error::NotFound)?;
    if own.remove_external(&id).await? { Ok(respond::see_other("/external-mail")) } else { Err(Error::NotFound) }
}

/// The server that is meant by words for how its connections are protected and what it speaks, which is IMAP where nothing
/// known is said.
pub(crate) fn server(host: &str, port: u16, tls: &str, protocol: &str, login: &str) -> Result<ExternalServer> {
    let tls = ExternalTls::parse(tls).ok_or_else(|| Error::invalid("no such protection"))?;
    let server = ExternalServer::parse(host, port, tls, login)?;
    Ok(server.speaking(ExternalProtocol::parse(protocol).unwrap_or_default()))
}

/// One's own account, where the institution offers this; where it does not, there is no such page.
pub(crate) async fn own(session: &Session) -> Result<Authorized<AccountRef, Manage>> {
    let own = session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?;
    if own.offers_external() { Ok(own) } else { Err(Error::NotFound) }
}

/// What the person hears of a refusal that they can do something about.
fn told(face: &Face, refused: ExternalRefused) -> Result<(StatusCode, String)> {
    match refused {
        ExternalRefused::Server(fault) => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, face.say(&format!("external-fault-{fault}"))))
        }
        ExternalRefused::Gate(Error::Conflict) => Ok((StatusCode::CONFLICT, face.say("external-mail-taken"))),
        ExternalRefused::Gate(Error::OverQuota) => Ok((StatusCode::CONFLICT, face.say("external-mail-full"))),
        ExternalRefused::Gate(Error::Invalid { what }) => {
            Ok((StatusCode::BAD_REQUEST, face.say_with("external-mail-odd", "name", &what)))
        }
        ExternalRefused::Gate(error) => Err(error),
    }
}

async fn shown(
    session: &Session,
    face: &Face,
    own: &Authorized<AccountRef, Manage>,
    status: StatusCode,
    notice: Option<Notice>,
    typed: Typed,
) -> Result<Response> {
    let rows = own.external_accounts().await?.iter().map(|account| row(face, account)).collect();
    let takes_clear = own.external_takes_clear();
    let page = Page { face, token: session.form_token(), notice, rows, typed, takes_clear };
    Ok(respond::page(status, &page, face))
}

fn row(face: &Face, account: &ExternalAccount) -> Row {
    let server = &account.server;
    let state = match account.fault {
        Some((fault, _)) => face.say(&format!("external-fault-{fault}")),
        None => face.say("external-mail-works"),
    };
    Row {
        id: account.id.to_string(),
        label: account.label.clone(),
        place: match server.protocol() {
            ExternalProtocol::Imap => format!("{} @ {}:{}", server.login(), server.host(), server.port()),
            ExternalProtocol::Pop3 => format!("{} @ {}:{} (POP3)", server.login(), server.host(), server.port()),
        },
        state,
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{LANGUAGES, say};
    use passerelle_core::ports::ExternalFault;

    #[test]
    fn every_fault_has_its_words() {
        for (language, _) in LANGUAGES {
            for fault in ExternalFault::ALL {
                let key = format!("external-fault-{fault}");
                assert_ne!(say(language, &key, &[]), key);
            }
        }
    }
}
