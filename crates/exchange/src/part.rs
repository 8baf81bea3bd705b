//! A collection part by part, for calls whose answers are bounded. Each part is a file of its own, which can be read without the others.

use crate::{
    Form,
    whole::{begin, end, written},
};
use passerelle_core::{
    Allows, Authorized, Error, Lookup, Read, Result,
    ports::{ListedItem, Telling},
};
use passerelle_model::CollectionRef;
use passerelle_wire_exchange::Calendar;
use passerelle_wire_ical::discreet;

/// Items that are read together.
const TOGETHER: usize = 25;

/// A part of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The file.
    pub octets: Vec<u8>,
    /// How many items are in it.
    pub items: usize,
    /// The name of its last item, behind which the next part begins; `None` when that was all.
    pub next: Option<String>,
}

/// The items behind a name, in the order of their names, until they have so many octets: one at least, whatever its size.
///
/// # Errors
/// `NotFound`, `TooLarge`, `Unavailable`.
pub async fn part<R: Allows<Read> + Allows<Lookup>>(
    handle: &Authorized<CollectionRef, R>,
    form: Form,
    after: &str,
    most: usize,
) -> Result<Part> {
    let facts = handle.look(Telling::Facts).await?.collection;
    let mut listed = handle.items().await?;
    listed.retain(|item| item.name.as_str() > after);
    listed.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    let (mut calendar, mut octets, mut items) = (Calendar::default(), begin(form, &facts).into_bytes(), 0_usize);
    let mut next = None;
    'all: for some in listed.chunks(TOGETHER) {
        let mut contents = handle.contents(some).await?;
        contents.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (name, item) in contents {
            let item = handle.told(item, discreet).filter(|item| !item.is_too_large);
            // What is in the part already is not taken back: whether it fits is known before it is written.
            let size = item.as_ref().map_or(0, |item| item.content.len());
            if items > 0 && octets.len().saturating_add(size) > most {
                break 'all;
            }
            if let Some(more) = item.and_then(|item| written(form, &mut calendar, &item)) {
                octets.extend(more);
                items = items.saturating_add(1);
            }
            next = Some(name.as_str().to_owned());
        }
    }
    octets.extend_from_slice(end(form).as_bytes());
    let is_last = |item: &ListedItem| next.as_deref().is_none_or(|next| next >= item.name.as_str());
    let next = if listed.last().is_none_or(is_last) { None } else { next };
    Ok(Part { octets, items, next })
}

/// Whose collection a name names: one's own, or of the owner that is named.
///
/// # Errors
/// `NotFound` for what can be none.
pub fn named(
    session: &passerelle_core::Session,
    owner: &str,
    family: passerelle_model::CollectionFamily,
    name: &str,
) -> Result<CollectionRef> {
    let owner = match owner {
        "" => session.principal()?.account().clone(),
        name => session.account_named(name).ok_or(Error::NotFound)?,
    };
    // What can be no collection's name is none.
    CollectionRef::parse(owner, family, name).map_err(|_| Error::NotFound)
}
