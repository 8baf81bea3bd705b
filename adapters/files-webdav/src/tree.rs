//! Acts on whole trees: removing, moving, copying. The server does them, each in one request.

use crate::{
    litter,
    place::{Found, Place},
};
use passerelle_core::{Error, Result, ports::Precondition};
use passerelle_fetch::dav::{Link, method};
use reqwest::{Method, StatusCode};

/// What is to be done with what stands where something goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Refuse,
    Replace,
}

/// Removes a file, or a folder with all that is in it.
pub(crate) async fn remove(link: &Link, place: Place, when: &Precondition) -> Result<()> {
    let place = place.below_root()?;
    let found = place.look(link).await?;
    if !when.holds(Some(&found.node(&place.name)?)) {
        return Err(Error::Conflict);
    }
    let mut request = link.request(Method::DELETE, &path_of(&place.path, &found))?;
    if let Some(tag) = found.facts.strong().filter(|_| *when != Precondition::None && !found.facts.folder) {
        request = request.header("If-Match", tag);
    }
    match link.act("removing", request).await {
        // The answer may be all that was lost: what is gone now is removed.
        Err(lost @ Error::Unavailable { .. }) => match place.there(link).await {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(lost),
            Err(_) => Err(Error::unsettled(link.name(), "removing", lost.chain())),
        },
        removed => removed.map(drop),
    }
}

/// Moves within the server.
pub(crate) async fn rename(link: &Link, from: Place, to: Place, taken: Taken) -> Result<()> {
    let doing = "moving";
    let (from, to) = (from.below_root()?, to.below_root()?);
    check_apart(&from, &to)?;
    let (moved, old) = both(link, &from, &to, taken).await?;
    let source = path_of(&from.path, &moved);
    match old {
        // RFC 4918 §9.9.3: a server removes the old one first. A whole folder rather goes aside.
        Some(old) if moved.facts.folder || old.facts.folder => {
            instead_of(link, doing, &source, &to, &old, &moved).await
        }
        old => match step(link, doing, "MOVE", &source, &path_of(&to.path, &moved), old.is_some()).await {
            Err(lost @ Error::Unavailable { .. }) => settle(link, &from, &to, &moved, lost).await,
            stepped => stepped,
        },
    }
}

/// Looks once what became of a move whose answer was lost: it is done where the source is gone and the goal is what the source was.
async fn settle(link: &Link, from: &Place, to: &Place, moved: &Found, lost: Error) -> Result<()> {
    match futures::join!(from.there(link), to.there(link)) {
        (Ok(None), Ok(Some(now))) if now.is_as(moved) => Ok(()),
        (Ok(Some(source)), Ok(_)) if source.is_as(moved) => Err(lost),
        _ => Err(Error::unsettled(link.name(), "moving", lost.chain())),
    }
}

/// Copies within the server; folders with all that is in them when `deep`.
pub(crate) async fn copy(link: &Link, from: Place, to: Place, taken: Taken, deep: bool) -> Result<()> {
    let doing = "copying";
    let to = to.below_root()?;
    check_apart(&from, &to)?;
    let (source, old) = both(link, &from, &to, taken).await?;
    // Into a hidden place first: a copy that breaks midway shows nothing.
    let hidden = path_of(&to.beside()?, &source);
    let request = link.request(method("COPY")?, &path_of(&from.path, &source))?.header("Overwrite", "F");
    // RFC 4918 §9.8.3
    let request = request.header("Depth", if deep { "infinity" } else { "0" });
    let copied = link.act(doing, request.header("Destination", link.absolute(&hidden))).await;
    let put = match copied {
        Ok(_) => match old {
            Some(old) if source.facts.folder || old.facts.folder => {
                instead_of(link, doing, &hidden, &to, &old, &source).await
            }
            old => step(link, doing, "MOVE", &hidden, &path_of(&to.path, &source), old.is_some()).await,
        },
        Err(error) => Err(error),
    };
    if put.is_err() {
        litter::remove(link, hidden);
    }
    put
}

/// What is to go, and what is where it goes to.
async fn both(link: &Link, from: &Place, to: &Place, taken: Taken) -> Result<(Found, Option<Found>)> {
    let (source, above, old) = futures::join!(from.look(link), to.check_above(link), to.there(link));
    let source = source?;
    above?;
    match old? {
        Some(_) if taken == Taken::Refuse => Err(Error::Conflict),
        old => Ok((source, old)),
    }
}

/// Puts something where something else is: the old goes aside, and comes back when the new one cannot be put there.
async fn instead_of(link: &Link, doing: &str, from: &str, to: &Place, old: &Found, new: &Found) -> Result<()> {
    let (aside, there) = (path_of(&to.aside()?, old), path_of(&to.path, old));
    step(link, doing, "MOVE", &there, &aside, false).await?;
    if let Err(error) = step(link, doing, "MOVE", from, &path_of(&to.path, new), false).await {
        if let Err(error) = step(link, doing, "MOVE", &aside, &there, false).await {
            let (store, error) = (link.name(), error.chain());
            tracing::error!(store, error, aside, "what was to be replaced could not be put back");
        }
        return Err(error);
    }
    // The new one is in place: what is left of the old is litter.
    litter::remove(link, aside);
    Ok(())
}

async fn step(link: &Link, doing: &str, name: &'static str, from: &str, to: &str, over: bool) -> Result<()> {
    let request = link.request(method(name)?, from)?.header("Overwrite", if over { "T" } else { "F" });
    let status = link.act(doing, request.header("Destination", link.absolute(to))).await?;
    if matches!(status, StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::OK) {
        return Ok(());
    }
    Err(Error::unavailable(link.name(), doing, format!("the server answered {status}")))
}

/// RFC 4918 §5.2: a folder's URL ends with a slash.
fn path_of(path: &str, found: &Found) -> String {
    if found.facts.folder { format!("{path}/") } else { path.to_owned() }
}

fn check_apart(from: &Place, to: &Place) -> Result<()> {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if within(&to.path, &from.path) || within(&from.path, &to.path) {
        return Err(Error::Forbidden);
    }
    Ok(())
}
