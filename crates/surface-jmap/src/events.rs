//! Events (RFC 8620 §7.3): a stream in which a browser or a program hears that something has changed, and asks what.

use crate::{
    answer,
    error::BadRequest,
    hub::{Hub, Hubs, States, Types},
    id,
    limits::{Crowd, Doing, Place},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderValue, header};
use passerelle_core::{Error, Result, Session, Tie};
use passerelle_net::http::{Exchange, Response, stream_of};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// How often it is said that there is nothing to say, at most and at least.
const PING: (u64, u64) = (30, 900);
/// How soon a client may come again that lost its stream, in milliseconds.
const RETRY: u32 = 5_000;

/// What a client wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wish {
    types: Types,
    /// Ends with the first change.
    close_after_state: bool,
    /// Seconds; none where 0 was asked for.
    ping: Option<u64>,
}

impl Wish {
    fn of(query: &str) -> Result<Self> {
        let said = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let types: Vec<&str> = said("types").unwrap_or("*").split([',', '%']).collect();
        let types = if types.contains(&"*") {
            Types::ALL
        } else {
            Types::of(types.iter().map(|it| it.trim_start_matches("2C")))
        };
        let close_after_state = match said("closeafter").unwrap_or("no") {
            "no" => false,
            "state" => true,
            _ => return Err(Error::invalid("closeafter is no or state")),
        };
        let ping: u64 =
            said("ping").unwrap_or("0").parse().map_err(|_| Error::invalid("ping is a number of seconds"))?;
        let ping = (ping > 0).then(|| ping.clamp(PING.0, PING.1));
        Ok(Self { types, close_after_state, ping })
    }

    /// What of the change it wants to hear; `None` where nothing.
    fn changed(self, known: &States, now: &States, account: &str) -> Option<String> {
        let changed = self.types.changed(known, now);
        (!changed.is_empty()).then(|| json!({ "@type": "StateChange", "changed": { account: changed } }).to_string())
    }
}

/// A client that listens.
struct Listening {
    /// Keeps the watch.
    _hub: Arc<Hub>,
    /// One of the person's places to listen.
    _place: Place,
    states: watch::Receiver<States>,
    known: States,
    wish: Wish,
    account: String,
    next_ping: Instant,
    tie: Tie,
    is_over: bool,
}

pub(crate) async fn follow(session: &Session, hubs: &Hubs, crowd: &Crowd, exchange: &Exchange) -> Response {
    let who = match session.principal() {
        Ok(principal) => principal.account().clone(),
        Err(error) => return answer::refused(&error, &exchange.id),
    };
    let Some(place) = crowd.enter(&who, Doing::Listening) else {
        return answer::bad(&BadRequest::crowded(Doing::Listening));
    };
    match listen(session, hubs, exchange, place).await {
        Ok(response) => response,
        Err(error) => answer::refused(&error, &exchange.id),
    }
}

async fn listen(session: &Session, hubs: &Hubs, exchange: &Exchange, place: Place) -> Result<Response> {
    let wish = Wish::of(exchange.uri().query().unwrap_or_default())?;
    let hub = hubs.of(session).await?;
    let states = hub.states();
    let known = states.borrow().clone();
    let account = id::of_account(&session.name_of(session.principal()?.account()));
    let next_ping = Instant::now();
    let listening = Listening {
        _hub: hub,
        _place: place,
        states,
        known,
        wish,
        account,
        next_ping,
        tie: session.tie(),
        is_over: false,
    };
    let first = format!("retry: {RETRY}\n\n");
    let events = stream::once(async move { Ok(Bytes::from(first)) }).chain(stream::unfold(listening, next));
    let mut drain = exchange.drain.clone();
    let events = events.take_until(async move { drain.begun().await });
    let mut response = http::Response::new(stream_of(events.boxed()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    Ok(response)
}

/// The next thing to say; nothing once the watch, the session or the wish is over: a client that wants more comes again.
async fn next(mut listening: Listening) -> Option<(Result<Bytes>, Listening)> {
    loop {
        if listening.is_over {
            return None;
        }
        let ping = sleep_until(listening.next_ping);
        tokio::select! {
            biased;
            () = listening.tie.clone().withdrawn() => return None,
            changed = listening.states.changed() => {
                changed.ok()?;
                let now = listening.states.borrow_and_update().clone();
                let told = listening.wish.changed(&listening.known, &now, &listening.account);
                listening.known = now;
                if let Some(told) = told {
                    listening.is_over = listening.wish.close_after_state;
                    return Some((Ok(Bytes::from(format!("event: state\ndata: {told}\n\n"))), listening));
                }
            }
            () = ping => {
                let seconds = listening.wish.ping.unwrap_or(PING.1);
                // Who wants no pings gets a line that says nothing: whoever is gone is noticed by it.
                let told = match listening.wish.ping {
                    Some(_) => format!("event: ping\ndata: {{\"interval\":{seconds}}}\n\n"),
                    None => ":\n\n".to_owned(),
                };
                listening.next_ping = Instant::now().checked_add(Duration::from_secs(seconds)).unwrap_or(listening.next_ping);
                return Some((Ok(Bytes::from(told)), listening));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn wishes() {
        let wish = Wish::of("types=Email,Mailbox&closeafter=state&ping=1").unwrap();
        assert_eq!(
            (wish.types, wish.close_after_state, wish.ping),
            (Types::of(["Mailbox", "Email"].into_iter()), true, Some(30))
        );
        let wish = Wish::of("types=Email%2CThread&closeafter=no&ping=0").unwrap();
        assert_eq!((wish.types, wish.ping), (Types::of(["Email", "Thread"].into_iter()), None));
        assert!(["types=*", ""].iter().all(|it| Wish::of(it).unwrap().types == Types::ALL));
        for bad in ["closeafter=x", "ping=x", "ping=-1"] {
            assert!(Wish::of(bad).is_err(), "{bad}");
        }
        let states = |mail: &str, tree: &str| States {
            mail: mail.to_owned(),
            tree: tree.to_owned(),
            collections: BTreeMap::new(),
        };
        let only_tree = Wish::of("types=Mailbox").unwrap();
        assert_eq!(only_tree.changed(&states("1", "1"), &states("2", "1"), "A"), None);
        let told = only_tree.changed(&states("1", "1"), &states("2", "2"), "A").unwrap();
        assert_eq!(told, r#"{"@type":"StateChange","changed":{"A":{"Mailbox":"2"}}}"#);
    }
}
