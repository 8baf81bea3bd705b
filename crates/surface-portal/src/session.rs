//! `POST /portal/session`: a ticket or a token is changed for a bearer. The address is a CAS service too, so the CAS server tells
//! log-outs there (CAS appendix C).

use crate::{NAME, asker::Place, causes, reply};
use http::{StatusCode, header::CONTENT_TYPE};
use passerelle_core::{
    Arrival, Door, Error, Failing, PORTAL_SESSION, PortalSession, PortalVisit,
    ports::{Headers, Parameters},
};
use passerelle_model::Secret;
use passerelle_net::http::{Exchange, RequestBody, Response, read_whole};
use passerelle_observe::{LoginAccepted, LoginRefused, emit};
use serde_json::{Map, Value, json};
use std::{net::IpAddr, time::Duration};
use tokio::{sync::Semaphore, time::timeout};

/// Largest body, in octets.
const LARGEST_BODY: usize = 64 * 1024;
/// How long somebody waits for their turn to have a ticket checked.
const WAITS: Duration = Duration::from_secs(5);
/// The fields, and the kinds of provider that vouch for what is in them.
const FIELDS: [(&str, &str); 2] = [("ticket", "cas"), ("jwt", "jwt")];
/// The field in which a CAS server tells a log-out.
const LOGGED_OUT: &str = "logoutRequest";

/// What came.
enum Came {
    /// A ticket or token, and who vouches for it.
    Word(&'static str, Secret),
    /// A notice of a log-out.
    Notice { fields: Vec<(String, String)>, body: Vec<u8> },
}

pub(crate) async fn change(door: &Door, exchanges: &Semaphore, exchange: Exchange, place: &Place) -> Response {
    let (host, address) = (exchange.host().unwrap_or_default().to_owned(), exchange.peer.ip());
    if !exchange.may_log_in {
        return causes::refused(&Failing::of_sign_on(Error::Forbidden), place);
    }
    let kind = exchange.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let came = match read(&kind, exchange.body).await {
        Ok(came) => came,
        Err(error) => return causes::refused(&Failing::of_sign_on(error), place),
    };
    let (kind, credential) = match came {
        Came::Word(kind, credential) => (kind, credential),
        Came::Notice { fields, body } => return told(door, place, &host, address, fields, &body).await,
    };
    let Ok(Ok(_turn)) = timeout(WAITS, exchanges.acquire()).await else {
        let busy = Error::unavailable("portal", "waiting for a turn", "too many tickets are being checked");
        return causes::refused(&Failing::of_gateway(busy), place);
    };
    let visit = PortalVisit { origin: &place.origin, host: &host, kind, credential: &credential };
    let entered = door.enter_portal(&visit).await;
    match entered.and_then(|session| answer(&session, place).map(|it| (session, it)).map_err(Failing::of_gateway)) {
        Ok((session, response)) => {
            if let Ok(institution) = session.institution() {
                emit(LoginAccepted { institution: &institution.id, surface: NAME, address });
            }
            response
        }
        Err(failing) => {
            let reason = causes::code(&failing.error);
            emit(LoginRefused { surface: NAME, address, reason });
            // Tickets and signatures are not guessed: nothing is gained by answering late.
            causes::refused(&failing, place)
        }
    }
}

/// The names are those of RFC 6749 §5.1, which portals' libraries know.
fn answer(session: &PortalSession, place: &Place) -> passerelle_core::Result<Response> {
    let account = session.account()?;
    let body = json!({
        "access_token": session.seal()?,
        "token_type": "Bearer",
        "expires_in": PORTAL_SESSION,
        "institution": account.institution.as_str(),
        "login": account.id.as_str(),
    });
    Ok(reply::json(StatusCode::OK, &body, place))
}

async fn read(kind: &str, body: RequestBody) -> passerelle_core::Result<Came> {
    let body = read_whole(body, LARGEST_BODY).await.map_err(|_| Error::invalid("the body is too large or broken"))?;
    let fields: Vec<(String, String)> = match kind.split(';').next().unwrap_or_default().trim() {
        "application/json" => {
            let members: Map<String, Value> =
                serde_json::from_slice(&body).map_err(|_| Error::invalid("the body is no JSON object"))?;
            let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
            members.into_iter().filter_map(text).collect()
        }
        "application/x-www-form-urlencoded" => {
            form_urlencoded::parse(&body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
        }
        // As some servers send a notice: the document itself.
        _ if body.starts_with(b"<") => return Ok(Came::Notice { fields: Vec::new(), body: body.to_vec() }),
        _ => return Err(Error::invalid("a form or a JSON object is awaited")),
    };
    if fields.iter().any(|(name, _)| name == LOGGED_OUT) {
        return Ok(Came::Notice { fields, body: body.to_vec() });
    }
    let mut words = fields.iter().filter_map(|(name, value)| {
        let (_, kind) = FIELDS.into_iter().find(|(known, _)| known == name)?;
        Some(Came::Word(kind, Secret::new(value.as_bytes())))
    });
    match (words.next(), words.next()) {
        (Some(word), None) => Ok(word),
        _ => Err(Error::invalid("one of ticket and jwt is needed")),
    }
}

/// A CAS server tells that a sign-on has ended. Whether it may, its adapter judges by where the call came from.
async fn told(
    door: &Door,
    place: &Place,
    host: &str,
    peer: IpAddr,
    fields: Vec<(String, String)>,
    body: &[u8],
) -> Response {
    let realm = door.ways_in(Some(host)).map(|ways| ways.realm.to_string()).unwrap_or_default();
    let arrival = Arrival {
        origin: &place.origin,
        host,
        kind: "cas",
        realm: &realm,
        step: "callback",
        is_post: true,
        query: Parameters::default(),
        raw_query: "",
        form: Parameters::new(fields),
        body,
        headers: &NoHeaders,
        peer,
        cookie: &|_| None,
    };
    match door.sign_on(&arrival).await {
        Ok(_) => reply::plain(StatusCode::OK, ""),
        Err(error) => causes::refused(&Failing::of_sign_on(error), place),
    }
}

/// A notice is judged by its body and by where it came from.
#[derive(Debug)]
struct NoHeaders;

impl Headers for NoHeaders {
    fn single(&self, _name: &str) -> Option<&str> {
        None
    }
}
