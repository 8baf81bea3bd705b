//! The way of a call: counted, allowed, its parameters checked, made once, and what it changed written into the trail.

use super::{Answers, Effect, Method, Together, find};
use crate::{
    arguments::Arguments,
    caller::Caller,
    fault::Refusal,
    limits::{CHANGES_OF_ONE_A_MINUTE, CLIENT_CALLS_A_MINUTE, PERSON_CALLS_A_MINUTE},
    params::INSTITUTION,
};
use dxr::{Fault, Value};
use futures::{StreamExt, stream};
use passerelle_core::{Claimed, Error, LONGEST_CALL_KEY, Noted, Repeat};
use tokio::time::Instant;

/// Keys of calls that are made together, claimed and settled at once.
const AT_ONCE: usize = 16;

/// Runs a call. `key` is what the request's header says, for a call that is alone in it.
pub(crate) async fn run(caller: &Caller, name: &str, values: Vec<Value>, key: Option<&str>) -> Result<Value, Refusal> {
    match begin(caller, name, values, key).await {
        Begun::Over(answer, line) => {
            caller.note_all(line.into_iter().collect()).await;
            answer
        }
        Begun::Reads(method, arguments) => (method.run)(caller, arguments).await,
        Begun::Changes(change, arguments) => {
            let made = (change.method.run)(caller, arguments).await;
            let (answer, line) = change.finish(caller, made).await;
            caller.note_all(line.into_iter().collect()).await;
            answer
        }
    }
}

/// Runs calls of one method that are made together, each with an outcome and a line of the trail of its own. No two have
/// the same key.
pub(super) async fn run_together(caller: &Caller, method: &Together, calls: Vec<Vec<Value>>) -> Answers {
    let begun = stream::iter(calls).map(|values| begin(caller, method.name, values, None));
    let begun: Vec<Begun> = begun.buffered(AT_ONCE).collect().await;
    let (mut steps, mut to_make) = (Vec::with_capacity(begun.len()), Vec::new());
    for begun in begun {
        steps.push(match begun {
            Begun::Over(answer, line) => Step::Over(answer, line),
            // None of those that are made together only reads.
            Begun::Reads(method, arguments) => Step::Over((method.run)(caller, arguments).await, None),
            Begun::Changes(change, arguments) => {
                to_make.push(arguments);
                Step::Making(change)
            }
        });
    }
    let mut made = (method.run)(caller, to_make).await.into_iter();
    let finishing: Vec<_> = steps
        .into_iter()
        .map(|step| {
            let made = if matches!(step, Step::Making(_)) { made.next() } else { None };
            step.finish(caller, made)
        })
        .collect();
    let finished = stream::iter(finishing);
    let (answers, lines): (Vec<_>, Vec<_>) = finished.buffered(AT_ONCE).collect::<Vec<_>>().await.into_iter().unzip();
    caller.note_all(lines.into_iter().flatten().collect()).await;
    answers
}

/// A call among those that are made together.
enum Step {
    /// It is not made.
    Over(Result<Value, Refusal>, Option<Noted>),
    /// It is made with the others.
    Making(Change),
}

impl Step {
    async fn finish(
        self,
        caller: &Caller,
        made: Option<Result<Value, Refusal>>,
    ) -> (Result<Value, Refusal>, Option<Noted>) {
        let lost = || Err(Error::internal("making calls together", "one of them got no answer").into());
        match self {
            Self::Over(answer, line) => (answer, line),
            Self::Making(change) => change.finish(caller, made.unwrap_or_else(lost)).await,
        }
    }
}

/// How far a call is before it is made.
enum Begun {
    /// It is not made: refused, or made before. The trail has a refusal.
    Over(Result<Value, Refusal>, Option<Noted>),
    /// It changes nothing.
    Reads(&'static Method, Arguments),
    /// It changes something.
    Changes(Change, Arguments),
}

/// A call that changes something: what the trail says of it, and the key under which it is made once.
struct Change {
    method: &'static Method,
    institution: Arguments,
    shown: (String, String),
    claimed: Option<Claimed>,
}

/// Counts a call, looks whether it may be made, holds its parameters against its method's, and claims its key.
async fn begin(caller: &Caller, name: &str, values: Vec<Value>, key: Option<&str>) -> Begun {
    let most = if caller.session.is_program() { CLIENT_CALLS_A_MINUTE } else { PERSON_CALLS_A_MINUTE };
    if let Err(seconds) = caller.rates.count(&caller.session.who(), most, Instant::now()) {
        return Begun::Over(Err(Refusal::TooMany(seconds)), None);
    }
    let method = match find(name) {
        Ok(method) => method,
        Err(refusal) => return Begun::Over(Err(refusal), None),
    };
    let arguments = match allowed(caller, method).and_then(|()| Arguments::take(method.params, values)) {
        Ok(arguments) => arguments,
        Err(refusal) => {
            let changes = method.effect.target(None).is_some();
            let line = changes.then(|| caller.line(None, method.name, Default::default(), refusal.word()));
            return Begun::Over(Err(refusal), line.flatten());
        }
    };
    let Some(target) = method.effect.target(Some(&arguments)) else { return Begun::Reads(method, arguments) };
    let shown = (target_of(caller, &arguments, target), arguments.shown(method.params, target));
    let mut change = Change { method, institution: Arguments::of_institution(&arguments), shown, claimed: None };
    let refusal = match change.claim(caller, &arguments, key).await {
        Ok(Some(before)) => return Begun::Over(Ok(before), None),
        Ok(None) => match count_target(caller, &change.shown.0) {
            Ok(()) => return Begun::Changes(change, arguments),
            Err(refusal) => refusal,
        },
        Err(refusal) => refusal,
    };
    let (answer, line) = change.finish(caller, Err(refusal)).await;
    Begun::Over(answer, line)
}

impl Change {
    /// Claims the key, where there is one; the answer of the first call when it was made before.
    async fn claim(
        &mut self,
        caller: &Caller,
        arguments: &Arguments,
        key: Option<&str>,
    ) -> Result<Option<Value>, Refusal> {
        let Some(key) = arguments.key().or(key) else { return Ok(None) };
        if key.is_empty() || key.len() > LONGEST_CALL_KEY {
            return Err(Refusal::Params(format!("idempotencyKey: 1 to {LONGEST_CALL_KEY} octets")));
        }
        match caller.session.claim_call(key, &arguments.whole(self.method.name)).await? {
            Repeat::Other => Err(Refusal::OtherCall),
            Repeat::Unknown => Err(Refusal::UnderWay),
            Repeat::Answered(kept) => answered(&kept).map(Some),
            Repeat::First(claimed) => {
                self.claimed = Some(claimed);
                Ok(None)
            }
        }
    }

    /// Keeps what became of it under its key; answers that, and the line for the trail.
    async fn finish(self, caller: &Caller, made: Result<Value, Refusal>) -> (Result<Value, Refusal>, Option<Noted>) {
        let kept = match &self.claimed {
            Some(claimed) => keep(caller, claimed, self.method.effect, &made).await,
            None => Ok(()),
        };
        let answer = kept.and(made);
        // A repetition changed nothing: the first call is in the trail.
        if matches!(answer, Err(Refusal::Before(_) | Refusal::ShownBefore)) {
            return (answer, None);
        }
        let word = answer.as_ref().map_or_else(Refusal::word, |_| "done");
        let line = caller.line(Some(&self.institution), self.method.name, self.shown, word);
        (answer, line)
    }
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

fn count_target(caller: &Caller, target: &str) -> Result<(), Refusal> {
    if target.is_empty() {
        return Ok(());
    }
    let name = format!("on {:?} {target}", caller.session.administrable().unwrap_or_default());
    caller.rates.count(&name, CHANGES_OF_ONE_A_MINUTE, Instant::now()).map_err(Refusal::TooMany)
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

/// What was kept of a call that was made.
fn answered(kept: &str) -> Result<Value, Refusal> {
    let broken = || Refusal::Failed(Error::internal("reading an answer that was kept", "it is none"));
    match kept.split_once(' ') {
        None if kept == SHOWN => Err(Refusal::ShownBefore),
        Some(("value", xml)) => Value::from_xml(xml).map_err(|_| broken()),
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
