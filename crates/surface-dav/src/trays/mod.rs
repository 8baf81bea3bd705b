//! The inbox and the outbox of scheduling (RFC 6638 §2): `/dav/scheduling/<account>/inbox/` and `/dav/scheduling/<account>/outbox/`.
//!
//! The inbox is always empty: what comes goes into a calendar at once, and a copy of it would have to be kept by somebody. It is there
//! because clients look for it before they trust a server with invitations. To the outbox goes a question for busy times. Both are
//! their owner's alone.

mod busy;
mod choice;
mod tray;

pub(crate) use tray::{At, Tray};

use crate::{
    Body,
    call::{Call, Depth},
    error::{Answer, Refusal},
    method::{
        propfind::{asked, collection, multistatus, named, plain_setting, shows_itself, whole},
        xml,
    },
    props::{Ask, Kind, Setting, Thing, response},
    xml::{CALDAV, Writer},
};
use http::StatusCode;
use passerelle_core::{Error, Lookup};
use passerelle_model::{Account, CollectionFamily, InboxRef, Rights};
use passerelle_net::http::body_of;

/// Sends a request about trays to its method.
pub(crate) async fn answer(call: Call, at: At, body: &mut Body) -> Answer {
    if call.conditions.lists.is_some() {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    if at == At::Homes && call.method == "PROPFIND" {
        let (ask, inside) = (asked(body).await?, listed(&call)?);
        let names: Vec<String> = call.me().map(|me| call.session.name_of(me)).into_iter().collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        return named(&call, &ask, inside, &at.href(), &names);
    }
    let owner = owner(&call, &at)?;
    match (call.method.as_str(), &at) {
        ("PROPFIND", _) => propfind(&call, &at, &owner, body).await,
        ("POST", At::Tray { tray: Tray::Outbox, .. }) => busy::post(&call, body).await,
        ("REPORT", At::Tray { tray: Tray::Inbox, .. }) => report(body).await,
        ("PROPPATCH", At::Tray { tray: Tray::Inbox, .. }) => choice::proppatch(&call, &at, &owner, body).await,
        _ => Err(Refusal::Method),
    }
}

/// Whose it is: whoever asks, where they have calendars. Of others there is nothing.
fn owner(call: &Call, at: &At) -> Answer<Account> {
    let (At::Home { account } | At::Tray { account, .. }) = at else { return Err(Refusal::Method) };
    let owner = call.session.account_named(account).filter(|it| Some(it) == call.me()).ok_or(Error::NotFound)?;
    let has = call.session.has_collections(&owner, CollectionFamily::Calendars);
    if has { Ok(owner) } else { Err(Error::NotFound.into()) }
}

/// Whether what is inside is told as well.
fn listed(call: &Call) -> Answer<bool> {
    match call.depth(Depth::Infinity)? {
        Depth::Infinity => Err(Refusal::Condition(StatusCode::FORBIDDEN, "propfind-finite-depth")),
        depth => Ok(depth == Depth::One),
    }
}

async fn propfind(call: &Call, at: &At, owner: &Account, body: &mut Body) -> Answer {
    let inside = listed(call)?;
    let ask = asked(body).await?;
    let (mut xml, href) = (Writer::begin("D:multistatus"), at.href());
    let setting = Setting { rights: Rights::READ, ..plain_setting(call, Some(owner)) };
    match at {
        At::Tray { tray, .. } => {
            // There is nothing in it that could be told beside it.
            if shows_itself(&setting, inside) {
                told(call, &mut xml, (&href, None), *tray, owner, &ask, &setting).await?;
            }
        }
        At::Homes | At::Home { .. } => {
            if shows_itself(&setting, inside) {
                collection(&mut xml, &href, None, "scheduling", &ask, &setting);
            }
            for tray in Tray::ALL.into_iter().filter(|_| inside) {
                told(call, &mut xml, (&href, Some(tray.as_str())), tray, owner, &ask, &setting).await?;
            }
        }
    }
    Ok(whole(xml))
}

/// Tells of a tray, and of the inbox where invitations go.
async fn told(
    call: &Call,
    xml: &mut Writer,
    (folder, name): (&str, Option<&str>),
    tray: Tray,
    owner: &Account,
    ask: &Ask,
    setting: &Setting,
) -> Answer<()> {
    let default = if tray == Tray::Inbox && ask.needs_default_calendar() {
        let inbox = call.session.open::<_, Lookup>(InboxRef(owner.clone())).await?;
        inbox.default_calendar().await?
    } else {
        None
    };
    let account = call.session.name_of(owner);
    let default = default.map(|at| {
        let (family, name) = (CollectionFamily::Calendars, at.name().to_owned());
        crate::collections::At::Collection { family, account, name }.href()
    });
    let kind = match tray {
        Tray::Inbox => Kind::Inbox,
        Tray::Outbox => Kind::Outbox,
    };
    let thing = Thing { kind, default_calendar: default.as_deref(), ..Thing::collection(tray.as_str()) };
    response(xml, folder, name, ask, setting, &thing);
    Ok(())
}

/// What is looked for in the inbox is not there.
async fn report(body: &mut Body) -> Answer {
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    let mut xml = Writer::begin("D:multistatus");
    if root.is_in(CALDAV, "calendar-multiget") {
        for href in root.children.iter().filter(|it| it.is("href")) {
            xml.raw("<D:response><D:href>").text(href.text.trim());
            xml.raw("</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\n");
        }
    } else if !root.is_in(CALDAV, "calendar-query") {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "supported-report"));
    }
    xml.raw(crate::method::propfind::END);
    let mut response = multistatus();
    *response.body_mut() = body_of(xml.finish());
    Ok(response)
}
