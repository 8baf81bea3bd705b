//! What the helper answers.

use super::{
    Garbled, LONGEST_PATH, MOST_NAMES, VERSION,
    octets::{Reader, Writer},
    put_time, take_time,
};
use crate::meta::Stat;
use passerelle_core::ports::Space;
use rustix::io::Errno;
use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::PathBuf};

/// Most folders that a helper says it serves.
const MOST_FOLDERS: usize = 4;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is done.
    Done,
    /// It is opened: the one descriptor beside this answer.
    Opened,
    /// What stands under the names, in their order.
    Stats(Vec<Result<Stat, Errno>>),
    /// The room.
    Room(Space),
    /// What the helper is there for.
    Examined(Examined),
    /// The system said no.
    Failed(Errno),
    /// The helper does no such thing.
    Declined(Declined),
}

/// What a helper is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Examined {
    /// The lowest `uidNumber` that it acts for.
    pub(crate) lowest_uid: u32,
    /// Whether it makes missing roots.
    pub(crate) makes_roots: bool,
    /// The folders below which it acts, the first few of them.
    pub(crate) below: Vec<PathBuf>,
}

/// Why a helper does not do what it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declined {
    /// It acts for nobody of these numbers.
    Ids,
    /// The root or the folder is not below any that it serves.
    Place,
    /// The file is not one under way.
    File,
    /// It does not understand.
    Garbled,
}

impl Answer {
    /// The message.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new(&[VERSION, self.op()]);
        match self {
            Self::Done | Self::Opened => {}
            Self::Stats(stats) => {
                out.u16(u16::try_from(stats.len()).unwrap_or(u16::MAX));
                for stat in stats {
                    match stat {
                        Ok(stat) => {
                            out.u8(1);
                            put_stat(&mut out, stat);
                        }
                        Err(errno) => {
                            out.u8(0);
                            put_errno(&mut out, *errno);
                        }
                    }
                }
            }
            Self::Room(Space { available, used }) => {
                out.u64(*available);
                out.u64(*used);
            }
            Self::Examined(Examined { lowest_uid, makes_roots, below }) => {
                out.u32(*lowest_uid);
                out.u8((*makes_roots).into());
                let below = below.get(..MOST_FOLDERS).unwrap_or(below);
                out.u8(u8::try_from(below.len()).unwrap_or(u8::MAX));
                below.iter().for_each(|folder| out.text(folder.as_os_str().as_bytes()));
            }
            Self::Failed(errno) => put_errno(&mut out, *errno),
            Self::Declined(why) => out.u8(match why {
                Declined::Ids => 1,
                Declined::Place => 2,
                Declined::File => 3,
                Declined::Garbled => 4,
            }),
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
        let answer = Self::body(op, &mut from)?;
        from.end()?;
        Ok(answer)
    }

    fn body(op: u8, from: &mut Reader<'_>) -> Result<Self, Garbled> {
        Ok(match op {
            1 => Self::Done,
            2 => Self::Opened,
            3 => {
                let count = usize::from(from.u16()?);
                if count > MOST_NAMES {
                    return Err(Garbled);
                }
                let one = |from: &mut Reader<'_>| {
                    Ok(if from.flag()? { Ok(take_stat(from)?) } else { Err(take_errno(from)?) })
                };
                Self::Stats((0..count).map(|_| one(from)).collect::<Result<_, Garbled>>()?)
            }
            4 => Self::Room(Space { available: from.u64()?, used: from.u64()? }),
            5 => {
                let (lowest_uid, makes_roots, count) = (from.u32()?, from.flag()?, usize::from(from.u8()?));
                if count > MOST_FOLDERS {
                    return Err(Garbled);
                }
                let below = (0..count).map(|_| folder(from)).collect::<Result<_, _>>()?;
                Self::Examined(Examined { lowest_uid, makes_roots, below })
            }
            6 => Self::Failed(take_errno(from)?),
            7 => Self::Declined(match from.u8()? {
                1 => Declined::Ids,
                2 => Declined::Place,
                3 => Declined::File,
                4 => Declined::Garbled,
                _ => return Err(Garbled),
            }),
            _ => return Err(Garbled),
        })
    }

    const fn op(&self) -> u8 {
        match self {
            Self::Done => 1,
            Self::Opened => 2,
            Self::Stats(_) => 3,
            Self::Room(_) => 4,
            Self::Examined(_) => 5,
            Self::Failed(_) => 6,
            Self::Declined(_) => 7,
        }
    }
}

fn folder(from: &mut Reader<'_>) -> Result<PathBuf, Garbled> {
    let octets = from.text()?;
    if octets.len() > LONGEST_PATH { Err(Garbled) } else { Ok(PathBuf::from(OsStr::from_bytes(octets))) }
}

fn put_errno(out: &mut Writer, errno: Errno) {
    out.u16(u16::try_from(errno.raw_os_error()).unwrap_or_default());
}

/// Errors of Linux are 1 to 4095 (errno(3)).
fn take_errno(from: &mut Reader<'_>) -> Result<Errno, Garbled> {
    match from.u16()? {
        number @ 1..4096 => Ok(Errno::from_raw_os_error(number.into())),
        _ => Err(Garbled),
    }
}

fn put_stat(out: &mut Writer, stat: &Stat) {
    let Stat { mode, inode, device, size, modified, changed, made } = stat;
    out.u16(*mode);
    out.u64(*inode);
    out.u64(*device);
    out.u64(*size);
    put_time(out, *modified);
    put_time(out, *changed);
    out.u8(made.is_some().into());
    if let Some(made) = made {
        put_time(out, *made);
    }
}

fn take_stat(from: &mut Reader<'_>) -> Result<Stat, Garbled> {
    let (mode, inode, device, size) = (from.u16()?, from.u64()?, from.u64()?, from.u64()?);
    let (modified, changed) = (take_time(from)?, take_time(from)?);
    let made = if from.flag()? { Some(take_time(from)?) } else { None };
    Ok(Stat { mode, inode, device, size, modified, changed, made })
}
