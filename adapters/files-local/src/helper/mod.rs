//! The helper process: a small program that root starts and that makes calls on files as the people they belong to, for
//! one gateway.
//!
//! **Who may ask.** The socket is the gateway's account's own (mode 0600), and the account at the other end is looked at
//! again when it connects (`SO_PEERCRED`); root may ask too, which it could without us.
//!
//! **As whom.** A connection begins by naming a person's numbers and the root of a tree. The thread that serves it becomes
//! that person for good ([`person`]) before it makes its first call; it never is anybody else again. Nobody below
//! `lowest_uid` is served, so neither root nor a system's account.
//!
//! **Where.** Below the folders that root named, and nowhere else, whatever the gateway sends ([`place`]). Names are
//! resolved beneath, through no link. A folder's descriptor that comes from the gateway is followed upwards until one of
//! those folders is met; a file's counts only while it is one under way.
//!
//! **What keeps privileges.** The thread that accepts has the capabilities to change its ids, and to give a socket away,
//! and touches no share. With `create` there is one thread for each folder that can also make a home right in it, and does
//! nothing else ([`roots`]).

mod calls;
mod lane;
mod person;
mod place;
mod roots;

use crate::packet;
use passerelle_core::{Error, Result};
use passerelle_model::PosixIds;
use place::Served;
use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, CWD, FileType, FlockOperation, Gid, Mode, OFlags, Uid},
    io::Errno,
    net::{SocketAddrUnix, SocketFlags, sockopt},
    process::{Resource, Rlimit},
    thread::{CapabilitySet, CapabilitySets},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Most connections, each with a thread of its own: one for each call that is under way, and those that wait for their
/// next.
pub const MOST_CONNECTIONS: usize = 1024;
/// Connections that may wait to be accepted.
const WAITING: i32 = 128;
/// Octets of a thread's stack.
const STACK: usize = 256 * 1024;
/// How long to wait when the system has no descriptors left.
const BREATH: Duration = Duration::from_millis(100);
/// What the helper keeps of root's powers: to become others, and to give a new home away.
const KEPT: CapabilitySet = CapabilitySet::SETUID.union(CapabilitySet::SETGID).union(CapabilitySet::CHOWN);

/// What root says when it starts the helper.
#[derive(Debug, Clone)]
pub struct HandsOptions {
    /// Where it listens.
    pub socket: PathBuf,
    /// The account of the gateway that it serves.
    pub serve: u32,
    /// The folders below which it acts.
    pub below: Vec<PathBuf>,
    /// The lowest `uidNumber` that it acts for.
    pub lowest_uid: u32,
    /// The lowest `gidNumber` that it acts with: further groups below are left out, a person's own is refused.
    pub lowest_gid: u32,
    /// Whether it makes a missing home right below one of the folders.
    pub create: bool,
}

/// A helper that listens.
#[derive(Debug)]
pub struct HandsHelper {
    listening: Listening,
    service: Arc<Service>,
}

#[derive(Debug)]
struct Listening {
    socket: OwnedFd,
    /// Keeps a second helper from this path.
    _alone: OwnedFd,
}

/// What every connection needs to know.
#[derive(Debug)]
struct Service {
    /// The gateway's account.
    gateway: Uid,
    lowest_uid: u32,
    lowest_gid: u32,
    served: Vec<Served>,
    connections: AtomicUsize,
}

impl HandsHelper {
    /// Begins to listen, then gives up every power that is not needed any more. To be called before there is any other
    /// thread: each has powers of its own.
    ///
    /// # Errors
    /// `Invalid` for options that cannot be meant, and for whoever is not root; `Unavailable` when it cannot listen there.
    pub fn open(options: &HandsOptions) -> Result<Self> {
        check(options)?;
        let listening = listen(options).map_err(|errno| {
            let doing = format!("listening at {}", options.socket.display());
            Error::unavailable("hands", doing, std::io::Error::from(errno))
        })?;
        confine().map_err(|errno| Error::internal("giving up powers", std::io::Error::from(errno)))?;
        let served =
            options.below.iter().map(|folder| Served::new(folder.clone(), options.create)).collect::<Result<_>>()?;
        let service = Service {
            gateway: Uid::from_raw(options.serve),
            lowest_uid: options.lowest_uid,
            lowest_gid: options.lowest_gid,
            served,
            connections: AtomicUsize::new(0),
        };
        Ok(Self { listening, service: Arc::new(service) })
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// Why it cannot go on.
    pub fn run(self) -> Result<std::convert::Infallible> {
        loop {
            match rustix::net::accept_with(&self.listening.socket, SocketFlags::CLOEXEC) {
                Ok(socket) => self.admit(socket),
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                Err(errno @ (Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)) => {
                    tracing::warn!(%errno, "no connection can be taken at the moment");
                    std::thread::sleep(BREATH);
                }
                Err(errno) => return Err(Error::unavailable("hands", "accepting", std::io::Error::from(errno))),
            }
        }
    }

    fn admit(&self, socket: OwnedFd) {
        match sockopt::socket_peercred(&socket) {
            Ok(peer) if peer.uid == self.service.gateway || peer.uid.is_root() => {}
            Ok(peer) => return tracing::warn!(uid = peer.uid.as_raw(), "somebody else than the gateway asks"),
            Err(errno) => return tracing::warn!(%errno, "who asks is not known"),
        }
        let service = Arc::clone(&self.service);
        if service.connections.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
            service.connections.fetch_sub(1, Ordering::Relaxed);
            return tracing::warn!("more than {MOST_CONNECTIONS} connections");
        }
        let counted = Counted(service);
        let lane = std::thread::Builder::new().name("hands".to_owned()).stack_size(STACK);
        if let Err(error) = lane.spawn(move || lane::serve(&socket, &counted.0)) {
            tracing::warn!(%error, "no thread for a connection");
        }
    }
}

/// One connection, for as long as it lasts.
struct Counted(Arc<Service>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Service {
    /// As whom to act, if these numbers are somebody's that may be acted for. Groups that may not be are left out.
    fn admits(&self, mut ids: PosixIds) -> Option<PosixIds> {
        // The highest number means "nobody in particular" to the system calls that change ids.
        let is_person = ids.uid >= self.lowest_uid && ids.uid != 0 && ids.uid != u32::MAX;
        let is_group = |gid: u32| gid >= self.lowest_gid && gid != 0 && gid != u32::MAX;
        ids.groups.retain(|gid| is_group(*gid));
        (is_person && is_group(ids.gid)).then_some(ids)
    }
}

fn check(options: &HandsOptions) -> Result<()> {
    if options.serve == 0 {
        return Err(Error::invalid("--serve: the gateway must not be root"));
    }
    if options.lowest_uid == 0 || options.lowest_gid == 0 {
        return Err(Error::invalid("--lowest-uid, --lowest-gid: nobody acts as root"));
    }
    if options.below.is_empty() {
        return Err(Error::invalid("--below: no folder is named"));
    }
    let has = rustix::thread::capabilities(None).map(|sets| sets.effective);
    if !has.is_ok_and(|has| has.contains(KEPT)) {
        return Err(Error::invalid("only root can start this: it needs CAP_SETUID, CAP_SETGID and CAP_CHOWN"));
    }
    Ok(())
}

/// A socket that only the gateway's account can connect to. Until it listens nobody can, so that its rights are there first.
fn listen(options: &HandsOptions) -> rustix::io::Result<Listening> {
    let address = SocketAddrUnix::new(&options.socket)?;
    let alone = alone(&options.socket)?;
    let socket = packet::socket()?;
    rustix::net::bind(&socket, &address)?;
    rustix::fs::chmodat(CWD, &options.socket, Mode::from_raw_mode(0o600), AtFlags::empty())?;
    let (gateway, same) = (Uid::from_raw(options.serve), None::<Gid>);
    rustix::fs::chownat(CWD, &options.socket, Some(gateway), same, AtFlags::SYMLINK_NOFOLLOW)?;
    rustix::net::listen(&socket, WAITING)?;
    Ok(Listening { socket, _alone: alone })
}

/// A lock beside the socket, which ends with the process, and the path free: the socket that an earlier helper left is
/// removed. `EADDRINUSE` while another helper listens there, and for what is no socket.
fn alone(path: &Path) -> rustix::io::Result<OwnedFd> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let lock = rustix::fs::open(beside, flags, Mode::from_raw_mode(0o600))?;
    match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Err(Errno::ADDRINUSE),
        locked => locked?,
    }
    match rustix::fs::lstat(path) {
        Err(Errno::NOENT) => Ok(lock),
        Err(other) => Err(other),
        Ok(old) if FileType::from_raw_mode(old.st_mode) == FileType::Socket => rustix::fs::unlink(path).map(|()| lock),
        Ok(_) => Err(Errno::ADDRINUSE),
    }
}

/// Gives up what is not needed: all other capabilities, whatever a program that is run could gain, and being looked into.
fn confine() -> rustix::io::Result<()> {
    let most = rustix::process::getrlimit(Resource::Nofile).maximum;
    rustix::process::setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most })?;
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    rustix::thread::set_no_new_privs(true)?;
    let sets = CapabilitySets { effective: KEPT, permitted: KEPT, inheritable: CapabilitySet::empty() };
    rustix::thread::set_capabilities(None, sets)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::panic,
    clippy::expect_used,
    reason = "a test may panic and say why"
)]
pub(crate) mod tests;
