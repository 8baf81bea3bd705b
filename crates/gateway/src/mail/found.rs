//! The messages of files: each is looked through once for its length, flags and name, which a store wants to hear first, and read
//! again when it is put there. Nothing of it is held but its header.

use super::{flags_of, index, message_id};
use passerelle_core::{
    Error,
    ports::{ByteStream, Flag},
};
use passerelle_wire_mbox::{Event, Quoting, Reader, boundary_follows};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Octets read at once.
const PIECE: usize = 64 * 1024;
/// Most of a header that is looked through for the message's name, in octets.
const LARGEST_HEADER: usize = 256 * 1024;
/// How much is read where a length says that a body ends.
const AHEAD: usize = 1024;

/// What an index says of a file: when it was received, and its flags.
pub(super) type Told = (i64, Vec<Flag>);

/// A message that was found.
pub(super) struct Found {
    /// For who reads the report: the file, and where in it.
    pub(super) place: String,
    /// As it goes to a store, with CRLF at its lines' ends, in octets.
    pub(super) size: u64,
    pub(super) flags: Vec<Flag>,
    pub(super) received: Option<i64>,
    pub(super) id: Option<Vec<u8>>,
    /// A store takes none with NUL in it.
    pub(super) has_nul: bool,
    source: Source,
}

#[derive(Clone)]
struct Source {
    file: PathBuf,
    offset: u64,
    quoting: Quoting,
    /// A body whose length proved right.
    trusted: Option<u64>,
    /// The file is one message and no mbox.
    single: bool,
}

/// What has been seen of a message.
#[derive(Default)]
struct Look {
    size: u64,
    header: Vec<u8>,
    in_body: bool,
    has_nul: bool,
}

impl Look {
    fn octets(&mut self, octets: &[u8]) {
        self.size = self.size.saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX));
        self.has_nul |= octets.contains(&0);
        if !self.in_body && self.header.len() < LARGEST_HEADER {
            self.header.extend_from_slice(octets);
        }
    }
}

/// A file that is read piece by piece.
struct Pieces {
    file: File,
    held: Vec<u8>,
    /// How many of them are used up.
    used: usize,
    /// Where the next one stands in the file.
    offset: u64,
    whole: bool,
}

impl Pieces {
    fn open(path: &Path, offset: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file, held: Vec::new(), used: 0, offset, whole: false })
    }

    fn took(&mut self, taken: usize) {
        self.used = self.used.saturating_add(taken).min(self.held.len());
        self.offset = self.offset.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
    }

    fn more(&mut self) -> io::Result<()> {
        self.held.drain(..std::mem::take(&mut self.used));
        let before = self.held.len();
        let most = u64::try_from(PIECE).unwrap_or(u64::MAX);
        (&mut self.file).take(most).read_to_end(&mut self.held)?;
        self.whole = self.held.len() == before;
        Ok(())
    }

    /// The next event of a file, and where the octets that made it begin; `None` at its end.
    fn event(&mut self, reader: &mut Reader) -> io::Result<Option<(Event, u64)>> {
        loop {
            let at = self.offset;
            let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, error);
            let (taken, event) =
                reader.step(self.held.get(self.used..).unwrap_or_default(), self.whole).map_err(wrong)?;
            self.took(taken);
            match event {
                Some(event) => return Ok(Some((event, at))),
                None if taken > 0 => {}
                None if self.whole => return Ok(None),
                None => self.more()?,
            }
        }
    }
}

/// The messages of an mbox, one after the other.
pub(super) struct Mbox {
    path: PathBuf,
    quoting: Quoting,
    reader: Reader,
    pieces: Pieces,
    number: u64,
}

impl Mbox {
    pub(super) fn open(path: &Path, quoting: Quoting) -> io::Result<Self> {
        let (reader, pieces) = (Reader::new(quoting), Pieces::open(path, 0)?);
        Ok(Self { path: path.to_owned(), quoting, reader, pieces, number: 0 })
    }

    /// The next one.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        let (mut look, mut received, mut offset, mut trusted) = (Look::default(), None, 0, None);
        while let Some((event, at)) = self.pieces.event(&mut self.reader)? {
            match event {
                Event::Begins { received: said } => (received, offset) = (said, at),
                Event::Octets(octets) => look.octets(&octets),
                Event::BodyBegins { claimed } => {
                    look.in_body = true;
                    trusted = claimed.filter(|length| self.proves_right(*length).unwrap_or(false));
                    if let Some(length) = trusted {
                        self.reader.trust(length);
                    }
                }
                Event::Ends(marks) => {
                    self.number = self.number.saturating_add(1);
                    let place = format!("{}, message {} at octet {offset}", self.path.display(), self.number);
                    let source =
                        Source { file: self.path.clone(), offset, quoting: self.quoting, trusted, single: false };
                    let Look { size, header, has_nul, .. } = look;
                    let (flags, id) = (flags_of(&marks), message_id(&header));
                    return Ok(Some(Found { place, size, flags, received, id, has_nul, source }));
                }
            }
        }
        Ok(None)
    }

    /// Whether a message ends so many octets further on.
    fn proves_right(&self, length: u64) -> io::Result<bool> {
        let end = self.pieces.offset.saturating_add(length);
        let mut file = File::open(&self.path)?;
        if end > file.metadata()?.len() {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(end))?;
        let mut ahead = Vec::new();
        file.take(u64::try_from(AHEAD).unwrap_or(u64::MAX)).read_to_end(&mut ahead)?;
        Ok(boundary_follows(&ahead, ahead.len() < AHEAD))
    }
}

/// A file that is one message. `told` is what an index says of it.
pub(super) fn single(path: &Path, told: Option<Told>) -> io::Result<Found> {
    let (received, flags) = told.map_or((None, Vec::new()), |(received, flags)| (Some(received), flags));
    let source = Source { file: path.to_owned(), offset: 0, quoting: Quoting::Nothing, trusted: None, single: true };
    let mut look = Look::default();
    let mut content = source.open()?;
    while let Some(octets) = content.next()? {
        look.octets(&octets);
        let end = look.header.windows(4).position(|four| four == b"\r\n\r\n");
        look.in_body = look.in_body || end.is_some();
        look.header.truncate(end.map_or(usize::MAX, |end| end.saturating_add(2)));
    }
    let Look { size, header, has_nul, .. } = look;
    Ok(Found { place: path.display().to_string(), size, flags, received, id: message_id(&header), has_nul, source })
}

/// The messages of a folder's files that are one each, in the order of their names.
pub(super) fn singles(folder: &Path) -> io::Result<Vec<(PathBuf, Option<Told>)>> {
    let mut told = index::read(folder)?;
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|it| it.path())).collect::<Result<_, _>>()?;
    // A link is no file here: it may lead anywhere.
    let is_file = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
    files.retain(|path| is_file(path) && path.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml")));
    files.sort();
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    Ok(files
        .into_iter()
        .map(|path| {
            let told = told.remove(&name(&path));
            (path, told)
        })
        .collect())
}

/// A message that is read again.
struct Content {
    source: Source,
    reader: Reader,
    pieces: Pieces,
    /// The last octet of a file that is one message was CR.
    cr: bool,
    ended: bool,
}

impl Source {
    fn open(&self) -> io::Result<Content> {
        let pieces = Pieces::open(&self.file, self.offset)?;
        Ok(Content { source: self.clone(), reader: Reader::new(self.quoting), pieces, cr: false, ended: false })
    }
}

impl Content {
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        if self.source.single {
            return self.next_of_single();
        }
        let mut out = Vec::new();
        while out.len() < PIECE {
            match self.pieces.event(&mut self.reader)? {
                Some((Event::Octets(octets), _)) => out.extend_from_slice(&octets),
                Some((Event::Begins { .. }, _)) => {}
                Some((Event::BodyBegins { .. }, _)) => {
                    if let Some(length) = self.source.trusted {
                        self.reader.trust(length);
                    }
                }
                Some((Event::Ends(_), _)) | None => {
                    self.ended = true;
                    break;
                }
            }
        }
        Ok((!out.is_empty()).then_some(out))
    }

    fn next_of_single(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.pieces.more()?;
        self.ended = self.pieces.whole;
        let octets = std::mem::take(&mut self.pieces.held);
        let mut out = Vec::with_capacity(octets.len());
        for octet in octets {
            if octet == b'\n' && !self.cr {
                out.push(b'\r');
            }
            self.cr = octet == b'\r';
            out.push(octet);
        }
        Ok((!out.is_empty()).then_some(out))
    }
}

impl Found {
    /// The message itself. Files are read where they are wanted: this program does nothing else meanwhile.
    pub(super) fn octets(&self) -> io::Result<ByteStream> {
        let content = self.source.open()?;
        let read = |mut content: Content| async move {
            match content.next() {
                Ok(octets) => octets.map(|octets| (Ok(octets.into()), content)),
                Err(error) => {
                    content.ended = true;
                    Some((Err(Error::unavailable("the file", "reading a message", error)), content))
                }
            }
        };
        Ok(Box::pin(futures::stream::unfold(content, read)))
    }
}
