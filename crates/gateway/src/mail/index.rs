//! `index.tsv` beside messages that are files of their own: name, seconds since 1970, flags. A message's file has no place for them.

use passerelle_core::ports::Flag;
use std::{collections::HashMap, fs, io, path::Path};

/// Its name.
pub(super) const NAME: &str = "index.tsv";

/// A line of it.
pub(super) fn line(file: &str, received: i64, flags: &[Flag]) -> String {
    let flags: Vec<&str> = flags.iter().map(Flag::as_str).collect();
    format!("{file}\t{received}\t{}\n", flags.join(" "))
}

/// What it says of each file: when it was received, and its flags. Lines that say nothing are passed over.
pub(super) fn read(folder: &Path) -> io::Result<HashMap<String, (i64, Vec<Flag>)>> {
    let text = match fs::read_to_string(folder.join(NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(error),
    };
    let read = |line: &str| {
        let mut cells = line.split('\t');
        let (file, received) = (cells.next()?.to_owned(), cells.next()?.parse().ok()?);
        Some((file, (received, cells.next()?.split(' ').filter_map(Flag::parse).collect())))
    };
    Ok(text.lines().filter_map(read).collect())
}
