//! Acts on whole trees: removing, moving, copying. The store knows single objects only.
//!
//! Nothing is removed that was not copied before, as it was at the last look: what somebody writes into a folder while it is moved
//! stays where they put it, but for what comes between that look and the removal.

use crate::{
    client::{Link, Page, check_key},
    objects::{AT_ONCE, BATCH, clear_below, copy_object, delete, midway},
    place::{Found, Place, head, mark},
};
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{
    Error, Result,
    ports::{Precondition, TRANSFER, TRANSFERS},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

/// Most objects of a folder that is moved or copied.
const MOST_MOVED: usize = 10_000;

/// What a listing of a whole folder is for.
const LOOKING: &str = "looking through a folder";

/// What is to be done with what stands where something goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Refuse,
    Replace,
}

/// What was copied: the tag of each key of the source.
type Copied = BTreeMap<String, String>;

/// Removes a file, or a folder with all that is in it: its own object last, so that what breaks midway leaves a folder. What
/// somebody puts there meanwhile goes, or stays in a folder that is there again.
pub(crate) async fn remove(link: &Link, place: Place, when: &Precondition) -> Result<()> {
    let place = place.below_root()?;
    let found = place.look(link).await?;
    if !when.holds(Some(&found.node(&place.name))) {
        return Err(Error::Conflict);
    }
    if found.folder {
        check_keys(link, &place.folder()).await?;
    }
    place.keep_above(link).await?;
    if found.folder {
        clear_below(link, &place.folder(), &BTreeSet::new()).await.map_err(|error| midway(link, "removing", error))
    } else {
        delete(link, &place.key).await
    }
}

/// Moves within the store: copies all, and then removes what was copied.
pub(crate) async fn rename(link: &Link, from: Place, to: Place, taken: Taken) -> Result<()> {
    const DOING: &str = "moving";
    let from = from.below_root()?;
    let (moved, old) = both(link, &from, &to, taken).await?;
    if from.is_transfer() && to.is_transfer() {
        return withdraw(link, &from, &to).await;
    }
    let copied = put(link, DOING, (&from, &moved), (&to, old.as_ref()), true).await?;
    from.keep_above(link).await.map_err(|error| midway(link, DOING, error))?;
    let cleared = if moved.folder {
        clear_copied(link, &from.folder(), &copied).await
    } else {
        clear_file(link, &from, &moved).await
    };
    match cleared {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::unsettled(link.name(), DOING, "somebody wrote meanwhile: that is left where it was")),
        Err(error) => Err(midway(link, DOING, error)),
    }
}

/// Copies within the store; folders with all that is in them when `deep`.
pub(crate) async fn copy(link: &Link, from: Place, to: Place, taken: Taken, deep: bool) -> Result<()> {
    let (source, old) = both(link, &from, &to, taken).await?;
    put(link, "copying", (&from, &source), (&to, old.as_ref()), deep).await.map(drop)
}

/// Parts of an upload are moved only to be out of reach in one step, and never looked at again: without the folder's own object
/// they are. They are removed rather than copied.
async fn withdraw(link: &Link, from: &Place, to: &Place) -> Result<()> {
    delete(link, &from.folder()).await?;
    mark(link, &to.folder()).await?;
    clear_below(link, &from.folder(), &BTreeSet::new()).await
}

/// What is to go, and what is where it goes to.
async fn both(link: &Link, from: &Place, to: &Place, taken: Taken) -> Result<(Found, Option<Found>)> {
    let to = to.clone().below_root()?;
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if within(&to.key, &from.key) || within(&from.key, &to.key) {
        return Err(Error::Forbidden);
    }
    let (source, above, old) = futures::join!(from.look(link), to.check_above(link), to.there(link));
    let source = source?;
    above?;
    match old? {
        Some(_) if taken == Taken::Refuse => Err(Error::Conflict),
        old => Ok((source, old)),
    }
}

/// Puts a copy where it belongs. What was there goes when the copy is whole, but for what the copy takes the name of.
async fn put(
    link: &Link,
    doing: &str,
    (from, source): (&Place, &Found),
    (to, old): (&Place, Option<&Found>),
    deep: bool,
) -> Result<Copied> {
    if source.folder {
        return put_folder(link, doing, from, (to, old), deep).await;
    }
    if old.is_some_and(|old| old.folder) {
        check_keys(link, &to.folder()).await?;
    }
    copy_object(link, doing, (&from.key, &to.key), source).await?;
    // The file is seen before the folder of its name, which goes now.
    if old.is_some_and(|old| old.folder) {
        clear_below(link, &to.folder(), &BTreeSet::new()).await.map_err(|error| midway(link, doing, error))?;
    }
    Ok(Copied::new())
}

async fn put_folder(
    link: &Link,
    doing: &str,
    from: &Place,
    (to, old): (&Place, Option<&Found>),
    deep: bool,
) -> Result<Copied> {
    let (below, goal) = (from.folder(), to.folder());
    let mut found = if deep { all(link, &below).await? } else { Vec::new() };
    if from.name.is_empty() {
        found.retain(|(key, _)| !is_of_transfers(key.strip_prefix(&below).unwrap_or_default()));
    }
    // Nothing is begun that cannot be ended.
    if old.is_some_and(|old| old.folder) {
        check_keys(link, &goal).await?;
    }
    let goal_of = |key: &str| format!("{goal}{}", key.strip_prefix(&below).unwrap_or_default());
    let mut kept: BTreeSet<String> = found.iter().map(|(key, _)| goal_of(key)).collect();
    if kept.iter().any(|key| key.len() > 1_024) {
        return Err(Error::invalid(crate::fault::TOO_LONG));
    }
    mark(link, &goal).await?;
    let copied = stream::iter(found)
        .map(|(key, source)| {
            let target = goal_of(&key);
            let is_own = key == below;
            async move {
                // The folder's own object is there; what somebody removed meanwhile need not be.
                match if is_own { Ok(()) } else { copy_object(link, doing, (&key, &target), &source).await } {
                    Ok(()) => Ok(Some((key, source.tag))),
                    Err(Error::NotFound) => Ok(None),
                    Err(error) => Err(error),
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_filter_map(|copied| std::future::ready(Ok(copied)))
        .try_collect::<Copied>()
        .await
        .map_err(|error| midway(link, doing, error))?;
    let cleared = match old {
        Some(old) if old.folder => {
            kept.insert(goal.clone());
            clear_below(link, &goal, &kept).await
        }
        // It hid the new folder until now.
        Some(_) => delete(link, &to.key).await,
        None => Ok(()),
    };
    cleared.map(|()| copied).map_err(|error| midway(link, doing, error))
}

/// Whether a key, from the root of a tree, belongs to uploads in parts, which no copy takes along.
fn is_of_transfers(key: &str) -> bool {
    let first = key.split('/').next().unwrap_or_default();
    first == TRANSFERS || first.starts_with(TRANSFER)
}

/// All objects of a folder, by their keys.
///
/// # Errors
/// `Unsupported` for more than [`MOST_MOVED`], and for a key that cannot be asked for.
async fn all(link: &Link, prefix: &str) -> Result<Vec<(String, Found)>> {
    let mut objects = Vec::new();
    let mut pages = pin!(link.pages(LOOKING, prefix));
    while let Some(answer) = pages.try_next().await? {
        for object in &answer.objects {
            check_key(&object.key)?;
            objects.push((object.key.clone(), Found::of_object(object)));
        }
        if objects.len() > MOST_MOVED {
            return Err(Error::Unsupported { what: "moving or copying a folder of more than 10,000 objects" });
        }
    }
    Ok(objects)
}

/// Looks whether all keys of a folder can be asked for, before any of them is removed.
///
/// # Errors
/// `Unsupported` for one that cannot.
async fn check_keys(link: &Link, prefix: &str) -> Result<()> {
    let mut pages = pin!(link.pages(LOOKING, prefix));
    while let Some(answer) = pages.try_next().await? {
        answer.objects.iter().try_for_each(|object| check_key(&object.key))?;
    }
    Ok(())
}

/// Removes a file that was copied; whether nobody wrote it meanwhile.
async fn clear_file(link: &Link, place: &Place, copied: &Found) -> Result<bool> {
    match place.there(link).await? {
        Some(now) if !now.folder && now.tag != copied.tag => Ok(false),
        _ => delete(link, &place.key).await.map(|()| true),
    }
}

/// Removes what was copied of a folder, its own object last; whether nothing else is there. Each object is looked at right before
/// it goes: what somebody writes between that look and the removal goes with it.
async fn clear_copied(link: &Link, folder: &str, copied: &Copied) -> Result<bool> {
    let (mut last, mut whole) = (None::<String>, true);
    loop {
        let page = Page { prefix: folder, most: BATCH, after: last.as_deref(), ..Page::default() };
        let answer = link.page(LOOKING, &page).await?;
        let next = answer.objects.last().map(|object| object.key.clone());
        let (going, staying): (Vec<_>, Vec<_>) = answer
            .objects
            .into_iter()
            .filter(|object| object.key != folder)
            .partition(|object| copied.get(&object.key) == Some(&object.tag));
        whole &= staying.is_empty();
        let removed: Vec<bool> = stream::iter(going)
            .map(|object| async move {
                match head(link, &object.key).await? {
                    Some(now) if now.tag != object.tag => Ok::<_, Error>(false),
                    Some(_) => delete(link, &object.key).await.map(|()| true),
                    None => Ok(true),
                }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        whole &= !removed.contains(&false);
        match next {
            Some(key) if answer.truncated => last = Some(key),
            _ => break,
        }
    }
    if whole {
        delete(link, folder).await?;
    }
    Ok(whole)
}
