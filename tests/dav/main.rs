//! WebDAV in one process.
