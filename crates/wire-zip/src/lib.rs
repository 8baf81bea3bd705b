//! ZIP archives as they are written to a stream, member after member (PKWARE's APPNOTE.TXT 6.3.10), with names in UTF-8 and
//! ZIP64 where a number needs it.
//!
//! Nothing is held but the directory that ends an archive, which is bounded. Contents pass uncompressed, as stored blocks of
//! DEFLATE (RFC 1951 §3.2.4): a reader that sees the archive as a stream finds the end of each, which it would not with
//! method 0, and no time goes into what pictures, films and office documents do not give.
//!
//! Sans-io: octets come out, and the caller sends them.

#[cfg(test)]
mod tests;

use crc32fast::Hasher;
use std::fmt;

/// Most files and folders of an archive.
pub const MOST_MEMBERS: u64 = 50_000;
/// Most octets of the directory that ends it, which is held while it is written.
pub const LARGEST_DIRECTORY: usize = 8 * 1024 * 1024;
/// Longest name of a member with the folders that it is in, in octets (§4.4.10 gives it 16 bits).
pub const LONGEST_NAME: usize = 8 * 1024;
/// Most octets of one block (RFC 1951 §3.2.4).
pub const LARGEST_BLOCK: usize = 65_535;

/// Version 4.5 of the format: ZIP64 (§4.4.3.2).
const VERSION: u16 = 45;
/// Made on Unix, so that the upper half of a member's attributes is its mode (§4.4.2).
const MADE_BY: u16 = (3 << 8) | VERSION;
/// The name is UTF-8 (§4.4.4, bit 11).
const UTF_8: u16 = 1 << 11;
/// Checksum and sizes stand behind the content (§4.4.4, bit 3).
const SIZES_FOLLOW: u16 = 1 << 3;
/// What a field of 32 bits says where the number stands in ZIP64's (§4.5.3).
const ELSEWHERE: u32 = u32::MAX;

/// Why an archive cannot go on. What was written of it is no archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There are more members than one archive takes here, or their names are too long together.
    TooMany,
    /// A name is empty or too long, or leads out of the folder that is unpacked into.
    Name,
    /// A content has not as many octets as was said before.
    Size,
    /// A content was written to, or ended, where none was begun; or one was begun within another.
    Order,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "an archive takes 50,000 members, and 8 MiB of their names",
            Self::Name => "a member's name cannot be",
            Self::Size => "a content is not as long as it was said to be",
            Self::Order => "members of an archive come one after the other",
        })
    }
}

impl std::error::Error for Fault {}

/// An archive that is being written.
#[derive(Debug, Default)]
pub struct Archive {
    /// Octets that came out so far.
    offset: u64,
    members: u64,
    directory: Vec<u8>,
    open: Option<Member>,
}

/// A file whose content is coming.
#[derive(Debug)]
struct Member {
    name: String,
    seconds: i64,
    /// How long it was said to be.
    size: Option<u64>,
    /// Where its header is.
    at: u64,
    seen: u64,
    packed: u64,
    checksum: Hasher,
}

/// What the directory says of a member.
struct Line<'a> {
    name: &'a str,
    is_folder: bool,
    seconds: i64,
    checksum: u32,
    packed: u64,
    size: u64,
    /// Whether its sizes have 64 bits.
    is_long: bool,
    at: u64,
}

impl Archive {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A folder, by its names joined by `/`, and when it was changed, in seconds since 1970: its octets.
    ///
    /// # Errors
    /// As [`Fault`] has them.
    pub fn folder(&mut self, name: &str, seconds: i64) -> Result<Vec<u8>, Fault> {
        self.check(name)?;
        let name = format!("{name}/");
        let mut out = Vec::with_capacity(64);
        header(&mut out, &name, UTF_8, 0, seconds, 0);
        let (checksum, packed, size, at) = (0, 0, 0, self.offset);
        self.note(&Line { name: &name, is_folder: true, seconds, checksum, packed, size, is_long: false, at })?;
        self.passed(out.len());
        Ok(out)
    }

    /// Begins a file: what comes before its content, which has so many octets, or as many as come where that is not known yet.
    ///
    /// # Errors
    /// As [`Fault`] has them.
    pub fn begin(&mut self, name: &str, size: Option<u64>, seconds: i64) -> Result<Vec<u8>, Fault> {
        self.check(name)?;
        let mut out = Vec::with_capacity(64);
        header(&mut out, name, UTF_8 | SIZES_FOLLOW, 8, seconds, size.unwrap_or(u64::MAX));
        self.open = Some(Member {
            name: name.to_owned(),
            seconds,
            size,
            at: self.offset,
            seen: 0,
            packed: 0,
            checksum: Hasher::new(),
        });
        self.passed(out.len());
        Ok(out)
    }

    /// What comes before the next octets of a content, which follow as they are; at most [`LARGEST_BLOCK`] of them.
    ///
    /// # Errors
    /// As [`Fault`] has them.
    pub fn block(&mut self, octets: &[u8]) -> Result<[u8; 5], Fault> {
        let length = u16::try_from(octets.len()).map_err(|_| Fault::Size)?;
        let member = self.open.as_mut().ok_or(Fault::Order)?;
        member.seen = member.seen.saturating_add(u64::from(length));
        if member.size.is_some_and(|size| member.seen > size) {
            return Err(Fault::Size);
        }
        member.checksum.update(octets);
        member.packed = member.packed.saturating_add(u64::from(length)).saturating_add(5);
        self.passed(octets.len().saturating_add(5));
        let ([low, high], [not_low, not_high]) = (length.to_le_bytes(), (!length).to_le_bytes());
        Ok([0, low, high, not_low, not_high])
    }

    /// Ends a file: what comes behind its content.
    ///
    /// # Errors
    /// As [`Fault`] has them.
    pub fn end(&mut self) -> Result<Vec<u8>, Fault> {
        let member = self.open.take().ok_or(Fault::Order)?;
        if member.size.is_some_and(|size| member.seen != size) {
            return Err(Fault::Size);
        }
        // What may become long has room for it.
        let is_long = member.size.is_none_or(is_long);
        // The last block, of nothing.
        let mut out = vec![1, 0, 0, 0xff, 0xff];
        let (packed, checksum) = (member.packed.saturating_add(5), member.checksum.finalize());
        // Blocks of a few octets each can make more of a content than its size foretells.
        if packed >= u64::from(ELSEWHERE) && !is_long {
            return Err(Fault::Size);
        }
        let Member { name, seconds, seen: size, at, .. } = member;
        out.extend(0x0807_4b50_u32.to_le_bytes());
        out.extend(checksum.to_le_bytes());
        if is_long {
            out.extend([packed, size].into_iter().flat_map(u64::to_le_bytes));
        } else {
            out.extend([short(packed), short(size)].into_iter().flat_map(u32::to_le_bytes));
        }
        self.note(&Line { name: &name, is_folder: false, seconds, checksum, packed, size, is_long, at })?;
        self.passed(out.len());
        Ok(out)
    }

    /// Ends the archive: its directory (§4.3.12 to §4.3.16).
    ///
    /// # Errors
    /// `Order` while a content is coming.
    pub fn finish(self) -> Result<Vec<u8>, Fault> {
        if self.open.is_some() {
            return Err(Fault::Order);
        }
        let mut out = self.directory;
        let length = u64::try_from(out.len()).unwrap_or(u64::MAX);
        let end = self.offset.saturating_add(length);
        let count = u16::try_from(self.members).unwrap_or(u16::MAX);
        if count == u16::MAX || self.offset >= u64::from(ELSEWHERE) {
            out.extend(0x0606_4b50_u32.to_le_bytes());
            out.extend(44_u64.to_le_bytes());
            out.extend(MADE_BY.to_le_bytes());
            out.extend(VERSION.to_le_bytes());
            out.extend([0; 8]);
            for number in [self.members, self.members, length, self.offset] {
                out.extend(number.to_le_bytes());
            }
            out.extend(0x0706_4b50_u32.to_le_bytes());
            out.extend(0_u32.to_le_bytes());
            out.extend(end.to_le_bytes());
            out.extend(1_u32.to_le_bytes());
        }
        out.extend(0x0605_4b50_u32.to_le_bytes());
        out.extend([0; 4]);
        out.extend(count.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(short(length).to_le_bytes());
        out.extend(short(self.offset).to_le_bytes());
        out.extend([0; 2]);
        Ok(out)
    }

    fn check(&self, name: &str) -> Result<(), Fault> {
        if self.open.is_some() {
            return Err(Fault::Order);
        }
        if self.members >= MOST_MEMBERS {
            return Err(Fault::TooMany);
        }
        let is_safe = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0', ':']);
        if name.len() > LONGEST_NAME || !name.split('/').all(is_safe) { Err(Fault::Name) } else { Ok(()) }
    }

    fn passed(&mut self, octets: usize) {
        self.offset = self.offset.saturating_add(u64::try_from(octets).unwrap_or(u64::MAX));
    }

    /// A line of the directory (§4.3.12).
    fn note(&mut self, line: &Line<'_>) -> Result<(), Fault> {
        let mut long = Vec::new();
        if line.is_long {
            long.extend(line.size.to_le_bytes());
            long.extend(line.packed.to_le_bytes());
        }
        let is_far = line.at >= u64::from(ELSEWHERE);
        if is_far {
            long.extend(line.at.to_le_bytes());
        }
        let mut extra = changed(line.seconds);
        if !long.is_empty() {
            extra.extend(1_u16.to_le_bytes());
            extra.extend(u16::try_from(long.len()).unwrap_or(u16::MAX).to_le_bytes());
            extra.extend(long);
        }
        let (flags, method) = if line.is_folder { (UTF_8, 0_u16) } else { (UTF_8 | SIZES_FOLLOW, 8) };
        // A folder of mode 755 with the mark of DOS; a file of mode 644 (§4.4.15).
        let attributes: u32 = if line.is_folder { (0o040_755 << 16) | 0x10 } else { 0o100_644 << 16 };
        let out = &mut self.directory;
        out.extend(0x0201_4b50_u32.to_le_bytes());
        for number in [MADE_BY, VERSION, flags, method] {
            out.extend(number.to_le_bytes());
        }
        out.extend(dos_time(line.seconds));
        out.extend(line.checksum.to_le_bytes());
        let sizes = if line.is_long { [ELSEWHERE; 2] } else { [short(line.packed), short(line.size)] };
        out.extend(sizes.into_iter().flat_map(u32::to_le_bytes));
        out.extend(u16::try_from(line.name.len()).map_err(|_| Fault::Name)?.to_le_bytes());
        out.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());
        // No comment, one disk, no word on what the content is.
        out.extend([0; 6]);
        out.extend(attributes.to_le_bytes());
        out.extend(if is_far { ELSEWHERE } else { short(line.at) }.to_le_bytes());
        out.extend(line.name.as_bytes());
        out.extend(extra);
        self.members = self.members.saturating_add(1);
        if self.directory.len() > LARGEST_DIRECTORY { Err(Fault::TooMany) } else { Ok(()) }
    }
}

/// The header before a member (§4.3.7). The sizes of one whose content follows are 0 here, or in ZIP64's field where they are
/// long, so that it is known how long the numbers behind the content are.
fn header(out: &mut Vec<u8>, name: &str, flags: u16, method: u16, seconds: i64, size: u64) {
    let mut extra = changed(seconds);
    if is_long(size) {
        extra.extend([1, 0, 16, 0]);
        extra.extend([0; 16]);
    }
    out.extend(0x0403_4b50_u32.to_le_bytes());
    for number in [VERSION, flags, method] {
        out.extend(number.to_le_bytes());
    }
    out.extend(dos_time(seconds));
    out.extend([0; 4]);
    let sizes = if is_long(size) { ELSEWHERE } else { 0 };
    out.extend([sizes, sizes].into_iter().flat_map(u32::to_le_bytes));
    out.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend(name.as_bytes());
    out.extend(extra);
}

/// Whether a content's numbers need 64 bits: its own size, or what it takes in blocks, which are never smaller than this.
fn is_long(size: u64) -> bool {
    size >= u64::from(ELSEWHERE / 8 * 7)
}

fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

/// When it was changed, in UTC: the field of Info-ZIP (0x5455), where the number has 32 bits.
fn changed(seconds: i64) -> Vec<u8> {
    let Ok(seconds) = i32::try_from(seconds) else { return Vec::new() };
    let mut field = vec![0x55, 0x54, 5, 0, 1];
    field.extend(seconds.to_le_bytes());
    field
}

/// Time and date as DOS has them (§4.4.6), between 1980 and 2107.
fn dos_time(seconds: i64) -> [u8; 4] {
    const FIRST: i64 = 315_532_800;
    const LAST: i64 = 4_354_819_198;
    let seconds = seconds.clamp(FIRST, LAST);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let time = (hour << 11) | (minute << 5) | (second / 2);
    let date = ((year - 1980) << 9) | (month << 5) | day;
    let ([one, two], [three, four]) = (low(time).to_le_bytes(), low(date).to_le_bytes());
    [one, two, three, four]
}

fn low(number: i64) -> u16 {
    u16::try_from(number).unwrap_or_default()
}

/// Year, month and day of a number of days since 1970, after 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let (mut year, mut rest) = (1970, days);
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if rest < length {
            break;
        }
        (year, rest) = (year + 1, rest - length);
    }
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if rest < length {
            break;
        }
        (month, rest) = (month + 1, rest - length);
    }
    (year, month, rest + 1)
}
