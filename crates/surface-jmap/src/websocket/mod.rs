//! JMAP in a conversation (RFC 8887): requests as messages, several at once, and changes told unasked. It is opened by what opens a
//! request, and by a cookie on our own pages only; it ends with the session, and when nothing is said for long.

mod pulse;

use crate::{
    answer, api, call,
    call::Said,
    desk::Client,
    error::{self, BadRequest},
    hub::{Hub, Hubs, States, Types},
    id,
    limits::{Crowd, Doing, LARGEST_REQUEST, Place},
};
use http::{StatusCode, header};
use passerelle_core::{Session, Tie};
use passerelle_net::{
    Drain,
    http::{Exchange, Farewell, Heard, Response, Socket},
};
use pulse::{Beat, Pulse, looks};
use serde_json::{Value, json};
use std::{io, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, Interval},
};

/// The subprotocol (RFC 8887 §4.1).
const PROTOCOL: &str = "jmap";
/// Most requests of a conversation that are worked at; more are not read until one of them is answered.
const MOST_AT_ONCE: usize = 4;
/// How often it is looked whether the other side lives.
const LOOKED_EVERY: Duration = Duration::from_secs(20);

pub(crate) async fn open(session: &Session, hubs: &Hubs, crowd: &Crowd, mut exchange: Exchange) -> Response {
    if !may_come(&exchange) {
        return answer::none(StatusCode::FORBIDDEN);
    }
    let who = match session.principal() {
        Ok(principal) => principal.account().clone(),
        Err(error) => return answer::refused(&error, &exchange.id),
    };
    let Some(place) = crowd.enter(&who, Doing::Sockets) else {
        return answer::bad(&BadRequest::crowded(Doing::Sockets));
    };
    let (response, upgrading) = match exchange.converse(PROTOCOL, LARGEST_REQUEST) {
        Ok(begins) => begins,
        Err(refused) => return *refused,
    };
    let (hubs, crowd, session) = (hubs.clone(), crowd.clone(), session.clone());
    tokio::spawn(async move {
        let Ok(socket) = upgrading.begun().await else { return };
        let _present = place;
        let talk = Talk {
            client: Client::of(&exchange),
            tie: session.tie(),
            drain: exchange.drain,
            id: exchange.id,
            count: 0,
            pulse: Pulse::beginning(Instant::now()),
            looks: looks(LOOKED_EVERY),
            running: JoinSet::new(),
            push: None,
            session,
            hubs,
            crowd,
        };
        talk.go_on(socket).await;
    });
    response
}

/// Whether it comes from our own page, or from a program. A browser says where its page is from (RFC 6455 §10.2), and asks nobody
/// before it sends cookies or a password along.
fn may_come(exchange: &Exchange) -> bool {
    let headers = exchange.headers();
    if headers.contains_key(header::ORIGIN) {
        return exchange.is_same_origin();
    }
    headers.contains_key(header::AUTHORIZATION)
}

/// A conversation.
struct Talk {
    session: Session,
    hubs: Hubs,
    crowd: Crowd,
    client: Client,
    tie: Tie,
    drain: Drain,
    /// The id of the request that it began with, and how many were in it.
    id: Arc<str>,
    count: u64,
    pulse: Pulse,
    /// When it is looked again, whatever else happens meanwhile.
    looks: Interval,
    running: JoinSet<Answered>,
    push: Option<Push>,
}

/// An answer, and the place among the person's requests that is taken until it is sent.
struct Answered {
    text: String,
    _place: Place,
}

/// Changes that are waited for.
struct Push {
    /// Keeps the watch.
    _hub: Arc<Hub>,
    states: watch::Receiver<States>,
    known: States,
    types: Types,
    account: String,
}

/// What happens next.
enum Next {
    Withdrawn,
    GoingDown,
    Answered(String, Option<Place>),
    Changed(bool),
    Heard(Heard),
    Look,
}

impl Talk {
    async fn go_on(mut self, mut socket: Socket) {
        let farewell = loop {
            match self.step(&mut socket).await {
                Ok(None) => {}
                Ok(Some(farewell)) => break Some(farewell),
                Err(error) => {
                    tracing::debug!(%error, "a conversation ended early");
                    break None;
                }
            }
        };
        // What was begun goes on: of a message that was sent the rest has to follow.
        self.running.detach_all();
        self.push = None;
        if let Some(farewell) = farewell {
            socket.leave(farewell).await;
        }
    }

    /// Waits for what happens, and does what follows from it; how it ends, where it does.
    async fn step(&mut self, socket: &mut Socket) -> io::Result<Option<Farewell>> {
        match self.next(socket).await {
            Next::Withdrawn => Ok(Some(Farewell::Refused)),
            Next::GoingDown => self.finish(socket).await.map(Some),
            Next::Answered(text, place) => {
                let said = self.say(socket, &text).await;
                drop(place);
                said
            }
            Next::Changed(true) => match self.push.as_mut().and_then(Push::told) {
                Some(text) => self.say(socket, &text).await,
                None => Ok(None),
            },
            // The watch is over: whoever comes again begins another.
            Next::Changed(false) => Ok(Some(Farewell::TryAgain)),
            Next::Heard(heard) => {
                self.pulse.heard(Instant::now());
                match heard {
                    Heard::Text(text) => match self.take(text.as_str()).await {
                        Some(answer) => self.say(socket, &answer).await,
                        None => Ok(None),
                    },
                    Heard::Sign => Ok(None),
                    Heard::Gone => Ok(Some(Farewell::Done)),
                    Heard::Fault(farewell) => Ok(Some(farewell)),
                }
            }
            // Who is not listened to is not silent, and not slow.
            Next::Look if !self.reads() => {
                socket.begin_anew(Instant::now());
                Ok(None)
            }
            Next::Look => match self.pulse.due(Instant::now(), self.is_busy(), socket.begun()) {
                None => Ok(None),
                Some(Beat::Ask) => socket.ping().await.map(|()| None),
                Some(Beat::GiveUp) => Err(io::ErrorKind::TimedOut.into()),
                Some(Beat::Idle) => Ok(Some(Farewell::Done)),
                Some(Beat::Slow) => Ok(Some(Farewell::TooSlow)),
            },
        }
    }

    async fn next(&mut self, socket: &mut Socket) -> Next {
        let reads = self.reads();
        let push = &mut self.push;
        tokio::select! {
            biased;
            () = self.tie.clone().withdrawn() => Next::Withdrawn,
            () = self.drain.begun() => Next::GoingDown,
            Some(done) = self.running.join_next() => {
                self.pulse.heard(Instant::now());
                match done {
                    Ok(Answered { text, _place: place }) => Next::Answered(text, Some(place)),
                    Err(_fault) => Next::Answered(failed(None), None),
                }
            }
            changed = async {
                match push {
                    Some(push) => push.states.changed().await.is_ok(),
                    None => std::future::pending().await,
                }
            } => Next::Changed(changed),
            // Before what is heard: whoever sends signs without end is looked at too.
            _ = self.looks.tick() => Next::Look,
            heard = socket.hear(), if reads => Next::Heard(heard),
        }
    }

    /// Whether more is listened to.
    fn reads(&self) -> bool {
        self.running.len() < MOST_AT_ONCE
    }

    /// Whether there is a reason to stay.
    fn is_busy(&self) -> bool {
        self.push.is_some() || !self.running.is_empty()
    }

    /// Says something, unless the session ends meanwhile.
    async fn say(&self, socket: &mut Socket, text: &str) -> io::Result<Option<Farewell>> {
        tokio::select! {
            biased;
            // In the middle of a message nothing else can be said.
            () = self.tie.clone().withdrawn() => Err(io::Error::other("the session has ended")),
            said = socket.say(text) => said.map(|()| None),
        }
    }

    /// Answers what was asked, and is going away.
    async fn finish(&mut self, socket: &mut Socket) -> io::Result<Farewell> {
        while let Some(done) = self.running.join_next().await {
            let text = done.map_or_else(|_fault| failed(None), |done| done.text);
            if let Some(farewell) = self.say(socket, &text).await? {
                return Ok(farewell);
            }
        }
        Ok(Farewell::GoingAway)
    }

    /// Takes a message; what can be answered at once.
    async fn take(&mut self, text: &str) -> Option<String> {
        let (id, why) = match call::said(text.as_bytes()) {
            Ok(Said::Request { id, request }) => {
                let Some(place) = self.place() else {
                    return Some(refused(id.as_deref(), &BadRequest::crowded(Doing::Requests)));
                };
                self.pulse.asked(Instant::now());
                self.count = self.count.saturating_add(1);
                let (session, client) = (self.session.clone(), self.client.clone());
                let name = format!("{}.{}", self.id, self.count);
                self.running.spawn(async move {
                    let mut answer = api::run(&session, &name, client, request).await;
                    if let Some(answer) = answer.as_object_mut() {
                        answer.insert("@type".to_owned(), json!("Response"));
                        if let Some(id) = id {
                            answer.insert("requestId".to_owned(), json!(id));
                        }
                    }
                    Answered { text: answer.to_string(), _place: place }
                });
                return None;
            }
            Ok(Said::PushEnable { types, since }) => return self.begin_push(types, since.as_deref()).await,
            Ok(Said::PushDisable) => {
                self.push = None;
                return None;
            }
            Err(wrong) => wrong,
        };
        Some(refused(id.as_deref(), &why))
    }

    fn place(&self) -> Option<Place> {
        let who = self.session.principal().ok()?.account().clone();
        self.crowd.enter(&who, Doing::Requests)
    }

    /// Waits for changes of these types (RFC 8887 §4.3.5.2): what has changed since a state that was told before is told at once.
    async fn begin_push(&mut self, types: Types, since: Option<&str>) -> Option<String> {
        let begun = async {
            let account = id::of_account(&self.session.name_of(self.session.principal()?.account()));
            let hub = self.hubs.of(&self.session).await?;
            let mut states = hub.states();
            let known = states.borrow_and_update().clone();
            Ok(Push { _hub: hub, states, known, types, account })
        };
        match begun.await {
            Ok(push) => {
                let told = since.and_then(|since| push.told_since(since));
                self.push = Some(push);
                told
            }
            Err(cause) => {
                error::note(Some(&cause), &self.id);
                Some(failed(Some("changes cannot be watched now")))
            }
        }
    }
}

impl Push {
    /// What has changed since it was looked last.
    fn told(&mut self) -> Option<String> {
        let now = self.states.borrow_and_update().clone();
        let changed = self.types.changed(&self.known, &now);
        let told = (!changed.is_empty()).then(|| self.change(&Value::Object(changed), &now));
        self.known = now;
        told
    }

    /// What has changed since a push state that a client brings.
    fn told_since(&self, since: &str) -> Option<String> {
        let changed = self.types.changed_since(since, &self.known);
        (!changed.is_empty()).then(|| self.change(&Value::Object(changed), &self.known))
    }

    /// `StateChange` (RFC 8620 §7.1, RFC 8887 §4.3.5.1).
    fn change(&self, changed: &Value, now: &States) -> String {
        json!({ "@type": "StateChange", "changed": { &self.account: changed }, "pushState": now.mark() }).to_string()
    }
}

/// A request that is refused (RFC 8887 §4.3.4).
fn refused(id: Option<&str>, why: &BadRequest) -> String {
    let (_, mut problem) = why.problem();
    if let Some(problem) = problem.as_object_mut() {
        problem.insert("@type".to_owned(), json!("RequestError"));
        problem.insert("requestId".to_owned(), json!(id));
    }
    problem.to_string()
}

/// The same of a fault that is not the client's.
fn failed(detail: Option<&str>) -> String {
    let (status, detail) = match detail {
        Some(detail) => (StatusCode::SERVICE_UNAVAILABLE, detail),
        None => (StatusCode::INTERNAL_SERVER_ERROR, "an internal fault, it has been logged"),
    };
    json!({
        "@type": "RequestError", "requestId": null, "type": "about:blank", "status": status.as_u16(), "detail": detail,
    })
    .to_string()
}
