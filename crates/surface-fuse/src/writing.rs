//! Writing a file: octets in their order become one upload, which is made visible when the file is closed or synchronised. What a
//! program leaves out comes of what was there; where it goes back, it is refused (ESPIPE), because an upload only goes on.
//!
//! The kernel does not say whether a program has closed a file or was killed. So what was written counts, unless the program has
//! said before how long the file would become (ftruncate, as Windows' programs do by SMB): then less is a cut, and nothing changes.

use bytes::Bytes;
use futures::StreamExt;
use passerelle_core::{
    Add, Edit, Error, Result, Session,
    ports::{ByteRange, Precondition, Upload},
};
use passerelle_model::NodeRef;

/// Largest hole that is filled with zeros, in octets.
const LARGEST_HOLE: u64 = 64 * 1024 * 1024;
/// Zeros that are written at once.
const ZEROS: usize = 64 * 1024;

/// What went wrong in writing.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// The gate or the store.
    Gate(Error),
    /// It would have to be written behind what is gone already.
    Backwards,
    /// Less came than was said.
    Short,
}

impl From<Error> for Unwritten {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

/// A file that is written.
pub(crate) struct Writer {
    node: NodeRef,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    upload: Box<dyn Upload>,
    /// Octets that are in it.
    position: u64,
    /// What was there, as far as it stays.
    base: Option<Base>,
    /// How long the program has said that it becomes.
    length: Option<u64>,
    is_new: bool,
}

struct Base {
    etag: String,
    size: u64,
}

impl Writer {
    /// Begins a new file.
    pub(crate) async fn create(session: &Session, node: NodeRef) -> Result<Self> {
        let upload = session.open_seen::<Add>(&node).await?.create(None).await?;
        let under_way = UnderWay { upload, position: 0, base: None, length: None, is_new: true };
        Ok(Self { node, under_way: Some(under_way) })
    }

    /// Opens a file that is there; nothing changes before something is written.
    pub(crate) async fn open(session: &Session, node: NodeRef) -> Result<Self> {
        session.open_seen::<Edit>(&node).await?.stat().await?;
        Ok(Self { node, under_way: None })
    }

    /// Which file.
    pub(crate) const fn node(&self) -> &NodeRef {
        &self.node
    }

    /// Whether it is to be empty so far, and nothing was said of it since.
    pub(crate) fn is_untouched(&self) -> bool {
        self.under_way.as_ref().is_some_and(|it| it.position == 0 && it.base.is_none() && it.length.is_none())
    }

    /// How long it will be, where something was written.
    pub(crate) fn size(&self) -> Option<u64> {
        let under_way = self.under_way.as_ref()?;
        let kept = under_way.base.as_ref().map_or(0, |base| base.size).max(under_way.length.unwrap_or(0));
        Some(under_way.position.max(kept))
    }

    /// Takes octets that belong at an offset.
    pub(crate) async fn write(&mut self, session: &Session, offset: u64, octets: Bytes) -> Result<(), Unwritten> {
        session.check_in_force()?;
        let node = self.node.clone();
        let under_way = self.begun(session).await?;
        if offset < under_way.position {
            return Err(Unwritten::Backwards);
        }
        under_way.fill(session, &node, offset).await?;
        under_way.put(octets).await?;
        Ok(())
    }

    /// Says how long it becomes.
    pub(crate) async fn truncate(&mut self, session: &Session, length: u64) -> Result<(), Unwritten> {
        if length == 0 && self.under_way.as_ref().is_none_or(|it| it.position > 0 || it.base.is_some()) {
            let is_new = self.under_way.as_ref().is_some_and(|it| it.is_new);
            let upload = if is_new {
                session.open_seen::<Add>(&self.node).await?.create(None).await?
            } else {
                session.open_seen::<Edit>(&self.node).await?.replace(None).await?
            };
            self.under_way = Some(UnderWay { upload, position: 0, base: None, length: None, is_new });
            return Ok(());
        }
        let under_way = self.begun(session).await?;
        if length < under_way.position {
            return Err(Unwritten::Backwards);
        }
        match &mut under_way.base {
            Some(base) if length <= base.size => base.size = length,
            Some(_) | None => under_way.length = Some(length),
        }
        Ok(())
    }

    /// Makes what was written visible. The right to do so is asked for again.
    pub(crate) async fn commit(&mut self, session: &Session) -> Result<(), Unwritten> {
        let Some(mut under_way) = self.under_way.take() else { return Ok(()) };
        let end = under_way.base.as_ref().map_or(0, |base| base.size);
        if under_way.position < end {
            under_way.fill(session, &self.node, end).await?;
        }
        if under_way.length.is_some_and(|length| under_way.position < length) {
            return Err(Unwritten::Short);
        }
        let when = match &under_way.base {
            Some(base) => Precondition::Matches(vec![base.etag.clone()]),
            None => Precondition::None,
        };
        if under_way.is_new {
            session.open_seen::<Add>(&self.node).await?;
        } else {
            session.open_seen::<Edit>(&self.node).await?;
        }
        under_way.upload.commit(&when).await?;
        Ok(())
    }

    async fn begun(&mut self, session: &Session) -> Result<&mut UnderWay> {
        if self.under_way.is_none() {
            let handle = session.open_seen::<Edit>(&self.node).await?;
            let content = handle.open().await?;
            let base = Base { etag: content.node().etag.as_str().to_owned(), size: content.node().size };
            let upload = handle.replace(None).await?;
            self.under_way = Some(UnderWay { upload, position: 0, base: Some(base), length: None, is_new: false });
        }
        self.under_way.as_mut().ok_or_else(|| Error::internal("writing", "nothing was begun"))
    }
}

impl UnderWay {
    /// Goes on to an offset with what was there, and zeros behind it.
    async fn fill(&mut self, session: &Session, node: &NodeRef, to: u64) -> Result<(), Unwritten> {
        if let Some(base) = &self.base
            && self.position < base.size.min(to)
        {
            let content = session.open_seen::<Edit>(node).await?.open().await?;
            if content.node().etag.as_str() != base.etag {
                return Err(Error::Conflict.into());
            }
            let mut octets = content.stream(ByteRange::Part(self.position..base.size.min(to)));
            while let Some(piece) = octets.next().await {
                self.put(piece?).await?;
            }
        }
        let hole = to.saturating_sub(self.position);
        if hole > LARGEST_HOLE {
            return Err(Unwritten::Backwards);
        }
        while self.position < to {
            let left = usize::try_from(to.saturating_sub(self.position)).unwrap_or(ZEROS).min(ZEROS);
            self.put(Bytes::from(vec![0; left])).await?;
        }
        Ok(())
    }

    async fn put(&mut self, octets: Bytes) -> Result<()> {
        let length = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        self.upload.write(octets).await?;
        self.position = self.position.saturating_add(length);
        Ok(())
    }
}
