//! States of collections (RFC 8620 §5.1, §5.2), of the facts that stores tell.

use crate::id::CollectionId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Most collections of a state that can be compared; of more, a digest tells only whether anything has changed.
const MOST_COLLECTIONS: usize = 50;

/// The state of the collections themselves: of each a digest of what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ContainersState(pub(crate) BTreeMap<CollectionId, [u8; 4]>);

/// The state of what is in them: of each the gate's token, which says up to where a client knows its items. A token is sealed with its
/// collection, so that whoever makes one up hears of nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ItemsState(pub(crate) BTreeMap<CollectionId, String>);

impl ContainersState {
    pub(crate) fn to_text(&self) -> String {
        written(self.0.iter().map(|(id, what)| (*id, format!("{:08x}", u32::from_be_bytes(*what)))))
    }

    /// What [`Self::to_text`] wrote; `None` for anything else, and where only a digest is left.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let what = |text: &str| u32::from_str_radix(text, 16).ok().map(u32::to_be_bytes);
        entries(text, what).map(Self)
    }
}

impl ItemsState {
    pub(crate) fn to_text(&self) -> String {
        written(self.0.iter().map(|(id, token)| (*id, token.clone())))
    }

    /// What [`Self::to_text`] wrote; `None` for anything else, and where only a digest is left.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        entries(text, |token| Some(token.to_owned())).map(Self)
    }
}

/// `"v" [ id ":" what *( "," id ":" what ) ]`; neither an id nor a token has a colon or a comma.
fn written(all: impl ExactSizeIterator<Item = (CollectionId, String)>) -> String {
    let count = all.len();
    let text = all.map(|(id, what)| format!("{id}:{what}")).collect::<Vec<_>>().join(",");
    if count <= MOST_COLLECTIONS {
        return format!("v{text}");
    }
    let digest: String = Sha256::digest(text).iter().map(|octet| format!("{octet:02x}")).collect();
    format!("d{digest}")
}

fn entries<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<BTreeMap<CollectionId, T>> {
    let text = text.strip_prefix('v')?;
    let one = |entry: &str| {
        let (id, what) = entry.split_once(':')?;
        Some((CollectionId::parse(id)?, read(what)?))
    };
    let all: Option<BTreeMap<_, _>> = text.split(',').filter(|entry| !entry.is_empty()).map(one).collect();
    all.filter(|all| all.len() <= MOST_COLLECTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn states_are_read_as_they_were_written(
            all in proptest::collection::btree_map(any::<[u8; 8]>(), ("[A-Za-z0-9._-]{0,40}", any::<[u8; 4]>()), 0..60),
        ) {
            let items = ItemsState(all.iter().map(|(id, (token, _))| (CollectionId(*id), token.clone())).collect());
            let containers = ContainersState(all.iter().map(|(id, (_, what))| (CollectionId(*id), *what)).collect());
            let is_told = all.len() <= MOST_COLLECTIONS;
            prop_assert_eq!(ItemsState::from_text(&items.to_text()), is_told.then_some(items));
            prop_assert_eq!(ContainersState::from_text(&containers.to_text()), is_told.then_some(containers));
        }

        #[test]
        fn nothing_panics(text in "[vd]?.{0,60}") {
            let _ = (ItemsState::from_text(&text), ContainersState::from_text(&text));
        }
    }
}
