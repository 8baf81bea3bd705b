//! Small pictures, kept in memory for who asks next. A picture is found by its file's tag: what is replaced has another.

use super::Refused;
use moka::future::Cache;
use passerelle_core::{
    Authorized, Error, Read, Session,
    ports::{ByteRange, Node},
};
use passerelle_draw::{Drawers, Failure, LARGEST_FILE, Picture, Turn};
use passerelle_model::NodeRef;
use std::{sync::Arc, time::Duration};

/// How much memory pictures may take that are kept, in octets.
const KEPT: u64 = 32 << 20;
/// How long a picture is kept; and how long nobody tries again what could not be drawn.
const KEPT_FOR: Duration = Duration::from_secs(15 * 60);
/// What a place takes beside its picture.
const PLACE: usize = 512;

/// Those who draw, and what they drew.
pub(crate) struct Pictures {
    drawers: Drawers,
    kept: Cache<String, Kept>,
}

#[derive(Clone)]
enum Kept {
    Picture(Arc<Picture>),
    /// It is of no kind that is drawn.
    Unknown,
    /// Once is enough for what crashes its process or takes it all its time.
    Undrawable,
}

impl Pictures {
    pub(crate) fn new() -> Self {
        let weight = |key: &String, kept: &Kept| {
            let picture = if let Kept::Picture(picture) = kept { picture.octets.len() } else { 0 };
            u32::try_from(key.len().saturating_add(PLACE).saturating_add(picture)).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(KEPT).weigher(weight).time_to_live(KEPT_FOR).build();
        Self { drawers: Drawers::default(), kept }
    }

    /// The picture of a file, for whoever reads it. `found` is the file as the handle has just told it; what several ask for at
    /// the same time is drawn once. Each waits in a row of their own before, so that nobody waits for what another asked for.
    pub(super) async fn picture(
        &self,
        file: &Authorized<NodeRef, Read>,
        found: &Node,
        size: u32,
        reader: &Session,
    ) -> Result<Arc<Picture>, Refused> {
        if found.size > LARGEST_FILE {
            return Err(Refused::Undrawable);
        }
        let NodeRef { owner, mount, path } = file.target();
        let tag = found.etag.as_str();
        // In a space a store may know each person by their own password: what one may read is not the other's to see.
        let account = reader.actor().account().map(ToString::to_string);
        let asker =
            account.clone().or_else(|| reader.link().map(|link| format!("link {}", link.id()))).unwrap_or_default();
        let reader = account.filter(|_| owner.id.space().is_some()).unwrap_or_default();
        let key = format!("{}\0{}\0{mount}\0{}\0{tag}\0{size}\0{reader}", owner.institution, owner.id, path.as_str());
        let kept = match self.kept.get(&key).await {
            Some(kept) => kept,
            None => {
                let turn = self.drawers.turn(&asker).await.ok_or(Refused::Busy)?;
                self.kept.try_get_with(key, drawn(&turn, file, tag, size)).await.map_err(Refused::Shared)?
            }
        };
        match kept {
            Kept::Picture(picture) => Ok(picture),
            Kept::Unknown => Err(Refused::Kind),
            Kept::Undrawable => Err(Refused::Undrawable),
        }
    }
}

async fn drawn(turn: &Turn<'_>, file: &Authorized<NodeRef, Read>, tag: &str, size: u32) -> Result<Kept, Refused> {
    let open = async {
        let content = file.open_for_picture().await?;
        // Replaced since its tag was told: the picture would be kept for what it does not show.
        if content.node().etag.as_str() != tag {
            return Err(Error::Conflict);
        }
        Ok(content.stream(ByteRange::Full))
    };
    match turn.draw(size, open).await {
        Ok(picture) => Ok(Kept::Picture(Arc::new(picture))),
        Err(Failure::Unknown) => Ok(Kept::Unknown),
        Err(Failure::Undrawable) => Ok(Kept::Undrawable),
        Err(Failure::Busy | Failure::Unfit) => Err(Refused::Busy),
        Err(Failure::Source(error)) => Err(Refused::Gate(error)),
    }
}
