//! Acts on whole trees: removing, moving, copying.

use crate::{fault::fault, link::Link, list::is_shown, meta, place::Place, settings::Settings};
use futures::{FutureExt, future::BoxFuture};
use passerelle_core::{Error, Result, ports::Precondition};
use smb2::{FileInfo, RenameOptions};
use std::sync::Arc;

/// Most levels that are followed down; a path has no more.
const MOST_LEVELS: usize = 128;

/// What is to be done with what stands where something goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Refuse,
    Replace,
}

/// Removes a file, or a folder with all that is in it.
pub(crate) async fn remove(settings: &Settings, link: &Link, place: Place, when: &Precondition) -> Result<()> {
    let place = place.below_root()?;
    let (info, identity) = place.look(settings, link).await?;
    if !when.holds(Some(&meta::node(&place.name, &info, identity)?)) {
        return Err(Error::Conflict);
    }
    clear(settings, link, &place.path, info.is_directory, 0).await
}

/// Removes what is at a path of the share. Links in it go, not what they lead to.
fn clear<'a>(
    settings: &'a Settings,
    link: &'a Link,
    path: &'a str,
    folder: bool,
    level: usize,
) -> BoxFuture<'a, Result<()>> {
    async move {
        let told = |error| fault(&settings.name, "removing", error);
        let mut connection = link.connection();
        if !folder {
            return link.tree.delete_file(&mut connection, path).await.map_err(told);
        }
        if level >= MOST_LEVELS {
            return Err(Error::unavailable(&settings.name, "removing", "folders are nested too deep"));
        }
        for entry in link.tree.list_directory(&mut connection, path).await.map_err(told)? {
            if matches!(entry.name.as_str(), "." | "..") {
                continue;
            }
            let inner = format!("{path}/{}", entry.name);
            if entry.is_link() {
                link.tree.delete_link(&mut connection, &inner).await.map_err(told)?;
            } else {
                clear(settings, link, &inner, entry.is_directory, level.saturating_add(1)).await?;
            }
        }
        link.tree.delete_directory(&mut connection, path).await.map_err(told)
    }
    .boxed()
}

/// Removes a folder of ours in the background; what is left of it the next listing finds again.
pub(crate) fn clear_later(settings: &Arc<Settings>, link: &Arc<Link>, path: String) {
    let (settings, link) = (Arc::clone(settings), Arc::clone(link));
    tokio::spawn(async move {
        if let Err(error) = clear(&settings, &link, &path, true, 0).await {
            tracing::debug!(store = settings.name, error = %error.chain(), "an upload that was given up is left, hidden");
        }
    });
}

/// Moves within the share.
pub(crate) async fn rename(settings: &Settings, link: &Link, from: Place, to: Place, taken: Taken) -> Result<()> {
    let (from, to) = (from.below_root()?, to.below_root()?);
    check_apart(&from, &to)?;
    let (moved, _) = from.look(settings, link).await?;
    let put = async |link: &Link| {
        let replace = taken == Taken::Replace && !moved.is_directory;
        let options = RenameOptions::new().replace_if_exists(replace);
        link.tree.rename_with(&mut link.connection(), &from.path, &to.path, options).await
    };
    match there(settings, link, &to).await? {
        Some(_) if taken == Taken::Refuse => Err(Error::Conflict),
        // One step where the protocol has one: a file over a file.
        Some(old) if moved.is_directory || old.is_directory => {
            instead_of(settings, link, &to, old.is_directory, async || put(link).await).await
        }
        Some(_) | None => put(link).await.map_err(|error| fault(&settings.name, "moving", error)),
    }
}

/// Copies within the share, on the server; folders with all that is in them when `deep`.
pub(crate) async fn copy(
    settings: &Arc<Settings>,
    link: &Arc<Link>,
    from: Place,
    to: Place,
    taken: Taken,
    deep: bool,
) -> Result<()> {
    let to = to.below_root()?;
    check_apart(&from, &to)?;
    let (info, _) = from.look(settings, link).await?;
    let old = there(settings, link, &to).await?;
    if old.is_some() && taken == Taken::Refuse {
        return Err(Error::Conflict);
    }
    // Into a hidden place first: a copy that breaks midway shows nothing.
    let hidden = to.beside()?;
    let depth = if deep { 0 } else { MOST_LEVELS };
    if let Err(error) = copy_into(settings, link, &from.path, &hidden, info.is_directory, depth).await {
        // What is left is hidden, and the error is what counts.
        let _ = clear(settings, link, &hidden, info.is_directory, 0).await;
        return Err(error);
    }
    let put = async || {
        let replace = old.as_ref().is_some_and(|old| !old.is_directory) && !info.is_directory;
        let options = RenameOptions::new().replace_if_exists(replace);
        link.tree.rename_with(&mut link.connection(), &hidden, &to.path, options).await
    };
    let outcome = match &old {
        Some(old) if info.is_directory || old.is_directory => {
            instead_of(settings, link, &to, old.is_directory, put).await
        }
        _ => put().await.map_err(|error| fault(&settings.name, "copying", error)),
    };
    if outcome.is_err() {
        let _ = clear(settings, link, &hidden, info.is_directory, 0).await;
    }
    outcome
}

/// Copies what is at a path of the share. `level` at its end copies a folder without what is in it.
fn copy_into<'a>(
    settings: &'a Settings,
    link: &'a Link,
    from: &'a str,
    to: &'a str,
    folder: bool,
    level: usize,
) -> BoxFuture<'a, Result<()>> {
    async move {
        let told = |error| fault(&settings.name, "copying", error);
        let mut connection = link.connection();
        if !folder {
            return link.tree.server_side_copy_file(&mut connection, from, to).await.map(drop).map_err(told);
        }
        let made = link.tree.create_directory(&mut connection, to).await;
        made.map_err(|error| crate::fault::parent_fault(&settings.name, "copying", error))?;
        if level >= MOST_LEVELS {
            return Ok(());
        }
        for entry in link.tree.list_directory(&mut connection, from).await.map_err(told)? {
            if is_shown(&entry) {
                let (source, target) = (format!("{from}/{}", entry.name), format!("{to}/{}", entry.name));
                copy_into(settings, link, &source, &target, entry.is_directory, level.saturating_add(1)).await?;
            }
        }
        Ok(())
    }
    .boxed()
}

/// Puts something where something else is that cannot be replaced in one step: the old goes aside, and comes back when the
/// new one cannot be put there.
pub(crate) async fn instead_of(
    settings: &Settings,
    link: &Link,
    to: &Place,
    folder: bool,
    put: impl AsyncFnOnce() -> smb2::Result<()>,
) -> Result<()> {
    let told = |error| fault(&settings.name, "replacing", error);
    let aside = to.beside()?;
    link.tree.rename(&mut link.connection(), &to.path, &aside).await.map_err(told)?;
    if let Err(error) = put().await {
        if let Err(error) = link.tree.rename(&mut link.connection(), &aside, &to.path).await {
            tracing::error!(store = settings.name, %error, aside, "what was to be replaced could not be put back");
        }
        return Err(told(error));
    }
    clear(settings, link, &aside, folder, 0).await
}

/// What is at the place where something is to go to; the folder above has to be there.
async fn there(settings: &Settings, link: &Link, to: &Place) -> Result<Option<FileInfo>> {
    match link.tree.stat(&mut link.connection(), to.folder()).await {
        Ok(folder) if folder.is_directory => {}
        Ok(_) => return Err(Error::NoParent),
        Err(error) => return Err(crate::fault::parent_fault(&settings.name, "looking at a folder", error)),
    }
    match to.look(settings, link).await {
        Ok((info, _)) => Ok(Some(info)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
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
