//! The small JSON of the office (RFC 8259): who somebody is, what is given to whom, app passwords, accounts elsewhere, search.
//! What there is a protocol for goes by that: mail by JMAP, files by WebDAV. `docs/WEB-API.md` describes each address.
//!
//! Only the cookie of the office's own page signs it; what changes something is asked for from the same Origin with
//! `application/json`, which no form can send. What goes wrong is a problem document (RFC 9457), by one table.

pub(crate) mod admin;
mod app_passwords;
mod archive;
mod backup;
mod backup_readme;
mod calendar_links;
mod elsewhere;
mod exchange;
mod external_mail;
mod links;
mod looks;
mod mbox;
mod me;
mod packing;
mod people;
mod problem;
mod search;
mod sessions;
mod shared;
mod shares;

pub(crate) use packing::Archives;

use crate::{Web, face::Face, listing};
use http::{
    HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, VARY},
};
use passerelle_core::{Errand, Error, Session};
use passerelle_model::{CollectionFamily, NodeRef, Secret, Timestamp};
use passerelle_net::http::{CookieWrites, Exchange, Response, Unread, body_of, read_whole, set_media_headers};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use problem::Refused;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use std::sync::Arc;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// `attr-char` (RFC 8187 §3.2.1).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Largest body, in octets.
const LARGEST: usize = 16 * 1024;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Me,
    People,
    Shares,
    Share,
    Unshare,
    MakeLink,
    TakeLink,
    RemoveLink,
    SharedByMe,
    SharedWithMe,
    Search,
    Archive,
    Mbox,
    Backup,
    /// A collection as a file.
    Export(CollectionFamily),
    /// A file into a collection.
    Import(CollectionFamily),
    CalendarLinks,
    MakeCalendarLink,
    TakeCalendarLink,
    RemoveCalendarLink,
    /// The calendars that somebody has from elsewhere.
    Elsewhere,
    Subscribe,
    ShowElsewhere,
    AppPasswords,
    MakeAppPassword,
    RemoveAppPassword,
    RemoveAppPasswords,
    EndSessions,
    Looks,
    ExternalMail,
    AddExternalMail,
    RenewExternalMail,
    RemoveExternalMail,
    /// The console of administrators.
    Admin(admin::Operation),
}

/// A call.
struct Call<'w> {
    web: &'w Web,
    session: Session,
    /// The look and language of who calls.
    face: Face,
    exchange: Exchange,
}

type Answer<T = Response> = Result<T, Refused>;

/// Answers a call, or says why not.
pub(crate) async fn answer(web: &Web, exchange: Exchange, face: &Face, operation: Operation) -> Response {
    let id = Arc::clone(&exchange.id);
    match called(web, exchange, face, operation).await {
        Ok(response) => strict(response),
        Err(refused) => strict(problem::response(face, &id, &refused)),
    }
}

async fn called(web: &Web, exchange: Exchange, face: &Face, operation: Operation) -> Answer {
    // A password in a header is for programs, which have protocols of their own.
    if exchange.headers().contains_key(AUTHORIZATION) {
        return Err(Error::Unauthenticated.into());
    }
    let session = exchange.session(&web.door, Errand::Web, CookieWrites::SameOrigin).await?;
    let is_meant = match operation {
        Operation::Import(_) => exchange::is_file(&exchange),
        _ => is_json(&exchange),
    };
    if exchange.method() == Method::POST && !is_meant {
        return Err(Refused::OtherKind);
    }
    let face = face.of_session(&session).unwrap_or_else(|_| face.clone());
    let call = Call { web, session, face, exchange };
    match operation {
        Operation::Me => me::me(&call).await,
        Operation::People => people::find(&call).await,
        Operation::Shares => shares::list(&call).await,
        Operation::Share => shares::share(call).await,
        Operation::Unshare => shares::unshare(call).await,
        Operation::MakeLink => links::make(call).await,
        Operation::TakeLink => links::take(call).await,
        Operation::RemoveLink => links::remove(call).await,
        Operation::SharedByMe => shared::by_me(&call).await,
        Operation::SharedWithMe => shared::with_me(&call).await,
        Operation::Search => search::search(&call).await,
        Operation::Archive => archive::archive(call).await,
        Operation::Mbox => mbox::mbox(call).await,
        Operation::Backup => backup::backup(call).await,
        Operation::Export(family) => exchange::export(call, family).await,
        Operation::Import(family) => exchange::import(call, family).await,
        Operation::CalendarLinks => calendar_links::list(&call).await,
        Operation::MakeCalendarLink => calendar_links::make(call).await,
        Operation::TakeCalendarLink => calendar_links::take(call).await,
        Operation::RemoveCalendarLink => calendar_links::remove(call).await,
        Operation::Elsewhere => elsewhere::list(&call).await,
        Operation::Subscribe => elsewhere::subscribe(call).await,
        Operation::ShowElsewhere => elsewhere::show(call).await,
        Operation::AppPasswords => app_passwords::list(&call).await,
        Operation::MakeAppPassword => app_passwords::make(call).await,
        Operation::RemoveAppPassword => app_passwords::remove(call).await,
        Operation::RemoveAppPasswords => app_passwords::remove_all(call).await,
        Operation::EndSessions => sessions::end(call).await,
        Operation::Looks => looks::keep(call).await,
        Operation::ExternalMail => external_mail::list(&call).await,
        Operation::AddExternalMail => external_mail::add(call).await,
        Operation::RenewExternalMail => external_mail::renew(call).await,
        Operation::RemoveExternalMail => external_mail::remove(call).await,
        Operation::Admin(operation) => admin::answer(call, operation).await,
    }
}

impl Call<'_> {
    /// A parameter of the address; empty when it is missing.
    fn parameter(&self, wanted: &str) -> String {
        let query = self.exchange.uri().query().unwrap_or_default();
        let mut fields = form_urlencoded::parse(query.as_bytes());
        fields.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// The place that the parameters `owner` and `path` name.
    fn place(&self) -> Answer<NodeRef> {
        Ok(listing::place(&self.session, &self.parameter("owner"), &self.parameter("path"))?)
    }

    /// What the body says. What it asks for of other members than there are, is refused: it would be passed over in silence.
    async fn body<T: DeserializeOwned>(&mut self) -> Answer<T> {
        self.body_of(LARGEST).await
    }

    /// The same of a body with at most so many octets.
    async fn body_of<T: DeserializeOwned>(&mut self, most: usize) -> Answer<T> {
        let body = read_whole(self.exchange.body.take(), most).await.map_err(|unread| match unread {
            Unread::TooLarge => Refused::Gate(Error::TooLarge { most: u64::try_from(most).unwrap_or(u64::MAX) }),
            Unread::Gone => Refused::Unread,
        })?;
        // What serde says may quote what was sent, and that may be a password.
        serde_json::from_slice(&body).map_err(|_| Refused::Unread)
    }
}

/// A place in a body.
#[derive(Deserialize)]
struct At {
    #[serde(default)]
    owner: String,
    path: String,
}

impl At {
    fn place(&self, session: &Session) -> Answer<NodeRef> {
        Ok(listing::place(session, &self.owner, &self.path)?)
    }
}

/// A password in a body.
struct Password(Secret);

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Secret::new(text)))
    }
}

/// The end of a day that a body names (`2026-11-27`), in UTC.
fn end_of(day: Option<&str>) -> Answer<Option<Timestamp>> {
    match day {
        None | Some("") => Ok(None),
        Some(day) => Ok(Some(crate::form::end_of(day).ok_or(Error::invalid("the end is no day"))?)),
    }
}

/// A moment (RFC 3339).
fn moment(at: Timestamp) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at.0).ok()?.format(&Rfc3339).ok()
}

fn is_json(exchange: &Exchange) -> bool {
    let kind = exchange.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// A document.
fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = http::Response::new(body_of(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What is sent is kept as a file of this name and kind, and never shown as a page of ours.
fn attached(response: &mut Response, name: &str, kind: HeaderValue) {
    let headers = response.headers_mut();
    set_media_headers(headers, name);
    headers.insert(CONTENT_TYPE, kind);
    // The name in the extended form, for browsers (RFC 6266 §4.3).
    let shown = format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(name, ATTRIBUTE));
    if let Ok(shown) = HeaderValue::from_str(&shown) {
        headers.insert(CONTENT_DISPOSITION, shown);
    }
}

/// Done, and nothing to tell.
fn done() -> Answer {
    let mut response = http::Response::new(passerelle_net::http::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

/// It is one person's, and no page.
fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    headers.insert(
        http::header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    response
}
