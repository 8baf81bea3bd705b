//! Listings: a page at a time, as the store has them, in the order of keys.

use crate::{
    answer::Answer,
    client::{Link, Page},
    litter,
    place::{Found, Place},
};
use futures::{StreamExt, stream};
use passerelle_core::{
    Error, Result,
    ports::{Node, NodeStream, TRANSFER},
};
use passerelle_model::NodePath;

/// So many entries make a page, and a batch.
const BATCH: u16 = 1_000;
const DOING: &str = "listing a folder";

/// A listing under way.
struct Listing {
    link: Link,
    prefix: String,
    /// Whether this is the root of a tree, where transfers lie.
    is_root: bool,
    token: Option<String>,
    /// The files whose folder, if there is one of the same name, is still to come.
    before: Vec<String>,
    /// Keys that no path can hold.
    skipped: u64,
    ended: bool,
}

/// What this folder holds. An error midway ends the stream.
pub(crate) async fn list(link: Link, place: &Place) -> Result<NodeStream> {
    litter::sweep_now_and_then(&link);
    let (prefix, token, before) = (place.folder(), None, Vec::new());
    let mut listing = Listing { link, prefix, is_root: place.name.is_empty(), token, before, skipped: 0, ended: false };
    let first = listing.page().await?;
    if place.is_transfer() || (first.objects.is_empty() && first.prefixes.is_empty()) {
        let found = place.look(&listing.link).await?;
        if !found.folder {
            return Err(Error::invalid("this is no folder"));
        }
    }
    let first = listing.nodes(&first);
    let rest = stream::unfold(listing, |mut listing| async move {
        if listing.ended {
            return None;
        }
        let batch = listing.page().await.map(|answer| listing.nodes(&answer));
        listing.ended |= batch.is_err();
        Some((batch, listing))
    });
    Ok(Box::pin(stream::iter([Ok(first)]).chain(rest)))
}

impl Listing {
    async fn page(&mut self) -> Result<Answer> {
        let token = self.token.take();
        let page = Page { prefix: &self.prefix, folders: true, most: BATCH, token: token.as_deref(), after: None };
        let mut answer = self.link.page(DOING, &page).await?;
        self.token = answer.truncated.then(|| std::mem::take(&mut answer.next));
        self.ended = self.token.is_none();
        Ok(answer)
    }

    /// The nodes of a page, in the order of keys.
    fn nodes(&mut self, answer: &Answer) -> Vec<Node> {
        let files = answer.objects.iter().map(|object| (object.key.as_str(), Some(object)));
        let mut all: Vec<_> = files.chain(answer.prefixes.iter().map(|prefix| (prefix.as_str(), None))).collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        let mut nodes = Vec::with_capacity(all.len());
        for (key, object) in all {
            let Some(name) = key.strip_prefix(&self.prefix) else { continue };
            // The folder's own object.
            if name.is_empty() {
                continue;
            }
            if self.is_root && name.starts_with(TRANSFER) {
                if object.is_none() {
                    litter::remove_when_forsaken(&self.link, key);
                }
                continue;
            }
            self.before.retain(|file| name.starts_with(file.as_str()));
            let (found, name) = match (object, name.strip_suffix('/')) {
                (Some(object), None) => (Found::of_object(object), name),
                (_, Some(name)) => (Found::of_folder(None), name),
                (None, None) => continue,
            };
            if NodePath::root().join(name).is_err() || (found.folder && self.before.iter().any(|file| file == name)) {
                self.skipped = self.skipped.saturating_add(1);
                continue;
            }
            if !found.folder {
                self.before.push(name.to_owned());
            }
            nodes.push(found.node(name));
        }
        if self.ended && self.skipped > 0 {
            let (store, keys) = (self.link.name(), self.skipped);
            tracing::warn!(
                store,
                keys,
                "a folder has keys that no path can hold, or folders named as files are: not shown"
            );
        }
        nodes
    }
}
