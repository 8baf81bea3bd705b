//! Writing: what fits into one part is held and sent at the end, what does not goes as parts that show when all are there.

use crate::{
    answer::bare,
    client::{Ask, Link},
    held::Held,
    multipart::Multipart,
    place::{Found, Place, file_time},
};
use bytes::Bytes;
use passerelle_core::{
    Error, Result,
    ports::{Fut, Node, Precondition, Upload},
};
use reqwest::{Method, StatusCode, header::ETAG};
use std::{sync::atomic::Ordering, time::SystemTime};

/// Smallest part that is not the last, in octets, and so the most that an upload holds in memory while it is not very long.
const PART: u64 = 5 * 1024 * 1024;
/// Largest part, and so the most that any upload holds.
const LARGEST_PART: u64 = 64 * 1024 * 1024;
/// So many parts are of one size; then they are twice as large.
const SMALL_PARTS: usize = 1_000;
/// Largest file, in octets, whether its length is known or not: what so many parts come to.
const LARGEST: u64 = 400 << 30;
const DOING: &str = "writing a file";

/// How a store wants the tag of `If-Match`: as RFC 9110 §13.1.1 has it, bare (radosgw 16), or not at all.
const MANNERS: [Manner; 3] = [Manner::Quoted, Manner::Bare, Manner::Unheeded];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Quoted,
    Bare,
    Unheeded,
}

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    New,
    Replace,
}

/// What the store is to look at once more.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Guard {
    Nothing,
    Absent,
    Tag(String),
}

/// A write under way; nothing of it is left when dropped.
pub(crate) struct Writing {
    link: Link,
    place: Place,
    purpose: Purpose,
    /// Octets that wait to be a part.
    held: Held,
    /// Octets of all parts, and of what waits.
    size: u64,
    parts: Option<Multipart>,
}

/// Begins. The store hears of it when there is a part, or the end.
pub(crate) async fn begin(link: Link, place: Place, purpose: Purpose, length: Option<u64>) -> Result<Writing> {
    let place = place.below_root()?;
    if length.is_some_and(|length| length > LARGEST) {
        return Err(Error::TooLarge { most: LARGEST });
    }
    let (above, there) = futures::join!(place.check_above(&link), place.there(&link));
    if purpose == Purpose::New {
        above?;
    }
    match (purpose, there?) {
        (Purpose::New, None) => {}
        (Purpose::New, Some(_)) => return Err(Error::Conflict),
        (Purpose::Replace, None) => return Err(Error::NotFound),
        (Purpose::Replace, Some(found)) if found.folder => return Err(Error::invalid("this is a folder")),
        (Purpose::Replace, Some(_)) => {}
    }
    Ok(Writing { link, place, purpose, held: Held::default(), size: 0, parts: None })
}

/// How large a part is, by its number from 0: what has come decides, never what a client says will come.
fn size_of_part(number: usize) -> u64 {
    let steps = u32::try_from(number / SMALL_PARTS).unwrap_or(u32::MAX);
    PART.saturating_mul(2_u64.saturating_pow(steps)).min(LARGEST_PART)
}

fn count(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}

impl Writing {
    /// Takes octets, and sends a part when it is full and there is more.
    async fn take(&mut self, mut piece: Bytes) -> Result<()> {
        self.size = self.size.saturating_add(count(piece.len()));
        if self.size > LARGEST {
            return Err(Error::TooLarge { most: LARGEST });
        }
        while !piece.is_empty() {
            let number = self.parts.as_ref().map_or(0, Multipart::parts);
            let room = size_of_part(number).saturating_sub(self.held.length());
            if room == 0 {
                self.flush().await?;
                continue;
            }
            let fits = piece.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            if !self.held.take(&piece.split_to(fits)) {
                return Err(Error::unavailable(self.link.name(), DOING, "all uploads together hold too much"));
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        if self.parts.is_none() {
            self.parts = Some(Multipart::begin(&self.link, DOING, &self.place.key).await?);
        }
        let pieces = self.held.pieces();
        let sent = match &mut self.parts {
            Some(parts) => parts.send(DOING, pieces).await,
            None => Err(Error::internal(DOING, "no upload is under way")),
        };
        self.held.clear();
        sent
    }

    async fn publish(mut self, when: &Precondition) -> Result<Node> {
        if self.parts.is_some() && self.held.length() > 0 {
            self.flush().await?;
        }
        let (above, old) = futures::join!(self.place.check_above(&self.link), self.place.there(&self.link));
        let old = old?;
        if self.purpose == Purpose::New {
            above?;
        }
        if !when.holds(old.as_ref().map(|old| old.node(&self.place.name)).as_ref()) {
            return Err(Error::Conflict);
        }
        let guard = match (&old, self.purpose) {
            (Some(_), Purpose::New) => return Err(Error::Conflict),
            (Some(old), Purpose::Replace) if old.folder => return Err(Error::invalid("this is a folder")),
            (Some(old), Purpose::Replace) if *when != Precondition::None => Guard::Tag(old.tag.clone()),
            (Some(_), Purpose::Replace) => Guard::Nothing,
            (None, _) => Guard::Absent,
        };
        let tag = self.commit_guarded(&guard).await?;
        let found = self.place.look(&self.link).await;
        Ok(self.ours(tag, found).node(&self.place.name))
    }

    /// What was committed, whatever is there by now: another writer may have come, and the store may have gone.
    fn ours(&self, tag: String, found: Result<Found>) -> Found {
        match found {
            Ok(found) if tag.is_empty() || found.tag == tag => found,
            Ok(Found { modified, .. }) => Found { folder: false, size: self.size, modified, tag },
            Err(_) => Found { folder: false, size: self.size, modified: file_time(SystemTime::now()), tag },
        }
    }

    /// Commits under what the store is to look at. How it wants that said is learnt from what it refuses.
    async fn commit_guarded(&mut self, guard: &Guard) -> Result<String> {
        let known = usize::from(self.link.manner.load(Ordering::Relaxed));
        let mut refused = Error::Conflict;
        for (number, manner) in MANNERS.into_iter().enumerate().skip(known) {
            match self.commit_in(condition(guard, manner)).await {
                Ok(tag) => {
                    let learnt = u8::try_from(number).unwrap_or_default();
                    self.link.manner.fetch_max(learnt, Ordering::Relaxed);
                    return Ok(tag);
                }
                Err(Refusal::NotHeeded(error)) if *guard != Guard::Nothing && manner != Manner::Unheeded => {
                    refused = error;
                }
                Err(Refusal::NotHeeded(error)) => return Err(error),
                // A tag that still is what was asked for was not understood.
                Err(Refusal::Final(Error::Conflict)) if manner == Manner::Quoted && self.is_still(guard).await? => {}
                Err(Refusal::Final(error)) => return Err(error),
            }
        }
        Err(refused)
    }

    async fn is_still(&self, guard: &Guard) -> Result<bool> {
        let Guard::Tag(tag) = guard else { return Ok(false) };
        Ok(self.place.there(&self.link).await?.is_some_and(|found: Found| !found.folder && found.tag == *tag))
    }

    /// The tag of what was committed.
    async fn commit_in(&mut self, condition: Option<(&'static str, String)>) -> Result<String, Refusal> {
        if let Some(parts) = &mut self.parts {
            return parts.complete(DOING, condition).await.map_err(Refusal::Final);
        }
        let ask = Ask::of(Method::PUT, &self.place.key);
        let body = self.held.pieces();
        let mut request = self.link.request_with(&ask, body).map_err(Refusal::Final)?;
        if let Some((name, value)) = condition {
            request = request.header(name, value);
        }
        let request = request.header("Content-Type", "application/octet-stream");
        let response = self.link.send(DOING, request, true).await.map_err(Refusal::Final)?;
        let status = response.status();
        if status.is_success() {
            let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(bare).unwrap_or_default();
            return Ok(tag.to_owned());
        }
        let error = self.link.refused(DOING, response).await;
        Err(if status == StatusCode::NOT_IMPLEMENTED { Refusal::NotHeeded(error) } else { Refusal::Final(error) })
    }
}

/// Why it was not committed.
enum Refusal {
    /// The store has no such conditions.
    NotHeeded(Error),
    Final(Error),
}

fn condition(guard: &Guard, manner: Manner) -> Option<(&'static str, String)> {
    match (guard, manner) {
        (Guard::Nothing, _) | (_, Manner::Unheeded) => None,
        (Guard::Absent, _) => Some(("If-None-Match", "*".to_owned())),
        (Guard::Tag(tag), Manner::Quoted) => Some(("If-Match", format!("\"{tag}\""))),
        (Guard::Tag(tag), Manner::Bare) => Some(("If-Match", tag.clone())),
    }
}

impl Upload for Writing {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        Box::pin(self.take(piece))
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        Box::pin(self.publish(when))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_enough_and_bounded() {
        /// The store takes so many.
        const MOST_PARTS: usize = 10_000;
        assert_eq!(size_of_part(0), PART);
        let reached: u64 = (0..MOST_PARTS).map(size_of_part).sum();
        assert!(reached >= LARGEST, "{reached}");
        assert!(size_of_part(MOST_PARTS) <= LARGEST_PART);
    }
}
