//! The way of a call: counted, allowed, its parameters checked, made once, and what it changed written into the trail.

use super::{Effect, Method, find};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    params::INSTITUTION,
    throttle::{CHANGES_OF_ONE_A_MINUTE, CLIENT_CALLS_A_MINUTE, PERSON_CALLS_A_MINUTE},
};
use dxr::{Fault, Value};
use passerelle_core::{Claimed, Error, LONGEST_CALL_KEY, Repeat};
use tokio::time::Instant;

/// Runs a call. `key` is what the request's header says, for a call that is alone in it.
pub(crate) async fn run(caller: &Caller, name: &str, values: Vec<Value>, key: Option<&str>) -> Result<Value, Refusal> {
    let most = if caller.session.is_program() { CLIENT_CALLS_A_MINUTE } else { PERSON_CALLS_A_MINUTE };
    caller.throttle.count(&caller.session.who(), most, Instant::now()).map_err(Refusal::TooMany)?;
    let method = find(name)?;
    let taken = allowed(caller, method).and_then(|()| Arguments::take(method.params, values));
    let arguments = match taken {
        Ok(arguments) => arguments,
        Err(refusal) => {
            if method.effect.target(None).is_some() {
                caller.note(None, method.name, Default::default(), refusal.word()).await;
            }
            return Err(refusal);
        }
    };
    let Some(target) = method.effect.target(Some(&arguments)) else {
        return (method.run)(caller, arguments).await;
    };
    let shown = (target_of(caller, &arguments, target), arguments.shown(method.params, target));
    let institution = Arguments::of_institution(&arguments);
    let outcome = once(caller, method, arguments, &shown.0, key).await;
    let word = outcome.as_ref().map_or_else(Refusal::word, |_| "done");
    // A repetition changed nothing: the first call is in the trail.
    if !matches!(outcome, Err(Refusal::Before(_) | Refusal::ShownBefore)) && !matches!(outcome, Ok(Made::Before(_))) {
        caller.note(Some(&institution), method.name, shown, word).await;
    }
    match outcome? {
        Made::Now(value) | Made::Before(value) => Ok(value),
    }
}

/// An answer, and whether it is the first one.
enum Made {
    Now(Value),
    Before(Value),
}

fn allowed(caller: &Caller, method: &Method) -> Result<(), Refusal> {
    match method.effect {
        Effect::Tells => Ok(()),
        Effect::Reads
        | Effect::Changes(_)
        | Effect::Makes(_)
        | Effect::ChangesInstitution
        | Effect::ChangesWith(..) => Ok(caller.session.check_method(method.name)?),
    }
}

/// Makes a call that changes something, unless its key says that it was made.
async fn once(
    caller: &Caller,
    method: &Method,
    arguments: Arguments,
    target: &str,
    key: Option<&str>,
) -> Result<Made, Refusal> {
    let Some(key) = arguments.key().or(key).map(str::to_owned) else {
        count_target(caller, target)?;
        return (method.run)(caller, arguments).await.map(Made::Now);
    };
    if key.is_empty() || key.len() > LONGEST_CALL_KEY {
        return Err(Refusal::Params(format!("idempotencyKey: 1 to {LONGEST_CALL_KEY} octets")));
    }
    match caller.session.claim_call(&key, &arguments.whole(method.name)).await? {
        Repeat::Other => Err(Refusal::OtherCall),
        Repeat::Unknown => Err(Refusal::UnderWay),
        Repeat::Answered(kept) => answered(&kept),
        Repeat::First(claimed) => {
            let made = match count_target(caller, target) {
                Ok(()) => (method.run)(caller, arguments).await,
                Err(refusal) => Err(refusal),
            };
            keep(caller, &claimed, method.effect, &made).await?;
            made.map(Made::Now)
        }
    }
}

fn count_target(caller: &Caller, target: &str) -> Result<(), Refusal> {
    if target.is_empty() {
        return Ok(());
    }
    let name = format!("on {:?} {target}", caller.session.administrable().unwrap_or_default());
    caller.throttle.count(&name, CHANGES_OF_ONE_A_MINUTE, Instant::now()).map_err(Refusal::TooMany)
}

/// The mark of a secret that was shown.
const SHOWN: &str = "shown";

/// Keeps the answer under the key, or gives the key back where a repetition may go better.
async fn keep(
    caller: &Caller,
    claimed: &Claimed,
    effect: Effect,
    made: &Result<Value, Refusal>,
) -> Result<(), Refusal> {
    let kept = match made {
        // State must not hold what opens an account.
        Ok(_) if matches!(effect, Effect::Makes(_)) => SHOWN.to_owned(),
        Ok(value) => {
            let xml = value.to_xml().map_err(|error| Error::internal("keeping an answer", error))?;
            format!("value {xml}")
        }
        Err(refusal) if refusal.is_final() => {
            let fault = refusal.fault();
            format!("fault {} {}", fault.code(), fault.string())
        }
        Err(_) => return Ok(caller.session.release_call(claimed).await?),
    };
    Ok(caller.session.settle_call(claimed, &kept).await?)
}

fn answered(kept: &str) -> Result<Made, Refusal> {
    let broken = || Refusal::Failed(Error::internal("reading an answer that was kept", "it is none"));
    match kept.split_once(' ') {
        None if kept == SHOWN => Err(Refusal::ShownBefore),
        Some(("value", xml)) => Value::from_xml(xml).map(Made::Before).map_err(|_| broken()),
        Some(("fault", rest)) => {
            let (code, text) = rest.split_once(' ').ok_or_else(broken)?;
            Err(Refusal::Before(Fault::new(code.parse().map_err(|_| broken())?, text.to_owned())))
        }
        _ => Err(broken()),
    }
}

/// What a call is on, in words: a login, a name, the institution, or the place of a grant.
fn target_of(caller: &Caller, arguments: &Arguments, name: &str) -> String {
    if name == INSTITUTION {
        return caller.institution(arguments).map(|id| id.to_string()).unwrap_or_default();
    }
    if let Some(members) = arguments.members(name) {
        let text = |member: &str| members.get(member).and_then(crate::arguments::text_of).unwrap_or_default();
        let mount = if members.contains_key("mount") { text("mount") } else { "home" };
        return format!("{}/{mount}/{}", text("owner"), text("path"));
    }
    arguments.text(name).to_owned()
}
