//! Listings: one question, whose answer is taken as it comes in.

use crate::{
    litter,
    multistatus::{Multistatus, Told, WANTED},
    place::{OWN, Place, UNFINISHED, check, clock, href_path, multistatus},
};
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{Node, NodeStream},
};
use passerelle_fetch::dav::{Link, encoded};
use reqwest::StatusCode;
use std::time::{Duration, SystemTime};

/// So many entries make a batch.
const BATCH: usize = 256;
/// What is not finished after so long never will be: whoever wrote it is gone.
const FORSAKEN: Duration = Duration::from_secs(24 * 3600);
const DOING: &str = "listing a folder";

/// A listing under way.
struct Listing {
    link: Link,
    /// The folder, decoded, and as it is asked for.
    folder: Vec<u8>,
    path: String,
    answer: Multistatus,
    now: Option<SystemTime>,
    /// Whether the folder itself has shown up as one.
    is_folder: bool,
    ended: bool,
}

/// What this folder holds. An error midway ends the stream.
pub(crate) async fn list(link: Link, place: &Place) -> Result<NodeStream> {
    let mut response = link.propfind(DOING, &format!("{}/", place.path), "1", WANTED).await?;
    if response.status() == StatusCode::NOT_FOUND && place.name.is_empty() {
        // It is made here, or found to be a fault of the share.
        place.look(&link).await?;
        response = link.propfind(DOING, &format!("{}/", place.path), "1", WANTED).await?;
    }
    if matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST) {
        // A file with a slash at its end is no place.
        let found = place.look(&link).await?;
        let what = Error::unavailable(link.name(), DOING, "it is there, and cannot be listed");
        return Err(if found.facts.folder { what } else { Error::invalid("this is no folder") });
    }
    let now = clock(&response);
    let answer = multistatus(&link, DOING, response)?;
    let (folder, path) = (href_path(&place.path), place.path.clone());
    let mut listing = Listing { link, folder, path, answer, now, is_folder: false, ended: false };
    // The first batch tells whether this is a folder at all.
    let first = listing.batch().await?;
    let rest = stream::unfold(listing, |mut listing| async move {
        if listing.ended {
            return None;
        }
        let batch = listing.batch().await;
        listing.ended |= batch.is_err();
        match batch {
            Ok(nodes) if nodes.is_empty() => None,
            batch => Some((batch, listing)),
        }
    });
    let first = (!first.is_empty()).then_some(Ok(first));
    Ok(Box::pin(futures::StreamExt::chain(stream::iter(first), rest)))
}

impl Listing {
    async fn batch(&mut self) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        while nodes.len() < BATCH {
            let told = self.answer.next().await.map_err(|what| Error::unavailable(self.link.name(), DOING, what))?;
            let Some(told) = told else {
                self.ended = true;
                break;
            };
            nodes.extend(self.entry(&told)?);
        }
        // Servers list themselves first, by habit; a file lists nothing but itself.
        if self.ended && !self.is_folder && nodes.is_empty() {
            return Err(Error::unavailable(self.link.name(), DOING, "the answer leaves out the folder itself"));
        }
        Ok(nodes)
    }

    /// The node of an entry; `None` for what is not shown.
    fn entry(&mut self, told: &Told) -> Result<Option<Node>> {
        let wrong = |what: &'static str| Error::unavailable(self.link.name(), DOING, what);
        let path = href_path(&told.href);
        if path == self.folder {
            check(&self.link, DOING, told)?;
            if !told.facts.folder {
                return Err(Error::invalid("this is no folder"));
            }
            self.is_folder = true;
            return Ok(None);
        }
        let name = path.strip_prefix(self.folder.as_slice()).and_then(|rest| rest.strip_prefix(b"/"));
        let name = name.filter(|name| !matches!(*name, b"" | b"." | b"..") && !name.contains(&b'/'));
        let name = name.ok_or_else(|| wrong("the answer names what is not in the folder"))?;
        // What goes while the listing is made is not there any more.
        if matches!(told.status, Some(404 | 410)) {
            return Ok(None);
        }
        check(&self.link, DOING, told)?;
        let Ok(name) = std::str::from_utf8(name) else { return Err(wrong("a name is not UTF-8")) };
        if name.starts_with(OWN) {
            self.forsaken(name, told);
            return Ok(None);
        }
        told.facts.node(name, self.now).map(Some)
    }

    /// Removes what a gateway left that was ended in the middle of an upload.
    fn forsaken(&self, name: &str, told: &Told) {
        let since = told.facts.changed().and_then(|changed| self.now?.duration_since(changed).ok());
        if name.starts_with(UNFINISHED) && since.is_some_and(|since| since > FORSAKEN) {
            let slash = if told.facts.folder { "/" } else { "" };
            litter::remove(&self.link, format!("{}/{}{slash}", self.path, encoded(name)));
        }
    }
}
