//! `VacationResponse/set` (RFC 8621 §8.2): writes the script that says it, and makes it the active one, or not.

use super::ID;
use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    methods::{
        email::moment,
        set::{Done, Set},
    },
    sieve::{Absence, LONGEST_SUBJECT, LONGEST_TEXT, NAME, Ours, Scripts, handle, obstacle},
    state::UNKNOWN_STATE,
};
use passerelle_core::{Authorized, Edit, ports::ScriptName};
use passerelle_model::AccountRef;
use serde_json::{Value, json};

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: Set) -> Result<Value, MethodError> {
    desk.check_account(&arguments.account_id)?;
    let handle = handle::<Edit>(desk.session).await?;
    let scripts = Scripts::of(&handle).await?;
    let old_state = scripts.absence_state();
    arguments.check(&old_state)?;
    let mut done = Done::default();
    for name in arguments.create.unwrap_or_default().keys() {
        done.not_created(desk, name, &SetError::new("singleton"));
    }
    for (id, patch) in arguments.update.unwrap_or_default() {
        let outcome = if id == ID { change(&handle, &scripts, &patch).await } else { Err(SetError::new("notFound")) };
        match outcome {
            Ok(()) => done.updated(id, Value::Null),
            Err(error) => done.not_updated(desk, &id, &error),
        }
    }
    for id in arguments.destroy.unwrap_or_default() {
        done.not_destroyed(desk, &id, &SetError::new("singleton"));
    }
    // What was done is told, also where the store is gone by now.
    let now = Scripts::of(&handle).await;
    let new_state = now.map_or_else(|_| UNKNOWN_STATE.to_owned(), |it| it.absence_state());
    Ok(done.answer(&arguments.account_id, &old_state, &new_state))
}

async fn change(handle: &Authorized<AccountRef, Edit>, scripts: &Scripts, patch: &Value) -> Result<(), SetError> {
    let mut absence = match &scripts.ours {
        Ours::None => Absence::default(),
        Ours::Written(absence) => absence.clone(),
        Ours::ByHand => {
            let why = format!("the script \"{NAME}\" was changed by hand: give it another name, or remove it");
            return Err(SetError::saying("forbidden", why));
        }
    };
    let enabled = patched(&mut absence, patch)?.unwrap_or(scripts.answers);
    let sorting = scripts.active();
    absence.then = sorting.filter(|_| enabled).map(|it| it.name.as_str().to_owned());
    if enabled {
        let powers = handle.filter_powers().await?;
        if let Some(why) = sorting.and_then(|it| obstacle(it, &powers)) {
            return Err(SetError::saying("forbidden", why));
        }
        if let Some(lacks) = absence.extensions().into_iter().find(|it| !powers.has(it)) {
            return Err(SetError::saying("forbidden", format!("the store of filters has no {lacks}")));
        }
    }
    let ours = ScriptName::parse(NAME).ok_or_else(|| SetError::new("serverFail"))?;
    if scripts.answers && !enabled {
        handle.activate_script(sorting.map(|it| &it.name)).await?;
    }
    handle.put_script(&ours, absence.script().as_bytes()).await?;
    if enabled && !scripts.answers {
        handle.activate_script(Some(&ours)).await?;
    }
    Ok(())
}

/// Takes what is new; whether it is to be on, where that is said.
fn patched(absence: &mut Absence, patch: &Value) -> Result<Option<bool>, SetError> {
    let patch = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let mut enabled = None;
    for (property, value) in patch {
        let wrong = |why: &str| SetError::properties(&[property], why);
        match (property.as_str(), value) {
            ("id", value) if *value == json!(ID) => {}
            ("isEnabled", Value::Bool(value)) => enabled = Some(*value),
            ("fromDate" | "toDate", Value::Null | Value::String(_)) => {
                let at = value.as_str().map(moment).transpose().map_err(|_none| wrong("this is no UTCDate"))?;
                let at = at.map(|at| at.0);
                // Within the years that four digits tell.
                if at.is_some_and(|at| !(0..253_402_300_800).contains(&at)) {
                    return Err(wrong("this is too far away"));
                }
                *(if property == "fromDate" { &mut absence.from } else { &mut absence.to }) = at;
            }
            ("subject", Value::Null | Value::String(_)) => {
                let text = value.as_str().map(|it| it.replace(char::is_control, " ").trim().to_owned());
                let text = text.filter(|it| !it.is_empty());
                if text.as_ref().is_some_and(|it| it.len() > LONGEST_SUBJECT) {
                    return Err(wrong("it is too long"));
                }
                absence.subject = text;
            }
            ("textBody" | "htmlBody", Value::Null | Value::String(_)) => {
                let text = value.as_str().map(|it| it.replace('\0', "")).filter(|it| !it.trim().is_empty());
                if text.as_ref().is_some_and(|it| it.len() > LONGEST_TEXT) {
                    return Err(wrong("it is too long"));
                }
                *(if property == "textBody" { &mut absence.text } else { &mut absence.html }) = text;
            }
            _ => return Err(wrong("it cannot be this")),
        }
    }
    Ok(enabled)
}
