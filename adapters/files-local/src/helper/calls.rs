//! The calls, made by a thread that is somebody.

use super::place::{No, Tree};
use crate::{
    hands::{Fresh, Hands, Own},
    meta,
    place::{BENEATH, is_own},
    wire::{Answer, Declined, Name, Request},
};
use passerelle_model::PosixIds;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{FileType, ResolveFlags},
};

/// Does what is asked, in this tree. As many descriptors as the request wants are there.
pub(super) fn call(
    tree: &Tree<'_>,
    ids: &PosixIds,
    request: Request,
    descriptors: Vec<OwnedFd>,
) -> Result<(Answer, Option<OwnedFd>), No> {
    let garbled = No::Declined(Declined::Garbled);
    let mut descriptors = descriptors.into_iter();
    let (first, second) = (descriptors.next(), descriptors.next());
    match (first, second) {
        (None, None) => alone(tree, ids, &request),
        (Some(folder), None) => {
            tree.check(folder.as_fd())?;
            inside(folder.as_fd(), request)
        }
        (Some(folder), Some(other)) => {
            tree.check(folder.as_fd())?;
            if matches!(request, Request::Rename { .. }) {
                tree.check(other.as_fd())?;
            }
            between(folder.as_fd(), other.as_fd(), request)
        }
        (None, Some(_)) => Err(garbled),
    }
}

fn alone(tree: &Tree<'_>, ids: &PosixIds, request: &Request) -> Result<(Answer, Option<OwnedFd>), No> {
    match request {
        Request::Root { make: false } => opened(tree.root()?),
        Request::Root { make: true } => opened(tree.root_made(ids)?),
        // A connection is one person's, from its first packet to its last.
        _ => Err(No::Declined(Declined::Garbled)),
    }
}

/// What is done in one folder.
fn inside(folder: BorrowedFd<'_>, request: Request) -> Result<(Answer, Option<OwnedFd>), No> {
    match request {
        Request::Open(opening) => {
            let how = if opening.same_device { BENEATH | ResolveFlags::NO_XDEV } else { BENEATH };
            opened(Own.open(folder, &opening.path, opening.flags, opening.mode, how)?)
        }
        Request::MakeFolder { name, mode } => done(Own.make_folder(folder, name.path(), mode)?),
        Request::Unlink(name) => done(Own.unlink(folder, name.path())?),
        Request::RemoveFolder(name) => done(Own.remove_folder(folder, name.path())?),
        Request::Stat(names) => {
            let names: Vec<_> = names.iter().map(Name::path).collect();
            Ok((Answer::Stats(Own.stat(folder, &names)?), None))
        }
        Request::Room => Ok((Answer::Room(Own.room(folder)?), None)),
        _ => Err(No::Declined(Declined::Garbled)),
    }
}

/// What is done with a folder and something else.
fn between(folder: BorrowedFd<'_>, other: BorrowedFd<'_>, request: Request) -> Result<(Answer, Option<OwnedFd>), No> {
    match request {
        Request::Rename { old, new, taken } => done(Own.rename(folder, text(&old)?, other, text(&new)?, taken)?),
        Request::Link { name } => done(Own.link(fresh(folder, other, None)?, text(&name)?)?),
        Request::Stamp { own, at } => done(Own.stamp(fresh(folder, other, own.as_ref())?, at)?),
        Request::Keep { own, old } => done(Own.keep(fresh(folder, other, own.as_ref())?, text(&old)?)?),
        _ => Err(No::Declined(Declined::Garbled)),
    }
}

/// A file under way, and no other: the person's own, without a name, or the one of its hidden name in this folder. Else a
/// gateway that was taken over could hand in any file that it can open itself, and have its rights changed.
fn fresh<'a>(folder: BorrowedFd<'a>, file: BorrowedFd<'a>, own: Option<&'a Name>) -> Result<Fresh<'a>, No> {
    let other = No::Declined(Declined::File);
    let stat = rustix::fs::fstat(file)?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    if !is_file || stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(other);
    }
    let Some(own) = own else {
        return if stat.st_nlink == 0 { Ok(Fresh { folder, file, name: None }) } else { Err(other) };
    };
    let (named, handed) = (meta::named(folder, own.path())?, meta::opened(file)?);
    let is_it = is_own(own.octets()) && (named.device, named.inode) == (handed.device, handed.inode);
    if is_it { Ok(Fresh { folder, file, name: Some(text(own)?) }) } else { Err(other) }
}

/// Names that are given here are text; others were not made by us.
fn text(name: &Name) -> Result<&str, No> {
    std::str::from_utf8(name.octets()).map_err(|_| No::Declined(Declined::Garbled))
}

fn opened(file: OwnedFd) -> Result<(Answer, Option<OwnedFd>), No> {
    Ok((Answer::Opened, Some(file)))
}

fn done((): ()) -> Result<(Answer, Option<OwnedFd>), No> {
    Ok((Answer::Done, None))
}
