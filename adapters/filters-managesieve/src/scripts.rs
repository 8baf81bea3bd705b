//! Operations on somebody's scripts, each on a connection of its own (RFC 5804 §2.5 to §2.10).

use crate::{
    connect::{Response, Wire},
    login::log_in,
    settings::Store,
};
use passerelle_core::{
    Edit, Error, Permit, Read, Result, Right,
    ports::{FilterScript, LARGEST_SCRIPT, MOST_SCRIPTS, ScriptName},
};
use passerelle_model::AccountRef;
use passerelle_wire_sieve::{Command, Ended, Script, ending, script, scripts};
use tokio::time::timeout;

/// Longest answer, in octets: a script, or the names of some thousand.
const LONGEST_ANSWER: usize = LARGEST_SCRIPT + 4 * 1024;

pub(crate) async fn list(store: &Store, at: &Permit<AccountRef, Read>) -> Result<Vec<FilterScript>> {
    listed(store, &ask(store, at, &Command::ListScripts, None).await?)
}

/// The scripts of an answer to LISTSCRIPTS.
fn listed(store: &Store, answer: &Response) -> Result<Vec<FilterScript>> {
    let told = || Error::unavailable(&store.name, "LISTSCRIPTS", "the store answers what cannot be read");
    let listed = scripts(&answer.octets).ok_or_else(told)?;
    let mut known = Vec::new();
    for it in listed {
        match std::str::from_utf8(&it.name).ok().and_then(ScriptName::parse) {
            Some(name) => known.push(FilterScript { name, active: it.active }),
            // Whoever took it for none would put another in its place.
            None if it.active => return Err(Error::Unsupported { what: "an active script whose name cannot be said" }),
            // A name that we could not write back is told to nobody; its script stays where it is.
            None => {}
        }
    }
    Ok(known)
}

pub(crate) async fn read(store: &Store, at: &Permit<AccountRef, Read>, name: &ScriptName) -> Result<Vec<u8>> {
    let answer = ask(store, at, &Command::GetScript(name.as_str().into()), None).await?;
    text_of(store, &answer)
}

/// The script of an answer to GETSCRIPT.
fn text_of(store: &Store, answer: &Response) -> Result<Vec<u8>> {
    script(&answer.octets).ok_or_else(|| Error::unavailable(&store.name, "GETSCRIPT", "the store answers no script"))
}

/// All of them over one connection. A script that goes meanwhile is none.
pub(crate) async fn read_all(store: &Store, at: &Permit<AccountRef, Read>) -> Result<Vec<(FilterScript, Vec<u8>)>> {
    let mut wire = log_in(store, &at.target().0, at.actor(), at.delegation()).await?;
    let all = listed(store, &answered(store, &mut wire, &Command::ListScripts, None).await?)?;
    if all.len() > MOST_SCRIPTS {
        return Err(Error::TooLarge { most: u64::try_from(MOST_SCRIPTS).unwrap_or(u64::MAX) });
    }
    let mut whole = Vec::new();
    for it in all {
        let command = Command::GetScript(it.name.as_str().into());
        match answered(store, &mut wire, &command, None).await {
            Ok(answer) => whole.push((it, text_of(store, &answer)?)),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    // Everything is in: whether the goodbye arrives changes nothing.
    let _ = wire.send(&Command::Logout.to_octets()).await;
    Ok(whole)
}

pub(crate) async fn check(store: &Store, at: &Permit<AccountRef, Read>, text: &[u8]) -> Result<()> {
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    ask(store, at, &Command::CheckScript(Script::Follows(length)), Some(text)).await.map(drop)
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
    let answer = answered(store, &mut wire, command, text).await?;
    // The connection is ours alone and the answer is in: whether the goodbye arrives changes nothing.
    let _ = wire.send(&Command::Logout.to_octets()).await;
    Ok(answer)
}

/// The answer to a command, which the store does.
async fn answered(store: &Store, wire: &mut Wire, command: &Command, text: Option<&[u8]>) -> Result<Response> {
    let doing = command.verb();
    let answer = match timeout(store.deadline, exchange(wire, command, text)).await {
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
    wire.response(LONGEST_ANSWER).await
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
        "" if answer.ended == Ended::No
            && matches!(command, Command::PutScript(..) | Command::CheckScript(_) | Command::SetActive(_)) =>
        {
            Error::invalid(text.trim())
        }
        _ => Error::unavailable(&store.name, command.verb(), format!("the store answered {}", answer.words())),
    }
}
