//! `SieveScript/set` (RFC 9661 §2.4). A script that gets another name gets another id, which the answer tells.

use crate::{
    blob::Blob,
    desk::Desk,
    error::{MethodError, SetError},
    methods::{
        arguments::With,
        set::{Done, Set},
    },
    sieve::{NAME, Ours, Script, Scripts, handle, id_of, obstacle},
    state::UNKNOWN_STATE,
};
use futures::TryStreamExt;
use passerelle_core::{
    Authorized, Edit, Error,
    ports::{LARGEST_SCRIPT, ScriptName},
};
use passerelle_model::AccountRef;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OnSuccess {
    /// Which one is to sort mail once all else is done.
    #[serde(default)]
    on_success_activate_script: Option<String>,
    #[serde(default)]
    on_success_deactivate_script: Option<bool>,
}

pub(crate) async fn set(desk: &mut Desk<'_>, arguments: With<Set, OnSuccess>) -> Result<Value, MethodError> {
    let With { common, own: on_success } = arguments;
    desk.check_account(&common.account_id)?;
    let handle = handle::<Edit>(desk.session).await?;
    let mut scripts = Scripts::of(&handle).await;
    let old_state = scripts.clone()?.state();
    common.check(&old_state)?;
    let (mut done, mut is_all) = (Done::default(), true);
    // From here on what was done is told, also where the store goes away in the middle: the rest of it was not done then.
    for (name, script) in common.create.unwrap_or_default() {
        let outcome = match &scripts {
            Ok(scripts) => make(desk, &handle, scripts, &script).await,
            Err(gone) => Err(gone.clone().into()),
        };
        is_all &= outcome.is_ok();
        match outcome {
            Ok((id, value)) => done.created(desk, &name, id, value),
            Err(error) => done.not_created(desk, &name, &error),
        }
        scripts = Scripts::of(&handle).await;
    }
    for (id, patch) in common.update.unwrap_or_default() {
        let outcome = match &scripts {
            Ok(scripts) => change(desk, &handle, scripts, &id, &patch).await,
            Err(gone) => Err(gone.clone().into()),
        };
        is_all &= outcome.is_ok();
        match outcome {
            Ok(more) => done.updated(id, more),
            Err(error) => done.not_updated(desk, &id, &error),
        }
        scripts = Scripts::of(&handle).await;
    }
    for id in common.destroy.unwrap_or_default() {
        let meant = desk.meant(&id).unwrap_or_default().to_owned();
        let outcome = match &scripts {
            Ok(scripts) => remove(&handle, scripts, &meant).await,
            Err(gone) => Err(gone.clone().into()),
        };
        is_all &= outcome.is_ok();
        match outcome {
            Ok(()) => done.destroyed(id),
            Err(error) => done.not_destroyed(desk, &id, &error),
        }
        scripts = Scripts::of(&handle).await;
    }
    let active = |scripts: &passerelle_core::Result<Scripts>| scripts.as_ref().ok()?.active().map(Script::id);
    let before = active(&scripts);
    let wanted = match (&on_success.on_success_activate_script, on_success.on_success_deactivate_script) {
        (Some(id), _) => Some((id.clone(), Some(desk.meant(id).unwrap_or_default().to_owned()))),
        (None, Some(true)) => Some((before.clone().unwrap_or_default(), None)),
        (None, _) => None,
    };
    if let Some((id, script)) = wanted.filter(|_| is_all) {
        let outcome = match &scripts {
            Ok(scripts) => activate(&handle, scripts, script.as_deref()).await,
            Err(gone) => Err(gone.clone().into()),
        };
        if let Err(error) = outcome {
            done.not_updated(desk, &id, &error);
        }
        scripts = Scripts::of(&handle).await;
    }
    // From such a state changes cannot be told.
    let new_state = scripts.as_ref().map_or_else(|_| UNKNOWN_STATE.to_owned(), Scripts::state);
    let mut answer = done.answer(&common.account_id, &old_state, &new_state);
    let after = active(&scripts);
    if scripts.is_ok() && before != after {
        for (id, active) in [(before, false), (after, true)] {
            tell_active(&mut answer, id, active);
        }
    }
    Ok(answer)
}

/// Tells which scripts have become what: RFC 9661 §2.4 wants it in the answer.
fn tell_active(answer: &mut Value, id: Option<String>, active: bool) {
    let (Some(id), Some(answer)) = (id, answer.as_object_mut()) else { return };
    let created = answer.get_mut("created").and_then(Value::as_object_mut);
    let made = created.and_then(|all| all.values_mut().find(|it| it.get("id") == Some(&json!(id))));
    if let Some(made) = made.and_then(Value::as_object_mut) {
        made.insert("isActive".to_owned(), json!(active));
        return;
    }
    if !answer.get("updated").is_some_and(Value::is_object) {
        answer.insert("updated".to_owned(), json!({}));
    }
    if let Some(updated) = answer.get_mut("updated").and_then(Value::as_object_mut) {
        let entry = updated.entry(id).or_insert(Value::Null);
        match entry.as_object_mut() {
            Some(entry) => drop(entry.insert("isActive".to_owned(), json!(active))),
            None => *entry = json!({ "isActive": active }),
        }
    }
}

/// The text that a blob holds.
pub(super) async fn content(desk: &mut Desk<'_>, id: &str) -> Result<Vec<u8>, SetError> {
    let meant = desk.meant(id).unwrap_or_default().to_owned();
    let found = |error| match error {
        Error::NotFound => SetError::blobs_not_found(&[id.to_owned()]),
        error => error.into(),
    };
    let mut octets = Blob::find(desk, &meant).await.map_err(found)?.decoded().await.map_err(found)?;
    let mut text = Vec::new();
    while let Some(piece) = octets.try_next().await? {
        if text.len().saturating_add(piece.len()) > LARGEST_SCRIPT {
            return Err(SetError::new("tooLarge"));
        }
        text.extend_from_slice(&piece);
    }
    Ok(text)
}

/// A name that a script can have here.
fn named(scripts: &Scripts, text: &str) -> Result<ScriptName, SetError> {
    let wrong = |why: &str| SetError::properties(&["name"], why);
    let name = ScriptName::parse(text).ok_or_else(|| wrong("no script can have this name"))?;
    if scripts.named(text).is_some() {
        return Err(SetError::exists(&id_of(&name)));
    }
    // RFC 8621 §8 has it.
    if text == NAME { Err(wrong("this name is taken by the absence")) } else { Ok(name) }
}

/// What the store says of a script that it does not take.
fn refused(error: Error) -> SetError {
    match error {
        Error::Invalid { what } => SetError::saying("invalidSieve", what),
        error => error.into(),
    }
}

async fn make(
    desk: &mut Desk<'_>,
    handle: &Authorized<AccountRef, Edit>,
    scripts: &Scripts,
    script: &Value,
) -> Result<(String, Value), SetError> {
    let facts = script.as_object().ok_or_else(|| SetError::new("invalidProperties"))?;
    if let Some(unknown) = facts.keys().find(|it| !matches!(it.as_str(), "name" | "blobId")) {
        return Err(SetError::properties(&[unknown], "it cannot be said of a new script"));
    }
    let given = match facts.get("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => return Err(SetError::properties(&["name"], "a name is a text")),
    };
    let free = || (1_u32..).map(|number| format!("script {number}")).find(|name| scripts.named(name).is_none());
    let name = named(scripts, &given.clone().or_else(free).unwrap_or_default())?;
    let blob = facts.get("blobId").and_then(Value::as_str);
    let blob = blob.ok_or_else(|| SetError::properties(&["blobId"], "a script has a text"))?;
    let text = content(desk, blob).await?;
    handle.put_script(&name, &text).await.map_err(refused)?;
    let made = Script { name, active: false, text };
    let mut value = json!({ "id": made.id(), "blobId": made.blob_id(), "isActive": false });
    if let (None, Some(value)) = (given, value.as_object_mut()) {
        value.insert("name".to_owned(), json!(made.name.as_str()));
    }
    Ok((made.id(), value))
}

async fn change(
    desk: &mut Desk<'_>,
    handle: &Authorized<AccountRef, Edit>,
    scripts: &Scripts,
    id: &str,
    patch: &Value,
) -> Result<Value, SetError> {
    let patch = patch.as_object().ok_or_else(|| SetError::new("invalidPatch"))?;
    let found = desk.meant(id).and_then(|id| scripts.get(id)).ok_or_else(|| SetError::new("notFound"))?.clone();
    let (mut name, mut text) = (found.name.clone(), found.text.clone());
    for (property, value) in patch {
        match (property.as_str(), value) {
            ("name", Value::String(new)) if new == found.name.as_str() => {}
            ("name", Value::String(new)) => name = named(scripts, new)?,
            ("blobId", Value::String(blob)) => text = content(desk, blob).await?,
            // What the client was told, said back.
            ("isActive", Value::Bool(active)) if *active == found.active => {}
            _ => return Err(SetError::properties(&[property], "it cannot be changed to this")),
        }
    }
    let changed = Script { name, active: found.active, text };
    let goes_on = scripts.answers && found.active;
    if goes_on && let Some(why) = obstacle(&changed, &handle.filter_powers().await?) {
        return Err(SetError::saying("forbidden", why));
    }
    if changed.text != found.text || changed.name != found.name {
        handle.put_script(&changed.name, &changed.text).await.map_err(refused)?;
    }
    let mut more = json!({ "blobId": changed.blob_id() });
    if changed.name != found.name {
        // The store has no word for it here: the new one is there before the old one goes.
        if found.active {
            let scripts = Scripts::of(handle).await?;
            activate(handle, &scripts, Some(&changed.id())).await?;
        }
        handle.remove_script(&found.name).await?;
        more = json!({ "id": changed.id(), "blobId": changed.blob_id() });
    }
    Ok(more)
}

async fn remove(handle: &Authorized<AccountRef, Edit>, scripts: &Scripts, id: &str) -> Result<(), SetError> {
    let script = scripts.get(id).ok_or_else(|| SetError::new("notFound"))?;
    if script.active {
        return Err(SetError::new("sieveIsActive"));
    }
    Ok(handle.remove_script(&script.name).await?)
}

/// Makes a script the one that sorts mail, or none. While its owner is away, what answers goes on to it.
async fn activate(handle: &Authorized<AccountRef, Edit>, scripts: &Scripts, id: Option<&str>) -> Result<(), SetError> {
    let script = id.map(|id| scripts.get(id).ok_or_else(|| SetError::new("notFound"))).transpose()?;
    let (true, Ours::Written(absence)) = (scripts.answers, &scripts.ours) else {
        return handle.activate_script(script.map(|it| &it.name)).await.map_err(refused);
    };
    if let Some(script) = script
        && let Some(why) = obstacle(script, &handle.filter_powers().await?)
    {
        return Err(SetError::saying("forbidden", why));
    }
    let mut absence = absence.clone();
    absence.then = script.map(|it| it.name.as_str().to_owned());
    let name = ScriptName::parse(NAME).ok_or_else(|| SetError::new("serverFail"))?;
    handle.put_script(&name, absence.script().as_bytes()).await.map_err(refused)
}
