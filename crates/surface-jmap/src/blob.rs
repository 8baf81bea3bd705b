//! Blobs (RFC 8620 §6): messages and their parts, where they lie in the store, and their octets as a stream.

use crate::{
    desk::Desk,
    id::BlobId,
    mail::{Decoder, Parts},
    sieve,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{
    Error, Read, Result, Session,
    ports::{ByteStream, Item, Items, Structure, Summary, Wanted},
};
use passerelle_model::MailboxRef;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

/// Pieces that wait for whoever takes them.
const WAITING: usize = 4;
/// How long whoever takes them may take none, while a connection to the store waits.
const SILENCE: Duration = Duration::from_secs(120);

/// A blob that is there.
#[derive(Debug)]
pub(crate) struct Blob {
    place: Place,
    /// Its media type, as the message says.
    pub(crate) media_type: String,
    /// Its transfer encoding; none of a whole message.
    pub(crate) encoding: Option<String>,
    /// Its size in its transfer encoding, in octets.
    pub(crate) size: u64,
}

/// Where it is.
#[derive(Debug)]
enum Place {
    InMail(InMail),
    /// At hand: it is small.
    Here(Bytes),
}

/// In a message.
#[derive(Debug)]
struct InMail {
    /// Who opens it, on a connection of its own when its turn comes: a long one keeps nothing else waiting, and many that wait
    /// take no connections.
    session: Session,
    mailbox: MailboxRef,
    id: BlobId,
}

impl Blob {
    /// Looks one up.
    ///
    /// # Errors
    /// `NotFound` where there is none, or none any more.
    pub(crate) async fn find(desk: &mut Desk<'_>, id: &str) -> Result<Self> {
        if desk.is_own() && sieve::is_blob_id(id) {
            let text = sieve::text_of(desk.session, id).await?;
            let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
            let (place, media_type) = (Place::Here(text.into()), "application/sieve".to_owned());
            return Ok(Self { place, media_type, encoding: None, size });
        }
        let id = BlobId::parse(id).ok_or(Error::NotFound)?;
        let mailbox = desk.name_of_blob(id.email.mailbox).await?.ok_or(Error::NotFound)?;
        let (session, owner) = (desk.session.clone(), desk.owner()?);
        let opened = desk.open(&mailbox).await?;
        let mailbox = MailboxRef { owner, name: mailbox.clone() };
        if opened.facts().uid_validity != id.email.uid_validity {
            return Err(Error::NotFound);
        }
        let items = Items { items: vec![Item::Structure, Item::Size], headers: Vec::new() };
        // To its end, which leaves the connection at rest.
        let found: Vec<Summary> = opened.show(&[id.email.uid], &items).await?.try_collect().await?;
        let summary = found.into_iter().next().ok_or(Error::NotFound)?;
        if id.part.is_empty() {
            let size = summary.size.ok_or(Error::NotFound)?;
            let place = Place::InMail(InMail { session, mailbox, id });
            return Ok(Self { place, media_type: "message/rfc822".to_owned(), encoding: None, size });
        }
        let Some(Structure::Known(structure)) = summary.structure else { return Err(Error::NotFound) };
        let part = Parts::of(&structure).find(|part| part.path == id.part).ok_or(Error::NotFound)?;
        let (media_type, encoding) = (part.media_type.clone(), part.encoding.clone());
        let place = Place::InMail(InMail { session, mailbox, id });
        Ok(Self { place, media_type, encoding, size: part.size.unwrap_or(0) })
    }

    /// Its octets without their transfer encoding.
    ///
    /// # Errors
    /// `NotFound` where it is gone meanwhile: that is known before the first octet.
    pub(crate) async fn decoded(self) -> Result<ByteStream> {
        let decoder = Decoder::of(self.encoding.as_deref());
        self.octets(decoder).await
    }

    /// Its octets as they lie in the store, as many as its size says.
    ///
    /// # Errors
    /// As [`Self::decoded`].
    pub(crate) async fn encoded(self) -> Result<ByteStream> {
        self.octets(Decoder::Plain).await
    }

    async fn octets(self, mut decoder: Decoder) -> Result<ByteStream> {
        let InMail { session, mailbox, id } = match self.place {
            Place::InMail(place) => place,
            Place::Here(octets) => return Ok(stream::once(async move { Ok(octets) }).boxed()),
        };
        let handle = session.open::<_, Read>(mailbox).await?;
        let mut opened = handle.keep_open(None).await?;
        if opened.facts().uid_validity != id.email.uid_validity {
            return Err(Error::NotFound);
        }
        let what = Wanted { uid: id.email.uid, section: id.section(), octets: None };
        let (pieces, mut taken) = mpsc::channel::<Result<Bytes>>(WAITING);
        tokio::spawn(async move {
            match opened.read(&what).await {
                Ok(mut content) => {
                    while let Some(piece) = content.next().await {
                        let is_last = piece.is_err();
                        let piece = piece.map(|piece| decoder.push(&piece).into());
                        let sent = timeout(SILENCE, pieces.send(piece)).await;
                        if !matches!(sent, Ok(Ok(()))) || is_last {
                            return;
                        }
                    }
                }
                Err(error) => {
                    // Nobody who waits for it is left where this fails.
                    let _ = pieces.send(Err(error)).await;
                    return;
                }
            }
            if pieces.send(Ok(decoder.end().into())).await.is_ok() {
                opened.close().await;
            }
        });
        // The first piece tells whether it is there: then there is still a status to say otherwise.
        let first = taken.recv().await.ok_or(Error::NotFound)??;
        let rest = stream::unfold(taken, async |mut taken| Some((taken.recv().await?, taken)));
        Ok(stream::once(async move { Ok(first) }).chain(rest).boxed())
    }
}
