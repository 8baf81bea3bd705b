//! Connections to the helper. Each is one owner's, for one tree, and carries one request at a time; what is not in use
//! waits for the next of the same owner.

use crate::{
    packet,
    wire::{Answer, Examined, LONGEST_ANSWER, Request},
};
use passerelle_model::PosixIds;
use rustix::{
    fd::{BorrowedFd, OwnedFd},
    io::{Errno, Result},
    net::{SocketAddrUnix, sockopt},
};
use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Most connections that wait for their next use; the oldest is given up.
const MOST_IDLE: usize = 64;
/// How long one waits. The helper waits longer, so that it is not the one who hangs up.
const IDLE: Duration = Duration::from_secs(10);
/// How long the helper may take to say that it begins: it touches no share for that.
const TO_BEGIN: Duration = Duration::from_secs(5);
/// How long it may take for anything else, which may wait for a file server: as long as a call of our own.
const TO_ANSWER: Duration = Duration::from_secs(600);

/// What the hands say when there is no helper to ask: no file system says that.
pub(crate) const GONE: Errno = Errno::UNATCH;
/// What the hands say when the helper declines: nor that.
pub(crate) const DECLINED: Errno = Errno::KEYREJECTED;

/// Whose calls: everything that a connection is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whose {
    pub(crate) ids: Arc<PosixIds>,
    /// The root of the owner's tree, absolute.
    pub(crate) root: Arc<Path>,
}

/// The connections to one helper.
#[derive(Debug)]
pub(crate) struct Lanes {
    socket: PathBuf,
    /// By the time that they came, the last one at the end.
    idle: Mutex<VecDeque<(Instant, Lane)>>,
}

/// One connection.
#[derive(Debug)]
struct Lane {
    whose: Whose,
    socket: OwnedFd,
}

/// How far a request came.
enum Stopped {
    /// The helper never saw it.
    Unsent,
    /// It may have been done.
    Unanswered,
}

impl Lanes {
    /// To the helper that listens at this path.
    pub(crate) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_path_buf(), idle: Mutex::default() }
    }

    /// Where the helper listens.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Asks for something to be done as somebody. Waits as long as the file server behind it does: for a thread that may.
    ///
    /// # Errors
    /// [`GONE`] when the helper is, [`DECLINED`] when it does no such thing, otherwise what the system said.
    pub(crate) fn call(
        &self,
        whose: &Whose,
        request: &Request,
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<(Answer, Option<OwnedFd>)> {
        let octets = request.encode();
        if let Some(lane) = self.waiting(whose) {
            match lane.exchange(&octets, descriptors) {
                Ok(answered) => return self.done(lane, answered),
                // It was given up at the other end meanwhile.
                Err(Stopped::Unsent) => {}
                Err(Stopped::Unanswered) => return Err(GONE),
            }
        }
        let lane = self.begin(whose)?;
        match lane.exchange(&octets, descriptors) {
            Ok(answered) => self.done(lane, answered),
            Err(Stopped::Unsent | Stopped::Unanswered) => Err(GONE),
        }
    }

    /// What the helper is there for.
    ///
    /// # Errors
    /// What kept us from asking it.
    pub(crate) fn examine(&self) -> std::io::Result<Examined> {
        let socket = self.connect()?;
        let nobody = Whose { ids: Arc::new(PosixIds::new(0, 0)), root: Path::new("/").into() };
        let lane = Lane { whose: nobody, socket };
        match lane.exchange(&Request::Examine.encode(), &[]) {
            Ok((Answer::Examined(examined), None)) => Ok(examined),
            Ok(_) => Err(std::io::Error::other("it speaks another language; is it of another version?")),
            Err(Stopped::Unsent | Stopped::Unanswered) => {
                Err(std::io::Error::other("it hung up; does it run with --serve of this account?"))
            }
        }
    }

    fn done(&self, lane: Lane, answered: (Answer, Option<OwnedFd>)) -> Result<(Answer, Option<OwnedFd>)> {
        if let Answer::Declined(why) = answered.0 {
            tracing::warn!(?why, uid = lane.whose.ids.uid, "the helper declines to act for an owner");
            return Err(DECLINED);
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.len() >= MOST_IDLE {
            idle.pop_front();
        }
        idle.push_back((Instant::now(), lane));
        drop(idle);
        match answered {
            (Answer::Failed(errno), _) => Err(errno),
            answered => Ok(answered),
        }
    }

    /// A connection of this owner that waits and is alive.
    fn waiting(&self, whose: &Whose) -> Option<Lane> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while idle.front().is_some_and(|(since, _)| since.elapsed() >= IDLE) {
            idle.pop_front();
        }
        while let Some(at) = idle.iter().rposition(|(_, lane)| lane.whose == *whose) {
            let (_, lane) = idle.remove(at)?;
            if packet::is_quiet(&lane.socket) {
                return Some(lane);
            }
        }
        None
    }

    fn begin(&self, whose: &Whose) -> Result<Lane> {
        let lost = |error: std::io::Error| {
            tracing::debug!(socket = %self.socket.display(), %error, "the helper cannot be reached");
            GONE
        };
        let lane = Lane { whose: whose.clone(), socket: self.connect().map_err(lost)? };
        let begin = Request::Begin { ids: PosixIds::clone(&whose.ids), root: whose.root.to_path_buf() };
        match lane.exchange(&begin.encode(), &[]) {
            Ok((Answer::Done, None)) => {}
            Ok((Answer::Failed(errno), _)) => {
                // Of the helper's own ids, not of a file.
                tracing::warn!(%errno, uid = whose.ids.uid, "the helper could not become an owner");
                return Err(GONE);
            }
            Ok((Answer::Declined(why), _)) => {
                tracing::warn!(?why, uid = whose.ids.uid, "the helper declines to act for an owner");
                return Err(DECLINED);
            }
            Ok(_) | Err(Stopped::Unsent | Stopped::Unanswered) => return Err(GONE),
        }
        sockopt::set_socket_timeout(&lane.socket, sockopt::Timeout::Recv, Some(TO_ANSWER)).map_err(|_| GONE)?;
        Ok(lane)
    }

    fn connect(&self) -> std::io::Result<OwnedFd> {
        let socket = packet::socket()?;
        for way in [sockopt::Timeout::Send, sockopt::Timeout::Recv] {
            sockopt::set_socket_timeout(&socket, way, Some(TO_BEGIN))?;
        }
        rustix::net::connect(&socket, &SocketAddrUnix::new(&self.socket)?)?;
        Ok(socket)
    }
}

impl Lane {
    fn exchange(
        &self,
        octets: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> std::result::Result<(Answer, Option<OwnedFd>), Stopped> {
        packet::send(&self.socket, octets, descriptors).map_err(|_| Stopped::Unsent)?;
        let mut room = vec![0; LONGEST_ANSWER];
        let (length, opened) = packet::receive(&self.socket, &mut room).ok().flatten().ok_or(Stopped::Unanswered)?;
        let answer = Answer::decode(room.get(..length).unwrap_or_default()).map_err(|_| Stopped::Unanswered)?;
        let mut opened = opened.into_iter();
        match (&answer, opened.next(), opened.next()) {
            (Answer::Opened, Some(one), None) => Ok((answer, Some(one))),
            (Answer::Opened, _, _) | (_, Some(_), _) | (_, None, Some(_)) => Err(Stopped::Unanswered),
            (_, None, None) => Ok((answer, None)),
        }
    }
}
