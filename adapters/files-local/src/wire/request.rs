//! What the gateway asks for.

use super::{
    Garbled, LONGEST_PATH, MOST_NAMES, VERSION,
    octets::{Reader, Writer},
    put_time, take_time,
};
use crate::hands::Taken;
use passerelle_core::ports::FileTime;
use passerelle_model::PosixIds;
use rustix::fs::{Mode, OFlags};
use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// The ways to open that there are; what has any other is not understood.
const WAYS: OFlags = OFlags::RDONLY
    .union(OFlags::WRONLY)
    .union(OFlags::RDWR)
    .union(OFlags::CREATE)
    .union(OFlags::EXCL)
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::PATH)
    .union(OFlags::TMPFILE);
/// The permissions that anything can be made with: nothing that changes who somebody is.
const PERMISSIONS: u32 = 0o777;

/// One request. Unless it says otherwise, one descriptor comes with it: the folder that the names are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Everything that follows on this connection is done as somebody, in the tree at this root. No descriptor.
    Begin { ids: PosixIds, root: PathBuf },
    /// What the helper is there for. No descriptor.
    Examine,
    /// Opens the root, made before if `make`. No descriptor.
    Root { make: bool },
    /// Opens something.
    Open(Opening),
    /// Makes a folder.
    MakeFolder { name: Name, mode: Mode },
    /// Gives a name to a file that has none: two descriptors, the folder and the file.
    Link { name: Name },
    /// Renames: two descriptors, from where and to where.
    Rename { old: Name, new: Name, taken: Taken },
    /// Removes a name of what is no folder.
    Unlink(Name),
    /// Removes an empty folder.
    RemoveFolder(Name),
    /// What stands under names.
    Stat(Vec<Name>),
    /// How much room there is at the descriptor.
    Room,
    /// Says when a file under way was changed: two descriptors, its folder and itself; with its hidden name if it has one.
    Stamp { own: Option<Name>, at: FileTime },
    /// Gives a file under way what belongs to an old one: the same descriptors.
    Keep { own: Option<Name>, old: Name },
}

/// How something is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    /// From the folder on; empty is the folder itself.
    pub(crate) path: PathBuf,
    pub(crate) flags: OFlags,
    pub(crate) mode: Mode,
    /// Not into another file system that is mounted below.
    pub(crate) same_device: bool,
}

/// One part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(Box<[u8]>);

impl Name {
    /// A name, if it is one part and no more.
    pub(crate) fn parse(octets: &[u8]) -> Result<Self, Garbled> {
        let is_one = !octets.is_empty()
            && octets.len() <= 255
            && octets != b"."
            && octets != b".."
            && !octets.iter().any(|octet| matches!(octet, b'/' | 0));
        if is_one { Ok(Self(octets.into())) } else { Err(Garbled) }
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }
}

impl Request {
    /// How many descriptors come with it.
    pub(crate) const fn descriptors(&self) -> usize {
        match self {
            Self::Begin { .. } | Self::Examine | Self::Root { .. } => 0,
            Self::Open(_)
            | Self::MakeFolder { .. }
            | Self::Unlink(_)
            | Self::RemoveFolder(_)
            | Self::Stat(_)
            | Self::Room => 1,
            Self::Link { .. } | Self::Rename { .. } | Self::Stamp { .. } | Self::Keep { .. } => 2,
        }
    }

    /// The message.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new(&[VERSION, self.op()]);
        match self {
            Self::Begin { ids, root } => {
                out.u32(ids.uid);
                out.u32(ids.gid);
                let groups = ids.groups.get(..PosixIds::MOST_GROUPS).unwrap_or(&ids.groups);
                out.u16(u16::try_from(groups.len()).unwrap_or(u16::MAX));
                groups.iter().for_each(|group| out.u32(*group));
                out.text(root.as_os_str().as_bytes());
            }
            Self::Examine | Self::Room => {}
            Self::Root { make } => out.u8((*make).into()),
            Self::Open(Opening { path, flags, mode, same_device }) => {
                out.u32(flags.bits());
                out.u32(mode.bits());
                out.u8((*same_device).into());
                out.text(path.as_os_str().as_bytes());
            }
            Self::MakeFolder { name, mode } => {
                out.u32(mode.bits());
                out.short_text(name.octets());
            }
            Self::Link { name } | Self::Unlink(name) | Self::RemoveFolder(name) => out.short_text(name.octets()),
            Self::Rename { old, new, taken } => {
                out.u8((*taken == Taken::Replace).into());
                out.short_text(old.octets());
                out.short_text(new.octets());
            }
            Self::Stat(names) => {
                out.u16(u16::try_from(names.len()).unwrap_or(u16::MAX));
                names.iter().for_each(|name| out.short_text(name.octets()));
            }
            Self::Stamp { own, at } => {
                put_time(&mut out, *at);
                out.short_text(own.as_ref().map(Name::octets).unwrap_or_default());
            }
            Self::Keep { own, old } => {
                out.short_text(old.octets());
                out.short_text(own.as_ref().map(Name::octets).unwrap_or_default());
            }
        }
        out.done()
    }

    /// Reads a message.
    pub(crate) fn decode(octets: &[u8]) -> Result<Self, Garbled> {
        let mut from = Reader::new(octets);
        if from.u8()? != VERSION {
            return Err(Garbled);
        }
        let op = from.u8()?;
        let request = Self::body(op, &mut from)?;
        from.end()?;
        Ok(request)
    }

    fn body(op: u8, from: &mut Reader<'_>) -> Result<Self, Garbled> {
        Ok(match op {
            1 => {
                let (uid, gid, count) = (from.u32()?, from.u32()?, usize::from(from.u16()?));
                if count > PosixIds::MOST_GROUPS {
                    return Err(Garbled);
                }
                let groups = (0..count).map(|_| from.u32()).collect::<Result<_, _>>()?;
                Self::Begin { ids: PosixIds { uid, gid, groups }, root: path(from)? }
            }
            2 => Self::Examine,
            3 => Self::Root { make: from.flag()? },
            4 => {
                let flags = OFlags::from_bits_retain(from.u32()?);
                let mode = permissions(from)?;
                let same_device = from.flag()?;
                if !WAYS.contains(flags) {
                    return Err(Garbled);
                }
                Self::Open(Opening { path: path(from)?, flags, mode, same_device })
            }
            5 => Self::MakeFolder { mode: permissions(from)?, name: name(from)? },
            6 => Self::Link { name: name(from)? },
            7 => {
                let taken = if from.flag()? { Taken::Replace } else { Taken::Refuse };
                Self::Rename { old: name(from)?, new: name(from)?, taken }
            }
            8 => Self::Unlink(name(from)?),
            9 => Self::RemoveFolder(name(from)?),
            10 => {
                let count = usize::from(from.u16()?);
                if count > MOST_NAMES {
                    return Err(Garbled);
                }
                Self::Stat((0..count).map(|_| name(from)).collect::<Result<_, _>>()?)
            }
            11 => Self::Room,
            12 => Self::Stamp { at: take_time(from)?, own: own(from)? },
            13 => Self::Keep { old: name(from)?, own: own(from)? },
            _ => return Err(Garbled),
        })
    }

    const fn op(&self) -> u8 {
        match self {
            Self::Begin { .. } => 1,
            Self::Examine => 2,
            Self::Root { .. } => 3,
            Self::Open(_) => 4,
            Self::MakeFolder { .. } => 5,
            Self::Link { .. } => 6,
            Self::Rename { .. } => 7,
            Self::Unlink(_) => 8,
            Self::RemoveFolder(_) => 9,
            Self::Stat(_) => 10,
            Self::Room => 11,
            Self::Stamp { .. } => 12,
            Self::Keep { .. } => 13,
        }
    }
}

fn permissions(from: &mut Reader<'_>) -> Result<Mode, Garbled> {
    let bits = from.u32()?;
    if bits & !PERMISSIONS == 0 { Ok(Mode::from_raw_mode(bits)) } else { Err(Garbled) }
}

fn name(from: &mut Reader<'_>) -> Result<Name, Garbled> {
    Name::parse(from.short_text()?)
}

fn own(from: &mut Reader<'_>) -> Result<Option<Name>, Garbled> {
    let octets = from.short_text()?;
    if octets.is_empty() { Ok(None) } else { Name::parse(octets).map(Some) }
}

fn path(from: &mut Reader<'_>) -> Result<PathBuf, Garbled> {
    let octets = from.text()?;
    if octets.len() > LONGEST_PATH || octets.contains(&0) {
        return Err(Garbled);
    }
    Ok(PathBuf::from(OsStr::from_bytes(octets)))
}
