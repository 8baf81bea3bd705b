//! A request of method calls (RFC 8620 §3): one after the other, each with what those before it have answered.

use crate::{
    answer, call,
    call::{Request, SHARING},
    desk::{Client, Desk},
    error::{BadRequest, MethodError},
    limits::{Crowd, Doing, LARGEST_REQUEST},
    methods,
    reference::{self, Answer, about},
    session,
};
use http::{HeaderValue, StatusCode, header};
use passerelle_core::Session;
use passerelle_net::http::{Exchange, Response, Unread, read_whole};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// How long a request may go on to its next call, and with one that only reads.
const LONGEST: Duration = Duration::from_secs(120);

pub(crate) async fn answer(session: &Session, crowd: &Crowd, exchange: Exchange) -> Response {
    let request = Arc::clone(&exchange.id);
    let who = match session.principal() {
        Ok(principal) => principal.account().clone(),
        Err(error) => return answer::refused(&error, &request),
    };
    let Some(place) = crowd.enter(&who, Doing::Requests) else {
        return answer::bad(&BadRequest::crowded(Doing::Requests));
    };
    let kind = exchange.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return answer::bad(&BadRequest::NotJson("the content type is not application/json".to_owned()));
    }
    let client = Client::of(&exchange);
    let octets = match read_whole(exchange.body, LARGEST_REQUEST).await {
        Ok(octets) => octets,
        Err(Unread::TooLarge) => return answer::bad(&BadRequest::Limit("maxSizeRequest")),
        Err(Unread::Gone) => return answer::none(StatusCode::BAD_REQUEST),
    };
    match call::parse(&octets) {
        Ok(calls) => {
            // What was begun goes on when the client goes away: of a message that was sent the rest has to follow.
            let (session, id) = (session.clone(), Arc::clone(&request));
            let done = tokio::spawn(async move { (run(&session, &id, client, calls).await.to_string(), place) });
            let Ok((text, place)) = done.await else { return answer::none(StatusCode::INTERNAL_SERVER_ERROR) };
            let mut response = answer::holding(place, text.into());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(why) => answer::bad(&why),
    }
}

pub(crate) async fn run(session: &Session, request: &str, client: Client, calls: Request) -> Value {
    let Request { using, method_calls, created_ids } = calls;
    let tells_created = created_ids.is_some();
    let mut desk = Desk::new(session, request, created_ids.unwrap_or_default());
    desk.client = Some(client);
    desk.shares = using.iter().any(|it| it == SHARING);
    let mut answers: Vec<Answer> = Vec::new();
    let mut referred = reference::LARGEST_REFERRED;
    let end = Instant::now().checked_add(LONGEST);
    for call::Call(name, arguments, id) in method_calls {
        let arguments = reference::resolve(arguments, &answers, &mut referred);
        let outcome = match arguments {
            Ok(_) if desk.left == 0 => {
                Err(MethodError::saying("requestTooLarge", "what was asked for before this fills the answer"))
            }
            Ok(_) if end.is_some_and(|end| Instant::now() >= end) => {
                Err(MethodError::saying("serverUnavailable", "what was asked for before this took all the time"))
            }
            Ok(arguments) if methods::only_reads(&name) => {
                let left = end.map_or(LONGEST, |end| end.saturating_duration_since(Instant::now()));
                let done = timeout(left, methods::call(&mut desk, &using, &name, arguments)).await;
                done.unwrap_or_else(|_late| {
                    // A connection in the middle of a command is of no more use.
                    desk.drop_all_open();
                    Err(MethodError::saying("serverUnavailable", "it takes too long"))
                })
            }
            Ok(arguments) => methods::call(&mut desk, &using, &name, arguments).await,
            Err(error) => Err(error),
        };
        noted(&mut desk, &mut answers, name, outcome, &id);
        if let Some((name, arguments)) = desk.follow_up.take() {
            let outcome = methods::call(&mut desk, &using, name, arguments).await;
            noted(&mut desk, &mut answers, name.to_owned(), outcome, &id);
        }
    }
    let created: BTreeMap<String, String> = desk.leave();
    let responses: Vec<Value> =
        answers.into_iter().map(|Answer { name, arguments, call }| json!([name, arguments, call])).collect();
    let mut answer = json!({ "methodResponses": responses, "sessionState": session::state(session) });
    if let (true, Some(answer)) = (tells_created, answer.as_object_mut()) {
        answer.insert("createdIds".to_owned(), json!(created));
    }
    answer
}

/// Notes what a call has come to.
fn noted(desk: &mut Desk<'_>, answers: &mut Vec<Answer>, name: String, outcome: Result<Value, MethodError>, id: &str) {
    let (name, arguments) = match outcome {
        Ok(arguments) => (name, arguments),
        Err(error) => ("error".to_owned(), error.arguments(desk.request)),
    };
    desk.left = desk.left.saturating_sub(about(&arguments));
    answers.push(Answer { name, arguments, call: id.to_owned() });
}
