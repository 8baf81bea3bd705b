//! What the kernel's requests do: each act once, as who asks, by the person's own session.

use crate::{
    attributes::{attr, now},
    directory,
    errno::{errno, obstacle},
    handles::{Handles, Open},
    nodes::Nodes,
    reading::Reader,
    tree::{self, Shown, node_at},
    writing::{Unwritten, Writer},
};
use bytes::Bytes;
use fuser::{Errno, FileAttr, FileHandle, OpenAccMode, OpenFlags};
use passerelle_core::{Error, Lookup, Mapped, Replacing, Session, ports::NodeKind};
use rustix::fs::OFlags;

/// Octets of a block, in which room is told.
const BLOCK: u64 = 4096;

/// What a request comes to.
pub(crate) type Done<T> = Result<T, Errno>;

/// Who there is, and what the kernel holds.
pub(crate) struct Inside {
    pub(crate) people: Mapped,
    pub(crate) nodes: Nodes,
    pub(crate) handles: Handles,
}

impl Inside {
    /// Who asks. Nobody's number sees nothing.
    pub(crate) async fn session(&self, number: u32) -> Done<Session> {
        self.people.session(number).await.map_err(|error| match error {
            Error::NotFound => Errno::EACCES,
            other => errno(&other),
        })
    }

    pub(crate) async fn shown(&self, number: u32, path: &str) -> Done<Shown> {
        // The top is there for everybody, and empty for who is nobody.
        if path.is_empty() {
            return Ok(Shown::PASSING);
        }
        let session = self.people.session(number).await.map_err(|error| errno(&error))?;
        if let Some(coming) = self.handles.coming(number, path)
            && let Open::Writing(writer, _) = &*coming.lock().await
            && let Some(size) = writer.size()
        {
            return Ok(Shown { kind: NodeKind::File, size, modified: now(), writable: true });
        }
        tree::look(&session, path).await.map_err(|error| errno(&error))
    }

    pub(crate) async fn entry(&self, number: u32, path: &str) -> Done<FileAttr> {
        let shown = self.shown(number, path).await?;
        let ino = self.nodes.tell(path).ok_or(Errno::ENFILE)?;
        Ok(attr(ino, number, shown))
    }

    pub(crate) async fn create(&self, number: u32, path: &str) -> Done<(FileAttr, FileHandle)> {
        let session = self.session(number).await?;
        let node = node_at(&session, path).map_err(|error| errno(&error))?;
        let writer = match session.look_at_node(&node).await {
            Ok(Some(there)) if there.kind == NodeKind::Folder => return Err(Errno::EISDIR),
            Ok(Some(_)) => return Err(Errno::EEXIST),
            Ok(None) => Writer::create(&session, node).await.map_err(|error| errno(&error))?,
            Err(error) => return Err(errno(&error)),
        };
        let ino = self.nodes.tell(path).ok_or(Errno::ENFILE)?;
        let handle = self.handles.keep(Open::Writing(writer, None)).ok_or(Errno::ENFILE)?;
        self.handles.expect(number, path, handle);
        let shown = Shown { kind: NodeKind::File, size: 0, modified: now(), writable: true };
        Ok((attr(ino, number, shown), handle))
    }

    pub(crate) async fn open(&self, number: u32, path: &str, flags: OpenFlags) -> Done<FileHandle> {
        let session = self.session(number).await?;
        let node = node_at(&session, path).map_err(|error| errno(&error))?;
        let open = match flags.acc_mode() {
            OpenAccMode::O_RDONLY => Open::Reading(Reader::open(session, node).await.map_err(|error| errno(&error))?),
            OpenAccMode::O_WRONLY | OpenAccMode::O_RDWR => {
                let mut writer = Writer::open(&session, node).await.map_err(|error| errno(&error))?;
                if OFlags::from_bits_retain(flags.0.cast_unsigned()).contains(OFlags::TRUNC) {
                    writer.truncate(&session, 0).await.map_err(|it| unwritten(&it))?;
                }
                Open::Writing(writer, None)
            }
        };
        self.handles.keep(open).ok_or(Errno::ENFILE)
    }

    pub(crate) async fn read(&self, number: u32, handle: FileHandle, offset: u64, length: usize) -> Done<Bytes> {
        let open = self.handles.get(handle).ok_or(Errno::EBADF)?;
        let read = match &mut *open.lock().await {
            Open::Reading(reader) => reader.read(offset, length).await,
            Open::Writing(writer, reader) => {
                if writer.size().is_some() {
                    // What was written is not visible yet, and what is visible is no more what the program means.
                    return Err(Errno::EOPNOTSUPP);
                }
                let reader = match reader {
                    Some(reader) => reader,
                    None => {
                        let session = self.session(number).await?;
                        let opened = Reader::open(session, writer.node().clone()).await;
                        reader.insert(opened.map_err(|error| errno(&error))?)
                    }
                };
                reader.read(offset, length).await
            }
            Open::Folder(_) => return Err(Errno::EISDIR),
        };
        read.map(bytes::BytesMut::freeze).map_err(|error| errno(&error))
    }

    pub(crate) async fn write(&self, number: u32, handle: FileHandle, offset: u64, octets: Bytes) -> Done<()> {
        let session = self.session(number).await?;
        let open = self.handles.get(handle).ok_or(Errno::EBADF)?;
        match &mut *open.lock().await {
            Open::Writing(writer, _) => writer.write(&session, offset, octets).await.map_err(|it| unwritten(&it)),
            Open::Reading(_) | Open::Folder(_) => Err(Errno::EBADF),
        }
    }

    /// Makes what was written visible: when a program closes the file, and when it synchronises it.
    pub(crate) async fn commit(&self, number: u32, handle: FileHandle) -> Done<()> {
        let open = self.handles.get(handle).ok_or(Errno::EBADF)?;
        let Open::Writing(writer, reader) = &mut *open.lock().await else { return Ok(()) };
        if writer.size().is_none() {
            return Ok(());
        }
        let session = self.session(number).await?;
        *reader = None;
        let committed = writer.commit(&session).await;
        self.handles.arrived(handle);
        committed.map_err(|it| unwritten(&it))
    }

    /// Whether a file was opened to be written, and nothing was.
    pub(crate) async fn is_untouched(&self, handle: FileHandle) -> bool {
        let Some(open) = self.handles.get(handle) else { return false };
        matches!(&*open.lock().await, Open::Writing(writer, _) if writer.is_untouched())
    }

    pub(crate) async fn truncate(&self, number: u32, path: &str, handle: Option<FileHandle>, length: u64) -> Done<()> {
        let session = self.session(number).await?;
        if let Some(open) = handle.and_then(|handle| self.handles.get(handle)) {
            return match &mut *open.lock().await {
                Open::Writing(writer, _) => writer.truncate(&session, length).await.map_err(|it| unwritten(&it)),
                Open::Reading(_) | Open::Folder(_) => Err(Errno::EBADF),
            };
        }
        let node = node_at(&session, path).map_err(|error| errno(&error))?;
        let mut writer = Writer::open(&session, node).await.map_err(|error| errno(&error))?;
        writer.truncate(&session, length).await.map_err(|it| unwritten(&it))?;
        writer.commit(&session).await.map_err(|it| unwritten(&it))
    }

    pub(crate) async fn list(&self, number: u32, path: &str) -> Done<FileHandle> {
        let session = self.session(number).await?;
        if !directory::is_folder(&session, path).await.map_err(|error| errno(&error))? {
            return Err(Errno::ENOTDIR);
        }
        let entries = directory::list(&session, path).await.map_err(|error| errno(&error))?;
        self.handles.keep(Open::Folder(entries)).ok_or(Errno::ENFILE)
    }

    pub(crate) async fn make_folder(&self, number: u32, path: &str) -> Done<FileAttr> {
        let session = self.session(number).await?;
        let node = node_at(&session, path).map_err(|error| errno(&error))?;
        session.make_folder(&node).await.map_err(|error| errno(&error))?.map_err(obstacle)?;
        self.entry(number, path).await
    }

    pub(crate) async fn remove(&self, number: u32, path: &str, kind: NodeKind) -> Done<()> {
        let session = self.session(number).await?;
        let node = node_at(&session, path).map_err(|error| errno(&error))?;
        let done = match kind {
            NodeKind::File => session.remove_file(&node).await,
            NodeKind::Folder => session.remove_folder(&node).await,
        };
        done.map_err(|error| errno(&error))?.map_err(obstacle)
    }

    pub(crate) async fn rename(&self, number: u32, from: &str, to: &str, replacing: Replacing) -> Done<()> {
        let session = self.session(number).await?;
        let (source, goal) = node_at(&session, from)
            .and_then(|source| Ok((source, node_at(&session, to)?)))
            .map_err(|error| errno(&error))?;
        let moved = session.move_node(&source, &goal, replacing).await.map_err(|error| errno(&error))?;
        moved.map_err(obstacle)?;
        self.nodes.moved(from, to);
        Ok(())
    }

    /// Free and whole room, in blocks.
    pub(crate) async fn room(&self, number: u32, path: &str) -> Done<(u64, u64)> {
        let session = self.session(number).await?;
        let node = if path.is_empty() {
            let me = session.principal().map_err(|error| errno(&error))?.account().clone();
            session.home_of(&me).ok_or(Errno::EOPNOTSUPP)?
        } else {
            node_at(&session, path).map_err(|error| errno(&error))?
        };
        let handle = session.open_seen::<Lookup>(&node).await.map_err(|error| errno(&error))?;
        let space = handle.space().await.map_err(|error| errno(&error))?;
        Ok((space.available / BLOCK, space.available.saturating_add(space.used) / BLOCK))
    }
}

fn unwritten(what: &Unwritten) -> Errno {
    match what {
        Unwritten::Gate(error) => errno(error),
        Unwritten::Backwards => Errno::ESPIPE,
        Unwritten::Short => Errno::EIO,
    }
}
