//! What the server says of a file, as the port has it.

use passerelle_core::{
    Error, Result,
    ports::{ETag, FileTime, Node, NodeKind},
};
use smb2::{DirectoryEntry, FileIdentity, FileInfo};

/// Between 1601, where Windows begins to count, and 1970, in seconds (MS-DTYP §2.3.3).
const EPOCH: u64 = 11_644_473_600;
const TICKS: u64 = 10_000_000;

/// A node from what was asked of it alone.
pub(crate) fn node(name: &str, info: &FileInfo, identity: Option<FileIdentity>) -> Result<Node> {
    let index = identity.map(|identity| identity.index_number);
    made(name, info.is_directory, info.size, index, [info.created.0, info.modified.0, info.changed.0])
}

/// A node from a listing.
pub(crate) fn entry(entry: &DirectoryEntry) -> Result<Node> {
    let times = [entry.created.0, entry.modified.0, entry.changed.0];
    made(&entry.name, entry.is_directory, entry.size, entry.index_number, times)
}

fn made(name: &str, folder: bool, size: u64, index: Option<u64>, times: [u64; 3]) -> Result<Node> {
    // Without it two files that were put in one another's place could not be told apart.
    let index = index.ok_or(Error::Unsupported { what: "a file server that does not number its files" })?;
    let [created, modified, changed] = times;
    let size = if folder { 0 } else { size };
    Ok(Node {
        name: name.to_owned(),
        kind: if folder { NodeKind::Folder } else { NodeKind::File },
        size,
        modified: time(modified),
        created: (created != 0).then(|| time(created)),
        etag: ETag::new(format_args!("{index:x}-{size:x}-{modified:x}-{changed:x}")),
    })
}

/// A moment as the server tells it.
pub(crate) fn time(ticks: u64) -> FileTime {
    let seconds = i64::try_from(ticks / TICKS).unwrap_or(i64::MAX);
    let nanos = u32::try_from(ticks % TICKS).unwrap_or(0).saturating_mul(100);
    FileTime { seconds: seconds.saturating_sub(i64::try_from(EPOCH).unwrap_or(0)), nanos }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(time(116_444_736_000_000_000), FileTime { seconds: 0, nanos: 0 });
        assert_eq!(time(116_444_736_012_345_678), FileTime { seconds: 1, nanos: 234_567_800 });
    }
}
