//! The kernel's requests, taken apart and answered; what they do is in `inside`.

use crate::{
    attributes::attr,
    handles::{Handles, Open},
    inside::{Done, Inside},
    nodes::Nodes,
};
use bytes::Bytes;
use fuser::{
    AccessFlags, BsdFileFlags, CopyFileRangeFlags, Errno, FileHandle, FileType, Filesystem, FopenFlags, Generation,
    INodeNo, InitFlags, KernelConfig, LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData,
    ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, ReplyXattr, Request, TimeOrNow,
    WriteFlags,
};
use passerelle_core::{Mapped, Replacing, ports::NodeKind};
use std::{
    ffi::OsStr,
    fmt, io,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::runtime::Handle;

/// How long the kernel may believe what it was told: not at all, since the next one who asks may be somebody else.
const TTL: Duration = Duration::ZERO;
/// The number that a listing gives to entries; it is not known before somebody looks them up.
const UNKNOWN: INodeNo = INodeNo(0xffff_ffff);

/// The file system.
pub(crate) struct Shares {
    inside: Arc<Inside>,
    runtime: Handle,
}

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shares")
    }
}

impl Shares {
    pub(crate) fn new(people: Mapped, runtime: Handle) -> Self {
        let inside = Inside { people, nodes: Nodes::default(), handles: Handles::default() };
        Self { inside: Arc::new(inside), runtime }
    }

    /// Does a request beside the others.
    fn run<F: Future<Output = ()> + Send + 'static>(&self, work: impl FnOnce(Arc<Inside>) -> F) {
        self.runtime.spawn(work(Arc::clone(&self.inside)));
    }
}

impl Filesystem for Shares {
    /// Opening and emptying come as one: apart, an empty file would be visible before anything of the new one came.
    fn init(&mut self, _request: &Request, config: &mut KernelConfig) -> io::Result<()> {
        config.add_capabilities(InitFlags::FUSE_ATOMIC_O_TRUNC).map_err(|_| io::ErrorKind::Unsupported.into())
    }

    fn lookup(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let (number, path) = (request.uid(), self.inside.nodes.child(parent, name));
        let Some(path) = path else { return reply.error(Errno::ENOENT) };
        self.run(async move |it| match it.entry(number, &path).await {
            Ok(attr) => reply.entry(&TTL, &attr, Generation(0)),
            Err(error) => reply.error(error),
        });
    }

    fn forget(&self, _request: &Request, ino: INodeNo, times: u64) {
        self.inside.nodes.forget(ino, times);
    }

    fn getattr(&self, request: &Request, ino: INodeNo, _handle: Option<FileHandle>, reply: ReplyAttr) {
        let (number, path) = (request.uid(), self.inside.nodes.path(ino));
        let Some(path) = path else { return reply.error(Errno::ESTALE) };
        self.run(async move |it| match it.shown(number, &path).await {
            Ok(shown) => reply.attr(&TTL, &attr(ino, number, shown)),
            Err(error) => reply.error(error),
        });
    }

    fn setattr(
        &self,
        request: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        handle: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let (number, path) = (request.uid(), self.inside.nodes.path(ino));
        let Some(path) = path else { return reply.error(Errno::ESTALE) };
        // Rights are those of the gate, and a file's time is that of its last change: there is nothing to set. "Now" is what
        // a change makes of it anyway.
        let is_set = |time: Option<TimeOrNow>| matches!(time, Some(TimeOrNow::SpecificTime(_)));
        if mode.is_some() || uid.is_some() || gid.is_some() || is_set(atime) || is_set(mtime) {
            return reply.error(Errno::EOPNOTSUPP);
        }
        self.run(async move |it| {
            let changed = match size {
                Some(length) => it.truncate(number, &path, handle, length).await,
                None => Ok(()),
            };
            let shown = match changed {
                Ok(()) => it.shown(number, &path).await,
                Err(error) => Err(error),
            };
            match shown {
                Ok(shown) => reply.attr(&TTL, &attr(ino, number, shown)),
                Err(error) => reply.error(error),
            }
        });
    }

    fn mkdir(&self, request: &Request, parent: INodeNo, name: &OsStr, _mode: u32, _umask: u32, reply: ReplyEntry) {
        let (number, path) = (request.uid(), self.inside.nodes.child(parent, name));
        let Some(path) = path else { return reply.error(Errno::EINVAL) };
        self.run(async move |it| match it.make_folder(number, &path).await {
            Ok(attr) => reply.entry(&TTL, &attr, Generation(0)),
            Err(error) => reply.error(error),
        });
    }

    fn unlink(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let (number, path) = (request.uid(), self.inside.nodes.child(parent, name));
        let Some(path) = path else { return reply.error(Errno::ENOENT) };
        self.run(async move |it| answer(reply, it.remove(number, &path, NodeKind::File).await));
    }

    fn rmdir(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let (number, path) = (request.uid(), self.inside.nodes.child(parent, name));
        let Some(path) = path else { return reply.error(Errno::ENOENT) };
        self.run(async move |it| answer(reply, it.remove(number, &path, NodeKind::Folder).await));
    }

    fn rename(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let number = request.uid();
        let Some(from) = self.inside.nodes.child(parent, name) else { return reply.error(Errno::ENOENT) };
        let Some(to) = self.inside.nodes.child(new_parent, new_name) else { return reply.error(Errno::EINVAL) };
        let replacing = if flags.is_empty() {
            Replacing::Files
        } else if flags == RenameFlags::RENAME_NOREPLACE {
            Replacing::Nothing
        } else {
            return reply.error(Errno::EINVAL);
        };
        self.run(async move |it| answer(reply, it.rename(number, &from, &to, replacing).await));
    }

    fn open(&self, request: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        let (number, path) = (request.uid(), self.inside.nodes.path(ino));
        let Some(path) = path else { return reply.error(Errno::ESTALE) };
        self.run(async move |it| match it.open(number, &path, flags).await {
            // Past the kernel's pages, which everybody would share.
            Ok(handle) => reply.opened(handle, FopenFlags::FOPEN_DIRECT_IO),
            Err(error) => reply.error(error),
        });
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        _mode: u32,
        _umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        let (number, path) = (request.uid(), self.inside.nodes.child(parent, name));
        let Some(path) = path else { return reply.error(Errno::EINVAL) };
        self.run(async move |it| match it.create(number, &path).await {
            Ok((attr, handle)) => reply.created(&TTL, &attr, Generation(0), handle, FopenFlags::FOPEN_DIRECT_IO),
            Err(error) => reply.error(error),
        });
    }

    fn read(
        &self,
        request: &Request,
        _ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let (number, length) = (request.uid(), usize::try_from(size).unwrap_or_default());
        self.run(async move |it| match it.read(number, handle, offset, length).await {
            Ok(octets) => reply.data(&octets),
            Err(error) => reply.error(error),
        });
    }

    fn write(
        &self,
        request: &Request,
        _ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        octets: &[u8],
        _write_flags: WriteFlags,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let (number, octets) = (request.uid(), Bytes::copy_from_slice(octets));
        let size = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        self.run(async move |it| match it.write(number, handle, offset, octets).await {
            Ok(()) => reply.written(size),
            Err(error) => reply.error(error),
        });
    }

    /// Comes at each close of a descriptor, of copies too: a shell copies the one of `>` and closes the first before anything
    /// was written. What nothing was written into is committed at the last close.
    fn flush(&self, request: &Request, _ino: INodeNo, handle: FileHandle, _owner: LockOwner, reply: ReplyEmpty) {
        let number = request.uid();
        self.run(async move |it| {
            let done = if it.is_untouched(handle).await { Ok(()) } else { it.commit(number, handle).await };
            answer(reply, done);
        });
    }

    fn fsync(&self, request: &Request, _ino: INodeNo, handle: FileHandle, _data: bool, reply: ReplyEmpty) {
        let number = request.uid();
        self.run(async move |it| answer(reply, it.commit(number, handle).await));
    }

    fn release(
        &self,
        request: &Request,
        _ino: INodeNo,
        handle: FileHandle,
        _flags: OpenFlags,
        _owner: Option<LockOwner>,
        _flush: bool,
        reply: ReplyEmpty,
    ) {
        let number = request.uid();
        self.run(async move |it| {
            let done = if it.is_untouched(handle).await { it.commit(number, handle).await } else { Ok(()) };
            it.handles.close(handle);
            answer(reply, done);
        });
    }

    fn opendir(&self, request: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        let (number, path) = (request.uid(), self.inside.nodes.path(ino));
        let Some(path) = path else { return reply.error(Errno::ESTALE) };
        self.run(async move |it| match it.list(number, &path).await {
            Ok(handle) => reply.opened(handle, FopenFlags::empty()),
            Err(error) => reply.error(error),
        });
    }

    fn readdir(&self, _request: &Request, ino: INodeNo, handle: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        self.run(async move |it| {
            let Some(open) = it.handles.get(handle) else { return reply.error(Errno::EBADF) };
            let Open::Folder(entries) = &*open.lock().await else { return reply.error(Errno::ENOTDIR) };
            let dots = [(ino, ".", FileType::Directory), (UNKNOWN, "..", FileType::Directory)];
            let kind = |kind| if kind == NodeKind::Folder { FileType::Directory } else { FileType::RegularFile };
            let entries = entries.iter().map(|(name, is)| (UNKNOWN, name.as_str(), kind(*is)));
            let from = usize::try_from(offset).unwrap_or(usize::MAX);
            for (next, (ino, name, kind)) in (1_u64..).zip(dots.into_iter().chain(entries)).skip(from) {
                if reply.add(ino, next, kind, name) {
                    break;
                }
            }
            reply.ok();
        });
    }

    fn releasedir(&self, _request: &Request, _ino: INodeNo, handle: FileHandle, _flags: OpenFlags, reply: ReplyEmpty) {
        self.inside.handles.close(handle);
        reply.ok();
    }

    /// Samba and shells ask before they try; what counts is the trying.
    fn access(&self, request: &Request, ino: INodeNo, mask: AccessFlags, reply: ReplyEmpty) {
        let (number, path) = (request.uid(), self.inside.nodes.path(ino));
        let Some(path) = path else { return reply.error(Errno::ESTALE) };
        self.run(async move |it| match it.shown(number, &path).await {
            Ok(shown) => {
                let writes = mask.contains(AccessFlags::W_OK) && !shown.writable;
                let runs = mask.contains(AccessFlags::X_OK) && shown.kind == NodeKind::File;
                answer(reply, if writes || runs { Err(Errno::EACCES) } else { Ok(()) });
            }
            Err(error) => reply.error(error),
        });
    }

    // What is not there is refused here and not by the crate, which would write names into the log.

    fn mknod(
        &self,
        _request: &Request,
        _parent: INodeNo,
        _name: &OsStr,
        _mode: u32,
        _umask: u32,
        _device: u32,
        reply: ReplyEntry,
    ) {
        reply.error(Errno::EPERM);
    }

    fn symlink(&self, _request: &Request, _parent: INodeNo, _name: &OsStr, _target: &Path, reply: ReplyEntry) {
        reply.error(Errno::EPERM);
    }

    fn link(&self, _request: &Request, _ino: INodeNo, _parent: INodeNo, _name: &OsStr, reply: ReplyEntry) {
        reply.error(Errno::EPERM);
    }

    fn setxattr(
        &self,
        _request: &Request,
        _ino: INodeNo,
        _name: &OsStr,
        _value: &[u8],
        _flags: i32,
        _position: u32,
        reply: ReplyEmpty,
    ) {
        reply.error(Errno::ENOSYS);
    }

    fn getxattr(&self, _request: &Request, _ino: INodeNo, _name: &OsStr, _size: u32, reply: ReplyXattr) {
        reply.error(Errno::ENOSYS);
    }

    fn listxattr(&self, _request: &Request, _ino: INodeNo, _size: u32, reply: ReplyXattr) {
        reply.error(Errno::ENOSYS);
    }

    fn removexattr(&self, _request: &Request, _ino: INodeNo, _name: &OsStr, reply: ReplyEmpty) {
        reply.error(Errno::ENOSYS);
    }

    fn copy_file_range(
        &self,
        _request: &Request,
        _from: INodeNo,
        _from_handle: FileHandle,
        _from_offset: u64,
        _to: INodeNo,
        _to_handle: FileHandle,
        _to_offset: u64,
        _length: u64,
        _flags: CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        reply.error(Errno::ENOSYS);
    }

    fn statfs(&self, request: &Request, ino: INodeNo, reply: ReplyStatfs) {
        let (number, path) = (request.uid(), self.inside.nodes.path(ino));
        let Some(path) = path else { return reply.error(Errno::ESTALE) };
        self.run(async move |it| match it.room(number, &path).await {
            Ok((free, whole)) => reply.statfs(whole, free, free, 0, 0, 4096, 255, 4096),
            Err(error) => reply.error(error),
        });
    }
}

fn answer(reply: ReplyEmpty, done: Done<()>) {
    match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}
