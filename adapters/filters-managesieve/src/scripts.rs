//! One operation on somebody's scripts, on a connection of its own (RFC 5804 §2.5 to §2.10).

use crate::{
    connect::{Response, Wire},
    login::log_in,
    settings::Store,
};
use passerelle_core::{
    Edit, Error, Permit, Read, Result, Right,
    ports::{FilterScript, LARGEST_SCRIPT, ScriptName},
};
use passerelle_model::AccountRef;
use passerelle_wire_sieve::{Command, Ended, Script, ending, script, scripts};
use tokio::time::timeout;

/// Longest answer, in octets: a script, or the names of some thousand.
const LONGEST_ANSWER: usize = LARGEST_SCRIPT + 4 * 1024;

pub(crate) async fn list(store: &Store, at: &Permit<AccountRef, Read>) -> Result<Vec<FilterScript>> {
    let answer = ask(store, at, &Command::ListScripts, None).await?;
    let told = || Error::unavailable(&store.name, "LISTSCRIPTS", "the store answers what cannot be read");
    let listed = scripts(&answer.octets).ok_or_else(told)?;
    // A name that we could not write back is told to nobody; its script stays where it is.
    let known = listed.into_iter().filter_map(|it| {
        let name = ScriptName::parse(std::str::from_utf8(&it.name).ok()?)?;
        Some(FilterScript { name, active: it.active })
    });
    Ok(known.collect())
}

pub(crate) async fn read(store: &Store, at: &Permit<AccountRef, Read>, name: &ScriptName) -> Result<Vec<u8>> {
    let answer = ask(store, at, &Command::GetScript(name.as_str().into()), None).await?;
    script(&answer.octets).ok_or_else(|| Error::unavailable(&store.name, "GETSCRIPT", "the store answers no script"))
}

pub(crate) async fn put(store: &Store, at: &Permit<AccountRef, Edit>, name: &ScriptName, text: &[u8]) -> Result<()> {
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let command = Command::PutScript(name.as_str().into(), Script::Follows(length));
    ask(store, at, &command, Some(text)).await.map(drop)
}

pub(crate) async fn activate(store: &Store, at: &Permit<AccountRef, Edit>, name: Option<&ScriptName>) -> Result<()> {
    let name = name.map(ScriptName::as_str).unwrap_or_default();
    ask(store, at, &Command::SetActive(name.into()), None).await.map(drop)
}

pub(crate) async fn remove(store: &Store, at: &Permit<AccountRef, Edit>, name: &ScriptName) -> Result<()> {
    ask(store, at, &Command::DeleteScript(name.as_str().into()), None).await.map(drop)
}

/// Logs in, asks, and says goodbye.
async fn ask<R: Right>(
    store: &Store,
    at: &Permit<AccountRef, R>,
    command: &Command,
    text: Option<&[u8]>,
) -> Result<Response> {
    let mut wire = log_in(store, &at.target().0, at.actor(), at.delegation()).await?;
    let doing = command.verb();
    let answer = match timeout(store.deadline, exchange(&mut wire, command, text)).await {
        Ok(answer) => answer.map_err(|error| Error::unavailable(&store.name, doing, error))?,
        Err(slow) => return Err(Error::unavailable(&store.name, doing, slow)),
    };
    if answer.ended == Ended::Ok { Ok(answer) } else { Err(refused(store, command, &answer)) }
}

async fn exchange(wire: &mut Wire, command: &Command, text: Option<&[u8]>) -> std::io::Result<Response> {
    let mut octets = command.to_octets();
    if let Some(text) = text {
        octets.extend_from_slice(text);
        octets.extend_from_slice(b"\r\n");
    }
    wire.send(&octets).await?;
    let answer = wire.response(LONGEST_ANSWER).await?;
    // The connection is ours alone and the answer is in: whether the goodbye arrives changes nothing.
    let _ = wire.send(&Command::Logout.to_octets()).await;
    Ok(answer)
}

/// What a refusal is, by its code (RFC 5804 §1.3).
fn refused(store: &Store, command: &Command, answer: &Response) -> Error {
    let (code, text) = ending(&answer.octets);
    let code = code.unwrap_or_default();
    match code.split('/').next().unwrap_or_default() {
        "NONEXISTENT" => Error::NotFound,
        "ACTIVE" | "ALREADYEXISTS" => Error::Conflict,
        "QUOTA" => Error::OverQuota,
        // Without a code, what is wrong with a script is said in words (RFC 5804 §2.6).
        "" if answer.ended == Ended::No && matches!(command, Command::PutScript(..)) => Error::invalid(text.trim()),
        _ => Error::unavailable(&store.name, command.verb(), format!("the store answered {}", answer.words())),
    }
}
