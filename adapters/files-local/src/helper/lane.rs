//! One connection, from its first packet to its last.

use super::{
    Service, calls,
    person::become_person,
    place::{No, Tree},
};
use crate::{
    packet,
    wire::{Answer, Declined, Examined, LONGEST_REQUEST, Request},
};
use passerelle_model::PosixIds;
use rustix::{
    fd::{AsFd, OwnedFd},
    io::Errno,
    net::sockopt::{self, Timeout},
};
use std::time::Duration;

/// How long a connection may be silent, or leave an answer lying.
const SILENT: Duration = Duration::from_secs(60);

/// Serves a connection to its end.
pub(super) fn serve(socket: &OwnedFd, service: &Service) {
    let quiet = [Timeout::Recv, Timeout::Send].map(|way| sockopt::set_socket_timeout(socket, way, Some(SILENT)));
    let mut lane = Lane { socket, room: vec![0; LONGEST_REQUEST] };
    if quiet.iter().all(Result::is_ok) {
        // An error is the other side's hanging up.
        let _ = lane.serve(service);
    }
}

struct Lane<'a> {
    socket: &'a OwnedFd,
    room: Vec<u8>,
}

impl Lane<'_> {
    fn serve(&mut self, service: &Service) -> rustix::io::Result<()> {
        let (ids, root) = match self.next()? {
            None => return Ok(()),
            Some((Request::Begin { ids, root }, _)) => (ids, root),
            Some((Request::Examine, _)) => return self.say(&Answer::Examined(examined(service)), None),
            Some(_) => return self.decline(Declined::Garbled),
        };
        let uid = ids.uid;
        let Some(ids) = service.admits(ids) else {
            tracing::warn!(uid, "asked to act for somebody that no call is made for");
            return self.decline(Declined::Ids);
        };
        let Some(tree) = Tree::find(&service.served, &root) else {
            tracing::warn!(uid, "asked to act in a tree that is below no folder that is served");
            return self.decline(Declined::Place);
        };
        if let Err(errno) = become_person(&ids, service.gateway) {
            tracing::error!(uid, %errno, "a thread could not become somebody");
            return self.say(&Answer::Failed(errno), None);
        }
        self.say(&Answer::Done, None)?;
        self.act(&tree, &ids)
    }

    /// From here on the thread is the person.
    fn act(&mut self, tree: &Tree<'_>, ids: &PosixIds) -> rustix::io::Result<()> {
        while let Some((request, descriptors)) = self.next()? {
            match calls::call(tree, ids, request, descriptors) {
                Ok((answer, opened)) => self.say(&answer, opened.as_ref())?,
                Err(No::Failed(errno)) => self.say(&Answer::Failed(errno), None)?,
                Err(No::Declined(why)) => {
                    tracing::warn!(uid = ids.uid, ?why, "a request is declined");
                    return self.decline(why);
                }
            }
        }
        Ok(())
    }

    /// The next request with its descriptors; `None` at the end, and for what is no request, after saying so.
    fn next(&mut self) -> rustix::io::Result<Option<(Request, Vec<OwnedFd>)>> {
        let received = match packet::receive(self.socket, &mut self.room) {
            Ok(None) => return Ok(None),
            Ok(Some((length, descriptors))) => {
                let request = Request::decode(self.room.get(..length).unwrap_or_default()).ok();
                request.filter(|it| it.descriptors() == descriptors.len()).map(|it| (it, descriptors))
            }
            Err(Errno::MSGSIZE) => None,
            Err(other) => return Err(other),
        };
        if received.is_none() {
            tracing::warn!("a packet that is no request");
            self.decline(Declined::Garbled)?;
        }
        Ok(received)
    }

    fn say(&self, answer: &Answer, opened: Option<&OwnedFd>) -> rustix::io::Result<()> {
        let beside: Vec<_> = opened.iter().map(AsFd::as_fd).collect();
        packet::send(self.socket, &answer.encode(), &beside)
    }

    fn decline(&self, why: Declined) -> rustix::io::Result<()> {
        self.say(&Answer::Declined(why), None)
    }
}

fn examined(service: &Service) -> Examined {
    Examined {
        lowest_uid: service.lowest_uid,
        makes_roots: service.served.iter().any(|served| served.roots.is_some()),
        below: service.served.iter().map(|served| served.folder.clone()).collect(),
    }
}
