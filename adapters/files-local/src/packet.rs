//! Packets with descriptors, over a socket that keeps them apart (`SOCK_SEQPACKET`).

use crate::wire::MOST_DESCRIPTORS;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    io::{Errno, Result},
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
    },
};
use std::{
    io::{IoSlice, IoSliceMut},
    mem::MaybeUninit,
};

/// Room for the descriptors of one packet.
const BESIDE: usize = rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS));

/// A new socket, not connected.
pub(crate) fn socket() -> Result<OwnedFd> {
    rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
}

/// Sends one packet, whole or not at all.
pub(crate) fn send(socket: impl AsFd, octets: &[u8], descriptors: &[BorrowedFd<'_>]) -> Result<()> {
    let mut room = [const { MaybeUninit::uninit() }; BESIDE];
    let mut beside = SendAncillaryBuffer::new(&mut room);
    if !descriptors.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(Errno::TOOBIG);
    }
    let octets = [IoSlice::new(octets)];
    let sent = || rustix::net::sendmsg(socket.as_fd(), &octets, &mut beside, SendFlags::NOSIGNAL);
    rustix::io::retry_on_intr(sent).map(drop)
}

/// Waits for one packet; `None` when the other side has left. What does not fit, octets or descriptors, is an error
/// (`EMSGSIZE`), and its descriptors are closed.
pub(crate) fn receive(socket: impl AsFd, octets: &mut [u8]) -> Result<Option<(usize, Vec<OwnedFd>)>> {
    let mut room = [const { MaybeUninit::uninit() }; BESIDE];
    let mut beside = RecvAncillaryBuffer::new(&mut room);
    let got = rustix::io::retry_on_intr(|| {
        let mut octets = [IoSliceMut::new(octets)];
        rustix::net::recvmsg(socket.as_fd(), &mut octets, &mut beside, RecvFlags::CMSG_CLOEXEC)
    })?;
    let mut descriptors = Vec::new();
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(some) = message {
            descriptors.extend(some);
        }
    }
    if got.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
        return Err(Errno::MSGSIZE);
    }
    // No message of ours is empty.
    Ok((got.bytes > 0).then_some((got.bytes, descriptors)))
}

/// Whether the other side of a connection that nobody waits for is still there and silent.
pub(crate) fn is_quiet(socket: impl AsFd) -> bool {
    let mut octet = [0];
    let looked = rustix::net::recv(socket, &mut octet, RecvFlags::PEEK | RecvFlags::DONTWAIT);
    matches!(looked, Err(Errno::AGAIN))
}
