//! `/api/calendars/elsewhere`: the calendars that somebody has from elsewhere, how it is with each, and following one more. No address is
//! ever told: it may open more than a calendar.

use super::{Answer, Call, done, json, moment};
use crate::face::Face;
use http::StatusCode;
use passerelle_core::{Authorized, Manage, NewFeed, SeenFeed, Session, ports::FeedFault};
use passerelle_model::{AccountRef, Elsewhere};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    address: String,
    #[serde(default)]
    name: String,
    colour: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

pub(super) async fn list(call: &Call<'_>) -> Answer {
    let own = own(&call.session).await?;
    let calendars: Vec<Value> = own.feeds().await?.iter().map(|seen| row(&call.face, seen)).collect();
    Ok(json(StatusCode::OK, &json!({ "offersSubscriptions": own.offers_subscriptions(), "calendars": calendars })))
}

/// Follows an address, once a calendar was read there.
pub(super) async fn subscribe(mut call: Call<'_>) -> Answer {
    let New { address, name, colour } = call.body().await?;
    let made = own(&call.session).await?.subscribe(&NewFeed { address, name, colour }).await?;
    Ok(json(StatusCode::CREATED, &json!({ "name": made.name() })))
}

/// Has back what was put away.
pub(super) async fn show(mut call: Call<'_>) -> Answer {
    let Named { name } = call.body().await?;
    own(&call.session).await?.show_again(&name).await?;
    done()
}

async fn own(session: &Session) -> Answer<Authorized<AccountRef, Manage>> {
    Ok(session.open::<_, Manage>(AccountRef(session.principal()?.account().clone())).await?)
}

fn row(face: &Face, seen: &SeenFeed) -> Value {
    let SeenFeed { at, name, host, is_hidden, makes_busy, read } = seen;
    let kind = at.elsewhere().map(|kind| match kind {
        Elsewhere::Subscription => "subscription",
        Elsewhere::Timetable => "timetable",
    });
    let (fault, read_at, left_out) = match read {
        Ok(read) => (read.away.as_ref(), moment(read.read), read.feed.left_out.clone()),
        Err(fault) => (Some(fault), None, Vec::new()),
    };
    json!({
        "name": at.name(),
        "title": name,
        "kind": kind,
        "host": host,
        "isHidden": is_hidden,
        "makesBusy": makes_busy,
        "readAt": read_at,
        "fault": fault.map(|fault| said(face, fault)),
        "leftOut": left_out,
    })
}

/// What is wrong, in the language of who follows it; where in the calendar, in the words of whoever reads it.
pub(super) fn said(face: &Face, fault: &FeedFault) -> String {
    let said = face.say(&format!("feed-fault-{fault}"));
    match fault {
        FeedFault::Broken(at) => format!("{said} ({at})"),
        FeedFault::Address
        | FeedFault::Name
        | FeedFault::Unreachable
        | FeedFault::Slow
        | FeedFault::Certificate
        | FeedFault::Refused
        | FeedFault::Missing
        | FeedFault::Failing
        | FeedFault::TooLarge
        | FeedFault::NoCalendar
        | FeedFault::Sealed => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{LANGUAGES, say};

    #[test]
    fn every_fault_has_its_words() {
        for fault in FeedFault::all() {
            let key = format!("feed-fault-{fault}");
            for (language, _) in LANGUAGES {
                assert_ne!(say(language, &key, &[]), key, "{language}");
            }
        }
    }
}
