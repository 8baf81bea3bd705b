//! Acts on whole trees: removing and moving.

use crate::{
    facts::Facts,
    fault::Refusal,
    lease::Lease,
    list::Listing,
    place::{Place, aside_of},
    upload::stamp,
};
use futures::{FutureExt, future::BoxFuture};
use passerelle_core::{Error, Result, ports::Precondition};

/// Most levels that are followed down; a path has no more.
pub(crate) const MOST_LEVELS: usize = 128;

/// One connection for commands, one for listings.
pub(crate) const MOST_AT_ONCE: u32 = 2;

/// What is to be done with what stands where something goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Refuse,
    Replace,
}

/// Removes a file, or a folder with all that is in it.
pub(crate) async fn remove(mut lease: Lease, place: Place, when: &Precondition) -> Result<()> {
    let place = place.below_root()?;
    let found = place.look(&mut lease).await?;
    if !when.holds(Some(&found.node(&place.name))) {
        return Err(Error::Conflict);
    }
    if found.is_folder() {
        check_removable(&mut lease, &place.path, &mut vec![found.unique.clone()]).await?;
    }
    clear(&mut lease, &place.path, found.is_folder(), 0).await
}

/// Sees to it that nothing is in a folder that no command could remove, before all else in it is gone. A server that does
/// not number its folders is not asked: a link that leads back up would never end.
fn check_removable<'a>(lease: &'a mut Lease, path: &'a str, above: &'a mut Vec<String>) -> BoxFuture<'a, Result<()>> {
    async move {
        if above.len() > MOST_LEVELS {
            let what = "folders are nested too deep";
            return Err(Error::unavailable(&lease.share.settings.name, "removing", what));
        }
        let inside = Listing::whole(lease.another().await?, path).await?;
        if inside.nameless > 0 {
            return Err(Error::Forbidden);
        }
        for (name, facts) in inside.entries {
            if !facts.is_folder() || facts.unique.is_empty() || above.contains(&facts.unique) {
                continue;
            }
            above.push(facts.unique);
            check_removable(lease, &format!("{path}/{name}"), above).await?;
            above.pop();
        }
        Ok(())
    }
    .boxed()
}

/// Removes what is at a path. A link goes, and not what it leads to, also where the server calls it a folder.
pub(crate) fn clear<'a>(lease: &'a mut Lease, path: &'a str, folder: bool, level: usize) -> BoxFuture<'a, Result<()>> {
    async move {
        let doing = "removing";
        if !folder {
            let removed = lease.run(async |it| it.ftp.rm(path).await).await;
            return removed.map_err(|refusal| refusal.fault(&lease.share.settings, doing));
        }
        if level >= MOST_LEVELS {
            return Err(Error::unavailable(&lease.share.settings.name, doing, "folders are nested too deep"));
        }
        if unlink(lease, path, doing).await? {
            return Ok(());
        }
        let inside = Listing::whole(lease.another().await?, path).await?;
        let entries = inside.entries.into_iter().map(|(name, facts)| (name, facts.is_folder()));
        for (name, folder) in entries.chain(inside.others.into_iter().map(|name| (name, false))) {
            clear(lease, &format!("{path}/{name}"), folder, level.saturating_add(1)).await?;
        }
        let removed = lease.run(async |it| it.ftp.rmdir(path).await).await;
        removed.map_err(|refusal| refusal.fault(&lease.share.settings, doing))
    }
    .boxed()
}

/// Removes what may be a link, whatever the server calls it (some look through links): `DELE` takes a link away and fails on a
/// folder. It fails on a link too where nothing may be removed; what can be renamed could have been.
///
/// # Errors
/// `Forbidden` when it may not be removed at all: then nothing in it is to be touched.
async fn unlink(lease: &mut Lease, path: &str, doing: &str) -> Result<bool> {
    match lease.run(async |it| it.ftp.rm(path).await).await {
        Ok(()) => return Ok(true),
        Err(Refusal::Reply { .. }) => {}
        Err(broken) => return Err(broken.fault(&lease.share.settings, doing)),
    }
    let tried = aside_of(path)?;
    let away = step(lease, path, &tried).await;
    away.map_err(|refusal| refusal.fault(&lease.share.settings, doing))?;
    let back = step(lease, &tried, path).await;
    back.map_err(|refusal| refusal.fault(&lease.share.settings, doing))?;
    Ok(false)
}

/// Moves within the server.
pub(crate) async fn rename(mut lease: Lease, from: Place, to: Place, taken: Taken) -> Result<()> {
    let (from, to) = (from.below_root()?, to.below_root()?);
    check_apart(&from, &to)?;
    let (moved, old) = both(&mut lease, &from, &to, taken).await?;
    if let Some(old) = old.as_ref().filter(|old| !old.is_folder() && old.node("").etag == moved.node("").etag) {
        // Else the tag of the old content would be the tag of the new one.
        stamp(&mut lease, &from.path, old, &moved).await?;
    }
    put_moved(&mut lease, &from.path, moved.is_folder(), &to, old.as_ref(), "moving").await
}

/// Puts a file of ours in its place.
pub(crate) async fn put(lease: &mut Lease, from: &str, to: &Place, old: Option<&Facts>, doing: &str) -> Result<()> {
    let folder = old.is_some() && crate::place::look(lease, from).await?.is_folder();
    put_moved(lease, from, folder, to, old, doing).await
}

async fn put_moved(
    lease: &mut Lease,
    from: &str,
    folder: bool,
    to: &Place,
    old: Option<&Facts>,
    doing: &str,
) -> Result<()> {
    let Some(old) = old else {
        let renamed = step(lease, from, &to.path).await;
        return renamed.map_err(|refusal| refusal.fault(&lease.share.settings, doing));
    };
    if !folder && !old.is_folder() {
        match step(lease, from, &to.path).await {
            // A server that spares what is there: in two steps, then.
            Err(Refusal::Reply { code: 550 | 553, .. }) => {}
            other => return other.map_err(|refusal| refusal.fault(&lease.share.settings, doing)),
        }
    }
    instead_of(lease, from, to, old.is_folder(), doing).await
}

/// Puts something where something else is: the old goes aside, and comes back when the new one cannot be put there.
async fn instead_of(lease: &mut Lease, from: &str, to: &Place, folder: bool, doing: &str) -> Result<()> {
    let aside = to.aside()?;
    let away = step(lease, &to.path, &aside).await;
    away.map_err(|refusal| refusal.fault(&lease.share.settings, doing))?;
    if let Err(refusal) = step(lease, from, &to.path).await {
        if step(lease, &aside, &to.path).await.is_err() {
            let store = lease.share.settings.name.as_str();
            tracing::error!(store, aside, "what was to be replaced could not be put back");
        }
        return Err(refusal.fault(&lease.share.settings, doing));
    }
    // The new one is in place, whatever becomes of the old.
    if let Err(error) = clear(lease, &aside, folder, 0).await {
        let (store, error) = (lease.share.settings.name.as_str(), error.chain());
        tracing::warn!(store, error, "what was replaced is left under a hidden name");
    }
    Ok(())
}

async fn step(lease: &mut Lease, from: &str, to: &str) -> Result<(), Refusal> {
    lease.run(async |it| it.ftp.rename(from, to).await).await
}

/// What is to go, and what is where it goes to.
pub(crate) async fn both(lease: &mut Lease, from: &Place, to: &Place, taken: Taken) -> Result<(Facts, Option<Facts>)> {
    let source = from.look(lease).await?;
    to.check_above(lease).await?;
    match to.there(lease).await? {
        Some(_) if taken == Taken::Refuse => Err(Error::Conflict),
        old => Ok((source, old)),
    }
}

pub(crate) fn check_apart(from: &Place, to: &Place) -> Result<()> {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if within(&to.path, &from.path) || within(&from.path, &to.path) {
        return Err(Error::Forbidden);
    }
    Ok(())
}
