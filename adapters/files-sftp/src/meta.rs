//! What the server says of a file, as the port has it.

use passerelle_core::ports::{ETag, FileTime, Node, NodeKind};
use russh_sftp::protocol::FileAttributes;

/// The kind of a file in its mode (`S_IFMT`, POSIX `sys/stat.h`).
const KIND: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;

/// File or folder; `None` for a link, a device, and whatever else is nobody's file.
pub(crate) fn kind(attrs: &FileAttributes) -> Option<NodeKind> {
    match attrs.permissions.map(|mode| mode & KIND) {
        Some(FOLDER) => Some(NodeKind::Folder),
        Some(FILE) => Some(NodeKind::File),
        _ => None,
    }
}

/// The node, unless it is nobody's file.
pub(crate) fn node(name: &str, attrs: &FileAttributes) -> Option<Node> {
    let kind = kind(attrs)?;
    let size = if kind == NodeKind::Folder { 0 } else { attrs.size.unwrap_or_default() };
    let changed = attrs.mtime.unwrap_or_default();
    Some(Node {
        name: name.to_owned(),
        kind,
        size,
        modified: FileTime { seconds: i64::from(changed), nanos: 0 },
        created: None,
        etag: ETag::new(format_args!("{changed:x}-{size:x}")),
    })
}

/// Attributes that change nothing.
pub(crate) fn none() -> FileAttributes {
    FileAttributes {
        size: None,
        uid: None,
        user: None,
        gid: None,
        group: None,
        permissions: None,
        atime: None,
        mtime: None,
    }
}
