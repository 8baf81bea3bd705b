//! `mail.unread`: counts of people's mail, for a portal's server.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::{Refusal, fault_of},
    limits::CLIENT_CALLS_A_MINUTE,
    params::{Kind, needed},
    values::{moment, structure, text},
};
use dxr::Value;
use tokio::time::Instant;

/// Most people of one call.
const MOST_LOGINS: usize = 100;
/// How many of them a store is asked about at once.
const AT_ONCE: usize = 8;

pub(super) const METHODS: &[Method] = &[Method {
    name: "mail.unread",
    params: &[needed("logins", Kind::Texts, "logins of the institution, or login@domain; at most 100")],
    answer: "array",
    help: "The counts of people's INBOX, in the order of the logins: {login, unread, total, at}, where at is when the store was asked; what was seen lately is told again for as long as the institution's settings say. Where a count cannot be had, {login, faultCode, faultString} stands in its place, and never 0. The store needs a master log-in. Each login counts as a call.",
    effect: Effect::Reads,
    run: |caller, arguments| Box::pin(unread(caller, arguments)),
}];

async fn unread(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    caller.administered(&arguments).await?;
    let logins = arguments.texts("logins");
    if logins.is_empty() || logins.len() > MOST_LOGINS {
        return Err(Refusal::Params(format!("logins: 1 to {MOST_LOGINS}")));
    }
    // The call itself was counted.
    for _ in logins.iter().skip(1) {
        let counted = caller.rates.count(&caller.session.who(), CLIENT_CALLS_A_MINUTE, Instant::now());
        counted.map_err(Refusal::TooMany)?;
    }
    let mut told = Vec::with_capacity(logins.len());
    for some in logins.chunks(AT_ONCE) {
        told.extend(futures::future::join_all(some.iter().map(|login| one(caller, &arguments, login))).await);
    }
    Ok(Value::Array(told))
}

async fn one(caller: &Caller, arguments: &Arguments, login: &str) -> Value {
    let counted = async {
        let (institution, id) = caller.account(&arguments.with_text("login", login), "login").await?;
        Ok::<_, Refusal>(institution.inbox_of(&id).await?)
    };
    let glance = match counted.await {
        Ok(glance) => glance,
        Err(refusal) => return failed(login, &refusal.fault(), &caller.request, &refusal),
    };
    match glance.outcome {
        Ok(counts) => structure([
            ("login", text(login)),
            ("unread", number(counts.unseen)),
            ("total", number(counts.messages)),
            ("at", moment(Some(glance.at))),
        ]),
        Err(failing) => of_fault(login, &fault_of(&failing.error)),
    }
}

fn failed(login: &str, fault: &dxr::Fault, request: &str, refusal: &Refusal) -> Value {
    if let Refusal::Failed(error) = refusal {
        crate::log(error, request);
    }
    of_fault(login, fault)
}

fn of_fault(login: &str, fault: &dxr::Fault) -> Value {
    structure([
        ("login", text(login)),
        ("faultCode", Value::Integer(fault.code())),
        ("faultString", text(fault.string())),
    ])
}

fn number(count: u32) -> Value {
    i32::try_from(count).map_or(Value::Long(i64::from(count)), Value::Integer)
}
