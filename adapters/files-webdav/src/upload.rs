//! Writing: to a hidden name beside the goal, which is moved there when it is whole.

use crate::{
    litter,
    place::{Found, Place, look},
    room,
    sending::Sending,
};
use bytes::Bytes;
use passerelle_core::{
    Error, Result,
    ports::{Fut, Node, Precondition, Upload},
};
use passerelle_fetch::dav::{Link, method};
use reqwest::StatusCode;
use std::time::Duration;

/// How long is waited for another time of change, where the new file has the tag of the one that it replaces: for servers
/// that count by the tick of their kernel, and for those that count by the second.
const STAMPS: [Duration; 3] = [Duration::from_millis(4), Duration::from_millis(20), Duration::from_millis(1_100)];
const DOING: &str = "finishing a file";

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    New,
    Replace,
}

/// A write under way; nothing of it is left when dropped.
pub(crate) struct Writing {
    link: Link,
    place: Place,
    purpose: Purpose,
    length: Option<u64>,
    /// Ends before what it wrote is removed.
    sending: Option<Sending>,
    hidden: Hidden,
}

/// A file that is removed when it is dropped, unless it was let go.
struct Hidden {
    link: Link,
    path: Option<String>,
}

impl Hidden {
    fn path(&self) -> &str {
        self.path.as_deref().unwrap_or_default()
    }

    /// It is where it belongs, or nobody knows.
    fn let_go(&mut self) {
        self.path = None;
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            litter::remove(&self.link, path);
        }
    }
}

/// Begins. The server hears of it with the first octets.
pub(crate) async fn begin(link: Link, place: Place, purpose: Purpose, length: Option<u64>) -> Result<Writing> {
    let place = place.below_root()?;
    let fits = room::check_fits(&link, &place, length);
    let (above, there, fits) = futures::join!(place.check_above(&link), place.there(&link), fits);
    if purpose == Purpose::New {
        above?;
    }
    match (purpose, there?) {
        (Purpose::New, None) => {}
        (Purpose::New, Some(_)) => return Err(Error::Conflict),
        (Purpose::Replace, None) => return Err(Error::NotFound),
        (Purpose::Replace, Some(found)) if found.facts.folder => return Err(Error::invalid("this is a folder")),
        (Purpose::Replace, Some(_)) => {}
    }
    fits?;
    // Nothing is there yet, so that nothing has to go.
    let hidden = Hidden { link: link.clone(), path: None };
    Ok(Writing { link, place, purpose, hidden, length, sending: None })
}

impl Writing {
    fn start(&mut self, length: Option<u64>) -> Result<&mut Sending> {
        if self.sending.is_none() {
            let path = self.place.beside()?;
            self.sending = Some(Sending::begin(&self.link, &path, length)?);
            self.hidden.path = Some(path);
        }
        self.sending.as_mut().ok_or_else(|| Error::internal("writing", "nothing is under way"))
    }

    async fn publish(mut self, when: &Precondition) -> Result<Node> {
        self.start(Some(0))?;
        if let Some(sending) = self.sending.take() {
            sending.finish().await?;
        }
        let Self { link, place, purpose, mut hidden, .. } = self;
        let (new, old) = futures::join!(look(&link, hidden.path()), place.there(&link));
        let (new, old) = (new?, old?);
        let now = old.as_ref().map(|old| old.node(&place.name)).transpose()?;
        if !when.holds(now.as_ref()) {
            return Err(Error::Conflict);
        }
        match (&old, purpose) {
            (Some(_), Purpose::New) => return Err(Error::Conflict),
            (Some(old), Purpose::Replace) if old.facts.folder => return Err(Error::invalid("this is a folder")),
            (Some(old), Purpose::Replace) => stamp_anew(&link, &place, &mut hidden, new, old).await?,
            (None, _) => {}
        }
        move_over(&link, &place, &mut hidden, purpose, old.filter(|_| *when != Precondition::None).as_ref()).await?;
        place.look(&link).await?.node(&place.name)
    }
}

/// Gives the new file another time of change where it has the tag of the old one. A server whose tags come from the content
/// gives the same again, and rightly.
async fn stamp_anew(link: &Link, place: &Place, hidden: &mut Hidden, mut new: Found, old: &Found) -> Result<()> {
    for pause in STAMPS {
        if new.facts.opaque() != old.facts.opaque() || new.facts.opaque().is_none() {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        let path = place.beside()?;
        let mut copy = Hidden { link: link.clone(), path: Some(path) };
        let request = link.request(method("COPY")?, hidden.path())?.header("Overwrite", "F");
        link.act(DOING, request.header("Destination", link.absolute(copy.path()))).await?;
        new = look(link, copy.path()).await?;
        std::mem::swap(hidden, &mut copy);
    }
    Ok(())
}

/// Moves the new file to its place. `old` is what has to be there for it, where a condition says so.
async fn move_over(
    link: &Link,
    place: &Place,
    hidden: &mut Hidden,
    purpose: Purpose,
    old: Option<&Found>,
) -> Result<()> {
    let goal = link.absolute(&place.path);
    let over = if purpose == Purpose::Replace { "T" } else { "F" };
    let mut request = link.request(method("MOVE")?, hidden.path())?.header("Overwrite", over);
    // RFC 4918 §10.4.2: a list with a tag is of the resource that it names.
    if let Some(tag) = old.and_then(|old| old.facts.strong()) {
        request = request.header("If", format!("<{goal}> ([{tag}])"));
    }
    let sent = link.send(DOING, request.header("Destination", goal)).await;
    let silent = sent.is_err();
    let moved = sent.and_then(|response| match response.status() {
        status if status.is_success() && status != StatusCode::MULTI_STATUS => Ok(()),
        status => Err(link.refused(DOING, status)),
    });
    let lost = match moved {
        Ok(()) => {
            hidden.let_go();
            return Ok(());
        }
        Err(lost @ Error::Unavailable { .. }) => lost,
        Err(refused) => return Err(refused),
    };
    // The server may have removed the old one, and not put the new one there yet.
    match (place.there(link).await, look(link, hidden.path()).await) {
        // Without an answer the server may still be at work: the new file is left to the sweep.
        (Ok(Some(_)), Ok(_)) if !silent => Err(lost),
        (Ok(Some(_)), Err(Error::NotFound)) => {
            hidden.let_go();
            Ok(())
        }
        (Ok(None), _) if purpose == Purpose::New => Err(lost),
        (Err(_), _) if purpose == Purpose::New => Err(Error::unsettled(link.name(), DOING, lost.chain())),
        _ => {
            let error = lost.chain();
            tracing::error!(store = link.name(), error, "a file is left under a hidden name: it may be the only one");
            hidden.let_go();
            Err(Error::unsettled(link.name(), DOING, error))
        }
    }
}

impl Upload for Writing {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        Box::pin(async move {
            if piece.is_empty() {
                return Ok(());
            }
            let length = self.length;
            self.start(length)?.write(piece).await
        })
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        Box::pin(self.publish(when))
    }
}
