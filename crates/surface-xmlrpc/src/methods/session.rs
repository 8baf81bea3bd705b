//! `session.check`: whether a sign-on still holds, for a portal's server.

use super::{Effect, Method};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::{Kind, optional},
    values::{moment, structure, text},
};
use dxr::Value;
use passerelle_core::Holding;
use passerelle_model::InstitutionId;

pub(super) const METHODS: &[Method] = &[Method {
    name: "session.check",
    params: &[
        optional("bearer", Kind::Secret, "what the portal got at /portal/session"),
        optional("login", Kind::Text, "in its place: a login of the institution, or login@domain"),
        optional("since", Kind::Moment, "with a login: when the sign-on that is meant began; left out, now"),
    ],
    answer: "struct",
    help: "Whether a sign-on holds: {good, institution, login, until}. By a bearer: it was neither withdrawn nor has it run out, its sign-on has not ended at the provider, and its person is there and not locked. By a login: the account is there and not locked, and nothing of it was withdrawn since then (signed out everywhere, locked, a new password): what began before does not hold. The gateway keeps no sessions and cannot say which there are. When it does not hold, good is false and the rest is nil; when nobody can say, there is a fault.",
    effect: Effect::Reads,
    run: |caller, arguments| Box::pin(check(caller, arguments)),
}];

async fn check(caller: &Caller, arguments: Arguments) -> Result<Value, Refusal> {
    match (arguments.secret("bearer"), arguments.has("login")) {
        (Some(bearer), false) => {
            let institutions = match arguments.institution() {
                Some(_) => vec![caller.institution(&arguments)?],
                None => caller.session.administrable()?,
            };
            for id in institutions {
                if let Some(holding) = caller.opened(id.clone()).await?.portal_holds(&bearer).await? {
                    return Ok(told(&id, Some(&holding)));
                }
            }
            Ok(told_nothing())
        }
        (None, true) => {
            let (institution, id) = caller.account(&arguments, "login").await?;
            let holding = institution.sign_on_holds(&id, arguments.moment("since")).await?;
            Ok(told(&institution.target().0, holding.as_ref()))
        }
        _ => Err(Refusal::Params("one of bearer and login is needed".to_owned())),
    }
}

fn told(institution: &InstitutionId, holding: Option<&Holding>) -> Value {
    let Some(Holding { login, until }) = holding else { return told_nothing() };
    structure([
        ("good", Value::Boolean(true)),
        ("institution", text(institution.as_str())),
        ("login", text(login.as_str())),
        ("until", moment(Some(*until))),
    ])
}

fn told_nothing() -> Value {
    structure([
        ("good", Value::Boolean(false)),
        ("institution", Value::Nil),
        ("login", Value::Nil),
        ("until", Value::Nil),
    ])
}
